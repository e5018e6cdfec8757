import type Stripe from 'stripe';
import { shownAmount } from '../calc/currencies.js';
import { businessDaysLater } from '../calc/business-days.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { kindOf } from '../methods/kinds.js';
import { idOf } from '../objects.js';
import { outcomeOf } from '../outcomes.js';
import { bookTransaction, potFor } from './bookings.js';
import { settleWarnings } from './disputes.js';
import { follow, LATER } from './soon.js';

export interface RefundAsked {
  amount: number | undefined;
  reason: Stripe.Refund.Reason | null;
  metadata: Record<string, string>;
  instructions_email?: string | undefined;
}
type Fate = 'succeeded' | 'pending' | 'fails' | 'requires_action';

/** Gives back all or a part of what was captured, never more: https://docs.stripe.com/refunds */
export function refund(context: Context, charge: Stripe.Charge, asked: RefundAsked): Stripe.Refund {
  const left = charge.amount_captured - refundedOf(charge);
  refuseRefund(context, charge, asked.amount, left);
  const amount = asked.amount ?? left;
  const fate = fateOf(context, charge, asked.instructions_email);
  const type = charge.payment_method_details?.type ?? 'card';
  const id = context.ids.next(type === 'card' ? 're' : 'pyr', 24);
  const transaction = bookRefund(context, charge, id, -amount, 'refund');
  const made = context.store.put('refund', {
    id,
    object: 'refund',
    amount,
    balance_transaction: transaction.id,
    charge: charge.id,
    created: context.wire,
    currency: charge.currency,
    customer: idOf(charge.customer),
    customer_account: null,
    destination_details: destination(type),
    metadata: asked.metadata,
    payment_intent: idOf(charge.payment_intent),
    payment_method: charge.payment_method,
    reason: asked.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: fate === 'fails' ? 'succeeded' : fate,
    transfer_reversal: null,
    ...(fate === 'pending' && { pending_reason: 'processing' }),
    ...(fate === 'requires_action' && { instructions_email: asked.instructions_email ?? '' }),
  });
  plan(context, made, type, fate);
  const refunded = charge.amount_refunded + amount;
  const after = context.store.put('charge', {
    ...charge,
    amount_refunded: refunded,
    refunded: amount === left,
  });
  context.emit('refund.created', made);
  context.emit('charge.refunded', after, charge);
  settleWarnings(context, charge.id);
  return made;
}

/** What was pending has gone through. */
export function refundSucceeds(context: Context, id: string): void {
  const before = context.store.get('refund', id);
  if (before?.status !== 'pending') return;
  const { pending_reason: _over, ...rest } = before;
  tell(context, context.store.put('refund', { ...rest, status: 'succeeded' }), before);
}

/** The bank did not take it; the money is back in the balance: https://docs.stripe.com/refunds#failed-refunds */
export function refundFails(context: Context, id: string): void {
  const before = context.store.get('refund', id);
  if (before === undefined || before.status === 'failed' || before.status === 'canceled') return;
  const failed = undo(context, { ...before, failure_reason: 'expired_or_canceled_card', status: 'failed' });
  context.emit('refund.failed', failed);
  tell(context, failed, before);
}

/**
 * Only while the customer still has to say where to: https://docs.stripe.com/api/refunds/cancel. What expires because
 * nobody did is canceled by Stripe: https://docs.stripe.com/payments/customer-balance/refunding
 */
export function cancelRefund(context: Context, before: Stripe.Refund, verb: 'cancel' | 'expire'): Stripe.Refund {
  if (before.status !== 'requires_action')
    throw invalid(`You can only ${verb} refunds that have a status of requires_action; this one is ${before.status}.`);
  const canceled = undo(context, { ...before, status: 'canceled' });
  tell(context, canceled, before);
  return canceled;
}

/** What was released at a partial capture counts as refunded, yet was never captured. */
function refundedOf(charge: Stripe.Charge): number {
  return charge.amount_refunded - (charge.amount - charge.amount_captured);
}

