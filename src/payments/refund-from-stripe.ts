import type Stripe from 'stripe';
import { defineMirrored } from '../mirror/mirrored-object.js';
import type { Columns } from '../mirror/mirrored-object.js';
import type { Refund } from './refund.entity.js';
import { dateOf, optionalId } from '../mirror/stripe-fields.js';

/** Names in a refund's metadata the reservation that it fulfils. */
export const RESERVATION_KEY = 'good_standing_reservation';

export const refundMirror = defineMirrored<Stripe.Refund, Columns<Refund>>({
  object: 'refund',
  table: 'refunds',
  read,
  // `payment.refunded` tells of the payment too, which this row does not know: `refunded-payments.ts` derives it.
  changes: () => [],
  phase,
  customer: (row) => row.customer,
  retrieve: (stripe, id) => stripe.refunds.retrieve(id),
  list: (stripe, params) => stripe.refunds.list(params),
});

function read(refund: Stripe.Refund): Columns<Refund> {
  return {
    id: refund.id,
    customer: optionalId(refund.customer),
    payment_intent: optionalId(refund.payment_intent),
    charge: optionalId(refund.charge),
    status: refund.status,
    amount: refund.amount,
    currency: refund.currency,
    reason: refund.reason,
    reservation: refund.metadata?.[RESERVATION_KEY] ?? null,
    created: dateOf(refund.created),
  };
}

/** The bank may send back what had succeeded. https://docs.stripe.com/refunds#failed-refunds */
function phase({ status }: Columns<Refund>): number {
  if (status === 'failed' || status === 'canceled') return 2;
  return status === 'succeeded' ? 1 : 0;
}
