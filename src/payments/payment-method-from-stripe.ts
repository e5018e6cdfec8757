import type Stripe from 'stripe';
import { defineMirrored } from '../mirror/mirrored-object.js';
import type { Change, Columns } from '../mirror/mirrored-object.js';
import type { PaymentMethod } from './payment-method.entity.js';
import { dateOf, optionalId } from '../mirror/stripe-fields.js';

type Row = Columns<PaymentMethod>;

export const paymentMethodMirror = defineMirrored<Stripe.PaymentMethod, Row>({
  object: 'payment_method',
  table: 'payment_methods',
  read,
  changes,
  customer: (row) => row.customer,
  retrieve: (stripe, id) => stripe.paymentMethods.retrieve(id),
  // Without a customer Stripe may list none; a sweep asks for those that it misses one by one.
  // https://docs.stripe.com/api/payment_methods/list
  list: (stripe, params) => stripe.paymentMethods.list(params),
});

function read(method: Stripe.PaymentMethod): Row {
  const { card } = method;
  return {
    id: method.id,
    customer: optionalId(method.customer),
    type: method.type,
    card_brand: card?.brand ?? null,
    card_last4: card?.last4 ?? null,
    card_exp_month: card?.exp_month ?? null,
    card_exp_year: card?.exp_year ?? null,
    created: dateOf(method.created),
  };
}

function changes(before: Row | null, after: Row | null): Change[] {
  const [was, is] = [before?.customer ?? null, after?.customer ?? null];
  if (after === null || was === is) return [];
  const data = { payment_method: after.id, type: after.type };
  return [{ type: is === null ? 'payment_method.detached' : 'payment_method.attached', data }];
}
