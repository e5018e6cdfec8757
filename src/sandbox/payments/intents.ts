import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { debit } from '../methods/debits.js';
import { kindOf } from '../methods/kinds.js';
import { sendToPage } from '../methods/pages.js';
import { voucher } from '../methods/vouchers.js';
import { idOf } from '../objects.js';
import { declineOf, type Decline, type Outcome } from '../outcomes.js';
import { leave, refusedAttempt, wait, type Attempt, type Confirmation } from './attempt.js';
import { authenticationStep } from './authentication-step.js';
import { isRefusedAsExpired } from './card-expiry.js';
import { captureCharge, charge, chargeOf, releaseCharge } from './charges.js';
import { refused, unexpectedState } from './intent-refusals.js';
import { errorOf, outcomeFor, saveMethod } from './payment-methods.js';
import { unfollow } from './soon.js';

export type { Attempt, Confirmation } from './attempt.js';

/** Tries to pay: https://docs.stripe.com/payments/paymentintents/lifecycle */
export function confirm(context: Context, before: Stripe.PaymentIntent, how: Confirmation): Attempt {
  const { type } = how.method;
  const intent = context.store.put('payment_intent', {
    ...before,
    payment_method: how.method.id,
    // An invoice is paid by whatever its customer pays with.
    payment_method_types: before.payment_method_types.includes(type)
      ? before.payment_method_types
      : [...before.payment_method_types, type],
    next_action: null,
    last_payment_error: null,
  });
  switch (kindOf(type).flow) {
    case 'debit':
      return debit(context, intent, how);
    case 'voucher':
      return voucher(context, intent, how.method);
    case 'page':
      return sendToPage(context, intent, how);
    case 'card':
    default:
      return confirmCard(context, intent, how);
  }
}

function confirmCard(context: Context, intent: Stripe.PaymentIntent, how: Confirmation): Attempt {
  const card = outcomeFor(context, how.method);
  const setUp = find(context, 'method_fact', how.method.id).set_up;
  const authenticate =
    card.authentication === 'always' ||
    (card.authentication === 'unless_set_up' && !(setUp && how.offSession)) ||
    (asksFor3ds(intent) && card.threeDSecure === 'challenge' && !how.offSession);
  if (authenticate && how.offSession && how.waitsForAuthentication !== true)
    return declined(context, intent, how.method, declineOf('authentication_required'));
  if (authenticate) return askToAuthenticate(context, intent, how.returnUrl ?? null);
  return pay(context, intent, how.method, { offSession: how.offSession });
}

/** https://docs.stripe.com/payments/3d-secure/authentication-flow#manual-three-ds */
function asksFor3ds({ payment_method_options }: Stripe.PaymentIntent): boolean {
  const asked = payment_method_options?.card?.request_three_d_secure;
  return asked === 'any' || asked === 'challenge';
}

/** What the cardholder did at the bank's page. */
export function authenticated(context: Context, intent: Stripe.PaymentIntent, succeeded: boolean): Attempt {
  if (intent.status !== 'requires_action') throw unexpectedState('authenticated', intent);
  const method = find(context, 'payment_method', idOf(intent.payment_method) ?? '');
  if (!['card', 'page'].includes(kindOf(method.type).flow)) throw unexpectedState('authenticated', intent);
  if (!succeeded) return failedAuthentication(context, intent, method);
  if (intent.setup_future_usage === 'off_session') setUpCard(context, method.id);
  return pay(context, { ...intent, next_action: null }, method, { authenticated: true });
}

export function capture(context: Context, before: Stripe.PaymentIntent, amount: number): Stripe.PaymentIntent {
  const authorized = chargeOf(context, before);
  if (before.status !== 'requires_capture' || authorized === undefined) throw unexpectedState('captured', before);
  if (amount > before.amount_capturable)
    throw refused(
      before,
      'The PaymentIntent could not be captured because the requested capture amount is greater than the authorized amount.',
      { code: 'amount_too_large', param: 'amount_to_capture' },
    );
  const captured = captureCharge(context, authorized, amount);
  const intent = context.store.put('payment_intent', {
    ...before,
    amount_capturable: 0,
    amount_received: amount,
    latest_charge: captured.id,
    status: 'succeeded',
  });
  context.schedule.clear('intent.capture_expiry', intent.id);
  context.emit('payment_intent.succeeded', intent);
  return intent;
}

/** An authorization that is not captured in time is let go: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method */
export function expireAuthorization(context: Context, id: string): void {
  const intent = context.store.get('payment_intent', id);
  if (intent?.status === 'requires_capture') cancelIntent(context, intent, 'automatic', true);
}

const CANCELABLE = new Set<string>([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'requires_capture',
  'processing',
]);

/** https://docs.stripe.com/api/payment_intents/cancel */
export function cancelIntent(
  context: Context,
  before: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | null,
  expired = false,
): Stripe.PaymentIntent {
  if (!CANCELABLE.has(before.status)) throw unexpectedState('canceled', before);
  const authorized = before.status === 'requires_capture' ? chargeOf(context, before) : undefined;
  if (authorized !== undefined) releaseCharge(context, authorized, expired);
  for (const kind of ['intent.capture_expiry', 'intent.debit', 'voucher.paid', 'voucher.expires'])
    unfollow(context, kind, before.id);
  const intent = context.store.put('payment_intent', {
    ...before,
    amount_capturable: 0,
    canceled_at: context.wire,
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  });
  context.emit('payment_intent.canceled', intent);
  return intent;
}

function pay(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  how: { offSession?: boolean; authenticated?: boolean },
): Attempt {
  const { declines }: Pick<Outcome, 'declines'> = isRefusedAsExpired(context, method)
    ? { declines: 'expired_card' }
    : method.type === 'card'
      ? outcomeFor(context, method)
      : {};
  if (declines !== undefined) return declined(context, intent, method, declineOf(declines));
  const made = charge(context, intent, method, { succeeds: true }, how);
  const manual = intent.capture_method === 'manual';
  const paid = context.store.put('payment_intent', {
    ...intent,
    amount_capturable: manual ? intent.amount : 0,
    amount_received: manual ? 0 : intent.amount,
    latest_charge: made.id,
    status: manual ? 'requires_capture' : 'succeeded',
  });
  context.emit(manual ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded', paid);
  saveMethod(context, paid, method);
  return { outcome: manual ? 'requires_capture' : 'succeeded', intent: paid, charge: made.id };
}

function setUpCard(context: Context, method: string): void {
  context.store.put('method_fact', { ...find(context, 'method_fact', method), set_up: true });
}

function declined(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  decline: Decline,
): Attempt {
  const { id } = charge(context, intent, method, { decline });
  const left = leave(context, intent, { type: 'card_error', ...errorOf(decline), payment_method: method }, id);
  return { outcome: 'declined', intent: left, decline, charge: id };
}

/** No charge is made where the customer failed, or did not approve, at the bank. */
function failedAuthentication(context: Context, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Attempt {
  const message =
    method.type === 'card'
      ? 'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.'
      : 'The customer did not approve the PaymentIntent. Provide a new payment method to attempt to fulfill this PaymentIntent again.';
  return refusedAttempt(context, intent, method, { code: 'payment_intent_authentication_failure', message }, null);
}

function askToAuthenticate(context: Context, intent: Stripe.PaymentIntent, returnUrl: string | null): Attempt {
  const url = `${context.url}/_sandbox/payment_intents/${intent.id}/authenticate`;
  return wait(context, intent, authenticationStep(url, returnUrl));
}
