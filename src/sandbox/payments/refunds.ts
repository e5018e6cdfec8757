import type Stripe from 'stripe';
import { shownAmount } from '../calc/currencies.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { bookTransaction } from './charges.js';

/** Gives back all or a part of what was captured, never more: https://docs.stripe.com/refunds */
export function refund(
  context: Context,
  charge: Stripe.Charge,
  asked: { amount: number | undefined; reason: Stripe.Refund.Reason | null; metadata: Record<string, string> },
): Stripe.Refund {
  const left = charge.amount_captured - refundedOf(charge);
  refuseMoreThanLeft(charge, asked.amount, left);
  const amount = asked.amount ?? left;
  const transaction = bookRefund(context, charge, amount);
  const made = context.store.put('refund', {
    id: context.ids.next('re', 24),
    object: 'refund',
    amount,
    balance_transaction: transaction.id,
    charge: charge.id,
    created: context.wire,
    currency: charge.currency,
    customer: idOf(charge.customer),
    customer_account: null,
    destination_details: {
      type: 'card',
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
    },
    metadata: asked.metadata,
    payment_intent: idOf(charge.payment_intent),
    payment_method: charge.payment_method,
    reason: asked.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  });
  context.store.put('balance_transaction', { ...transaction, source: made.id });
  const after = context.store.put('charge', {
    ...charge,
    amount_refunded: charge.amount_refunded + amount,
    refunded: amount === left,
  });
  context.emit('refund.created', made);
  context.emit('charge.refunded', after, charge);
  return made;
}

/** What was released at a partial capture counts as refunded, yet was never captured. */
function refundedOf(charge: Stripe.Charge): number {
  return charge.amount_refunded - (charge.amount - charge.amount_captured);
}

function refuseMoreThanLeft(charge: Stripe.Charge, amount: number | undefined, left: number): void {
  if (!charge.paid || !charge.captured)
    throw invalid(
      `This PaymentIntent (${idOf(charge.payment_intent) ?? charge.id}) does not have a successful charge to refund.`,
    );
  if (left === 0) throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  if (amount === undefined || amount <= left) return;
  const [asked, unrefunded] = [shownAmount(amount, charge.currency), shownAmount(left, charge.currency)];
  throw invalid(`Refund amount (${asked}) is greater than unrefunded amount on charge (${unrefunded})`, {
    param: 'amount',
  });
}

/** Stripe's fee of the charge is not given back: https://docs.stripe.com/refunds#understanding-fees-for-refunded-payments */
function bookRefund(context: Context, charge: Stripe.Charge, amount: number): Stripe.BalanceTransaction {
  return bookTransaction(context, {
    amount: -amount,
    currency: charge.currency,
    description: `REFUND FOR CHARGE${charge.description === null ? '' : ` (${charge.description})`}`,
    fee: 0,
    fee_details: [],
    reporting_category: 'refund',
    source: null,
    type: 'refund',
  });
}
