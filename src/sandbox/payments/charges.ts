import type Stripe from 'stripe';
import { methodFee } from '../calc/fees.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { outcomeOf, type Decline, type Outcome } from '../outcomes.js';
import { bookTransaction, potFor } from './bookings.js';
import { chargeDetails } from './charge-details.js';
import { followUp } from './disputes.js';
import { blankCharge, failureOf, outcomeShown } from './blank-charge.js';
import { outcomeFor } from './payment-methods.js';
import { follow } from './soon.js';

export type Attempted = { decline: Decline } | { succeeds: true } | { waits: true };
export interface ChargeHow {
  mandate?: string | null;
  authenticated?: boolean;
  /** The customer is not there: such authorizations of Visa cards end sooner. */
  offSession?: boolean;
}

/** One attempt to take the money of an intent: succeeded, authorized only, waiting for a bank, or declined. */
export function charge(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  attempted: Attempted,
  how: ChargeHow = {},
): Stripe.Charge {
  const decline = 'decline' in attempted ? attempted.decline : undefined;
  const manual = intent.capture_method === 'manual';
  const captured = decline === undefined && !manual;
  const blank = blankCharge(context, intent, method);
  const captureBefore = manual && decline === undefined ? endOfAuthorization(context, method, how) : undefined;
  const made = context.store.put('charge', {
    ...blank,
    ...(decline === undefined ? {} : failureOf(decline)),
    amount_captured: captured ? intent.amount : 0,
    captured,
    outcome: outcomeShown(decline, riskOf(context, method)),
    paid: 'succeeds' in attempted,
    payment_method_details: chargeDetails(context, {
      method,
      amount: intent.amount,
      mandate: how.mandate ?? null,
      authenticated: how.authenticated ?? false,
      ...(captureBefore !== undefined && { captureBefore, incremental: canGrow(intent, method) }),
    }),
    receipt_url: 'succeeds' in attempted ? `${context.url}/receipts/${blank.id}` : null,
    status: 'waits' in attempted ? 'pending' : decline === undefined ? 'succeeded' : 'failed',
  });
  if (captureBefore !== undefined) context.schedule.set('intent.capture_expiry', intent.id, captureBefore);
  if (decline !== undefined) context.emit('charge.failed', made);
  else if ('waits' in attempted) context.emit('charge.pending', made);
  else return succeeded(context, made);
  return made;
}

/** The money is there, or held. */
export function succeeded(context: Context, charged: Stripe.Charge): Stripe.Charge {
  const settled = context.store.put('charge', { ...charged, status: 'succeeded' });
  const kept = settled.captured ? withBalance(context, settled, settled.amount) : settled;
  context.emit('charge.succeeded', kept);
  planFollowUp(context, kept);
  return kept;
}

function planFollowUp(context: Context, { id, captured, payment_method, payment_method_details }: Stripe.Charge): void {
  if (payment_method_details?.type !== 'card' || !captured) return;
  const { later } = outcomeOf(find(context, 'method_fact', payment_method ?? '').test_id);
  if (later !== undefined) follow(context, 'charge.follow_up', id);
}

/** A bank gave back what was asked of it. */
export function failed(context: Context, before: Stripe.Charge, code: string, message: string): Stripe.Charge {
  const after = context.store.put('charge', {
    ...before,
    amount_captured: 0,
    captured: false,
    failure_code: code,
    failure_message: message,
    outcome: {
      ...outcomeShown(undefined, undefined),
      network_status: 'declined_by_network',
      reason: code,
      seller_message: message,
      type: 'issuer_declined',
    },
    paid: false,
    receipt_url: null,
    status: 'failed',
  });
  context.emit('charge.failed', after);
  return after;
}

/** What Stripe's test card brings after the payment. */
export function followUpDue(context: Context, id: string): void {
  const paid = context.store.get('charge', id);
  if (paid === undefined) return;
  followUp(context, paid, outcomeOf(find(context, 'method_fact', paid.payment_method ?? '').test_id).later);
}

/** https://docs.stripe.com/payments/incremental-authorization#availability */
const GROWING = new Set(['visa', 'mastercard', 'amex', 'discover', 'unionpay']);

function canGrow({ payment_method_options: options }: Stripe.PaymentIntent, { card }: Stripe.PaymentMethod): boolean {
  return options?.card?.request_incremental_authorization === 'if_available' && GROWING.has(card?.brand ?? '');
}

const HOUR = 3_600;

/** https://docs.stripe.com/payments/place-a-hold-on-a-payment-method#authorization-validity-windows */
function endOfAuthorization(context: Context, method: Stripe.PaymentMethod, { offSession }: ChargeHow): number {
  const visaWithoutCustomer = offSession === true && method.card?.brand === 'visa';
  return context.now + (visaWithoutCustomer ? 4 * 24 + 18 : 7 * 24) * HOUR;
}

function riskOf(context: Context, method: Stripe.PaymentMethod): Outcome['risk'] {
  return method.type === 'card' ? outcomeFor(context, method).risk : undefined;
}

/** Takes what was authorized, or a part of it: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method */
export function captureCharge(context: Context, before: Stripe.Charge, amount: number): Stripe.Charge {
  const refunded = before.amount - amount;
  const captured = context.store.put('charge', {
    ...before,
    amount_captured: amount,
    amount_refunded: refunded,
    captured: true,
  });
  const kept = withBalance(context, captured, amount);
  context.emit('charge.captured', kept, before);
  planFollowUp(context, kept);
  return kept;
}

/** An authorization that is let go is refunded whole. */
export function releaseCharge(context: Context, before: Stripe.Charge, expired = false): Stripe.Charge {
  const released = context.store.put('charge', { ...before, amount_refunded: before.amount, refunded: true });
  if (expired) context.emit('charge.expired', released);
  else context.emit('charge.refunded', released, before);
  return released;
}

function withBalance(context: Context, made: Stripe.Charge, amount: number): Stripe.Charge {
  const type = made.payment_method_details?.type ?? 'card';
  const country = {
    card: made.payment_method_details?.card?.country ?? null,
    account: context.settings.account_country ?? 'US',
  };
  const tested =
    type === 'card' ? outcomeOf(find(context, 'method_fact', made.payment_method ?? '').test_id) : undefined;
  const transaction = bookTransaction(context, {
    amount,
    // "Test ACH transactions settle instantly": https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-your-integration
    available: tested?.available === true || (type === 'us_bank_account' && !context.settings.bank_days),
    currency: made.currency,
    description: made.description,
    fee: methodFee(amount, type, country, made.currency),
    pot: potFor(type),
    reporting_category: 'charge',
    source: made.id,
    type: type === 'card' ? 'charge' : 'payment',
  });
  return context.store.put('charge', { ...made, balance_transaction: transaction.id });
}

export function chargeOf(context: Context, intent: Stripe.PaymentIntent): Stripe.Charge | undefined {
  const id = idOf(intent.latest_charge);
  return id === null ? undefined : find(context, 'charge', id);
}