function refuseRefund(context: Context, charge: Stripe.Charge, amount: number | undefined, left: number): void {
  if (!charge.paid || !charge.captured)
    throw invalid(
      `This PaymentIntent (${idOf(charge.payment_intent) ?? charge.id}) does not have a successful charge to refund.`,
    );
  // Only an inquiry can still be refunded: https://docs.stripe.com/disputes/how-disputes-work#inquiries
  const held = context.store
    .by('dispute', 'charge', charge.id)
    .some((one) => !one.is_charge_refundable && one.status !== 'won');
  if (held)
    throw invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' });
  if (left === 0) throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  if (kindOf(charge.payment_method_details?.type ?? 'card').refunds === 'none')
    throw invalid(`Payments by ${charge.payment_method_details?.type} cannot be refunded.`, {
      code: 'charge_not_refundable',
    });
  if (amount === undefined || amount <= left) return;
  const [asked, unrefunded] = [shownAmount(amount, charge.currency), shownAmount(left, charge.currency)];
  throw invalid(`Refund amount (${asked}) is greater than unrefunded amount on charge (${unrefunded})`, {
    param: 'amount',
  });
}

function fateOf(context: Context, charge: Stripe.Charge, email: string | undefined): Fate {
  const type = charge.payment_method_details?.type ?? 'card';
  const { refunds } = kindOf(type);
  if (type === 'card') {
    const asked = outcomeOf(find(context, 'method_fact', charge.payment_method ?? '').test_id).refunds;
    return asked ?? 'succeeded';
  }
  if (refunds === 'by_email' && email === undefined && charge.billing_details.email === null)
    throw invalid('Missing required param: instructions_email.', {
      code: 'parameter_missing',
      param: 'instructions_email',
    });
  if (refunds === 'by_email') return 'requires_action';
  return refunds === 'pending' ? 'pending' : 'succeeded';
}

/** Test refunds change "some time later": https://docs.stripe.com/testing#refunds; those to a bank take up to ten days. */
function plan(context: Context, made: Stripe.Refund, type: string, fate: Fate): void {
  if (fate === 'fails') follow(context, 'refund.fails', made.id, LATER);
  if (fate !== 'pending') return;
  const days = type === 'card' || !context.settings.bank_days ? 0 : 5;
  follow(context, 'refund.succeeds', made.id, days === 0 ? LATER : businessDaysLater(context.now, days) - context.now);
}

function undo(context: Context, refunded: Stripe.Refund): Stripe.Refund {
  const before = find(context, 'charge', idOf(refunded.charge) ?? '');
  const transaction = bookRefund(context, before, refunded.id, refunded.amount, 'refund_failure');
  context.store.put('charge', {
    ...before,
    amount_refunded: before.amount_refunded - refunded.amount,
    refunded: false,
  });
  return context.store.put('refund', { ...refunded, failure_balance_transaction: transaction.id });
}

/** Both names are sent: https://docs.stripe.com/api/events/types#event_types-charge.refund.updated */
function tell(context: Context, after: Stripe.Refund, before: Stripe.Refund): void {
  context.emit('refund.updated', after, before);
  context.emit('charge.refund.updated', after, before);
}

/** Stripe's fee of the charge is not given back: https://docs.stripe.com/refunds#understanding-fees-for-refunded-payments */
function bookRefund(
  context: Context,
  charge: Stripe.Charge,
  source: string,
  amount: number,
  category: 'refund' | 'refund_failure',
): Stripe.BalanceTransaction {
  const type = charge.payment_method_details?.type ?? 'card';
  const words = category === 'refund' ? 'REFUND FOR' : 'REFUND FAILURE FOR';
  return bookTransaction(context, {
    amount,
    // Refunds are taken from what is available: https://docs.stripe.com/refunds
    available: true,
    currency: charge.currency,
    description: `${words} ${type === 'card' ? 'CHARGE' : 'PAYMENT'}${charge.description === null ? '' : ` (${charge.description})`}`,
    fee: 0,
    pot: potFor(type),
    reporting_category: category,
    source,
    type: type === 'card' ? category : category === 'refund' ? 'payment_refund' : 'payment_failure_refund',
  });
}

function destination(type: string): Stripe.Refund.DestinationDetails {
  if (type === 'card')
    return {
      type: 'card',
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
    };
  return { type: BANK_TRANSFERS.get(type) ?? type };
}

/** Money that goes back to a bank account goes there as a transfer: https://docs.stripe.com/api/refunds/object */
const BANK_TRANSFERS = new Map(
  Object.entries({
    au_becs_debit: 'au_bank_transfer',
    bacs_debit: 'gb_bank_transfer',
    boleto: 'br_bank_transfer',
    konbini: 'jp_bank_transfer',
    sepa_debit: 'eu_bank_transfer',
    us_bank_account: 'us_bank_transfer',
  }),
);
