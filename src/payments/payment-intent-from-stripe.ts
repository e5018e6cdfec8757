import type Stripe from 'stripe';
import type { DomainEventData } from '../events/domain-events.js';
import { defineMirrored } from '../mirror/mirrored-object.js';
import type { Change, Columns } from '../mirror/mirrored-object.js';
import { adviceFor } from '../stripe/declines.js';
import type { Payment } from './payment.entity.js';
import { dateOf, optionalId } from '../mirror/stripe-fields.js';

type Row = Columns<Payment>;

/** Marks in a payment intent's metadata that `POST /v1/payments` made it: it is no payment of an invoice. */
export const ONE_OFF_MARK = 'good_standing_one_off';

export const paymentIntentMirror = defineMirrored<Stripe.PaymentIntent, Row>({
  object: 'payment_intent',
  table: 'payment_intents',
  read,
  changes,
  facts,
  // https://docs.stripe.com/payments/paymentintents/lifecycle: these two are final.
  phase: (row) => (row.status === 'succeeded' || row.status === 'canceled' ? 1 : 0),
  customer: (row) => row.customer,
  retrieve: (stripe, id) => stripe.paymentIntents.retrieve(id),
  list: (stripe, params) => stripe.paymentIntents.list(params),
});

/** What the payment's events say of it. `amount` is what was received once it has succeeded: less after a partial capture. */
export function paymentData(row: Row): DomainEventData<'payment.succeeded'> {
  const { id, status, order_id, one_off, amount, amount_received, currency } = row;
  return {
    payment: id,
    status,
    order_id,
    one_off,
    amount: status === 'succeeded' ? amount_received : amount,
    currency,
  };
}

function read(intent: Stripe.PaymentIntent): Row {
  return {
    id: intent.id,
    customer: optionalId(intent.customer),
    status: intent.status,
    amount: intent.amount,
    amount_received: intent.amount_received,
    currency: intent.currency,
    payment_method: optionalId(intent.payment_method),
    latest_charge: optionalId(intent.latest_charge),
    order_id: intent.metadata['order_id'] ?? null,
    one_off: intent.metadata[ONE_OFF_MARK] === 'true',
    created: dateOf(intent.created),
  };
}

/** A failed attempt is no state: the payment is back where it was before. It is told as a fact. */
function changes(before: Row | null, after: Row | null): Change[] {
  if (after === null || before?.status === after.status) return [];
  const data = paymentData(after);
  if (after.status === 'succeeded') return [{ type: 'payment.succeeded', data, key: `payment.succeeded:${after.id}` }];
  if (after.status === 'canceled') return [{ type: 'payment.canceled', data, key: `payment.canceled:${after.id}` }];
  return after.status === 'requires_action' ? [{ type: 'payment.requires_action', data }] : [];
}

function facts(type: string, intent: Stripe.PaymentIntent): Change[] {
  if (type !== 'payment_intent.payment_failed') return [];
  const error = intent.last_payment_error;
  const { decline_code } = adviceFor(error?.code ?? null, error?.decline_code ?? null);
  return [
    {
      type: 'payment.failed',
      data: { ...paymentData(read(intent)), failure_code: error?.code ?? null, decline_code },
      key: `payment.failed:${intent.id}:${attemptOf(error)}`,
    },
  ];
}

/** Each attempt makes a charge, except where the customer failed to authenticate: there the method stands for it. */
function attemptOf(error: Stripe.PaymentIntent.LastPaymentError | null): string {
  return error?.charge ?? error?.payment_method?.id ?? 'unknown';
}
