import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { declineOf, type Decline } from '../outcomes.js';
import { captureCharge, charge, chargeOf, releaseCharge } from './charges.js';
import { attach, errorOf, outcomeFor } from './payment-methods.js';

export interface Attempt {
  outcome: 'succeeded' | 'requires_capture' | 'requires_action' | 'declined';
  intent: Stripe.PaymentIntent;
  decline?: Decline;
  charge: string | null;
}
export interface Confirmation {
  method: Stripe.PaymentMethod;
  /** The customer is not there to authenticate: https://docs.stripe.com/api/payment_intents/confirm#confirm_payment_intent-off_session */
  offSession: boolean;
  returnUrl?: string | undefined;
  /** A renewal that needs authentication waits for it, instead of being declined: https://docs.stripe.com/billing/migration/strong-customer-authentication */
  waitsForAuthentication?: boolean;
}

/** Tries to pay: https://docs.stripe.com/payments/paymentintents/lifecycle */
export function confirm(context: Context, before: Stripe.PaymentIntent, how: Confirmation): Attempt {
  const intent = context.store.put('payment_intent', {
    ...before,
    payment_method: how.method.id,
    next_action: null,
    last_payment_error: null,
  });
  const card = outcomeFor(context, how.method);
  const setUp = find(context, 'method_fact', how.method.id).set_up;
  const authenticate =
    card.authentication === 'always' || (card.authentication === 'unless_set_up' && !(setUp && how.offSession));
  if (authenticate && how.offSession && how.waitsForAuthentication !== true)
    return declined(context, intent, how.method, declineOf('authentication_required'));
  if (authenticate) return askToAuthenticate(context, intent, how.returnUrl ?? null);
  return pay(context, intent, how.method);
}

/** What the cardholder did at the bank's page. */
export function authenticated(context: Context, intent: Stripe.PaymentIntent, succeeded: boolean): Attempt {
  if (intent.status !== 'requires_action') throw unexpectedState('authenticated', intent);
  const method = find(context, 'payment_method', idOf(intent.payment_method) ?? '');
  if (!succeeded) return failedAuthentication(context, intent, method);
  if (intent.setup_future_usage === 'off_session') setUpCard(context, method.id);
  return pay(context, { ...intent, next_action: null }, method);
}

export function capture(context: Context, before: Stripe.PaymentIntent, amount: number): Stripe.PaymentIntent {
  const authorized = chargeOf(context, before);
  if (before.status !== 'requires_capture' || authorized === undefined) throw unexpectedState('captured', before);
  if (amount > before.amount_capturable)
    throw invalid(
      `The PaymentIntent could not be captured because the requested capture amount is greater than the authorized amount.`,
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
  context.emit('payment_intent.succeeded', intent);
  return intent;
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
): Stripe.PaymentIntent {
  if (!CANCELABLE.has(before.status)) throw unexpectedState('canceled', before);
  const authorized = before.status === 'requires_capture' ? chargeOf(context, before) : undefined;
  if (authorized !== undefined) releaseCharge(context, authorized);
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

export function unexpectedState(verb: string, intent: Stripe.PaymentIntent) {
  return invalid(`This PaymentIntent could not be ${verb} because it has a status of ${intent.status}.`, {
    code: 'payment_intent_unexpected_state',
  });
}

function pay(context: Context, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Attempt {
  const reason = outcomeFor(context, method).declines;
  if (reason !== undefined) return declined(context, intent, method, declineOf(reason));
  const made = charge(context, intent, method, undefined);
  const manual = intent.capture_method === 'manual';
  const paid = context.store.put('payment_intent', {
    ...intent,
    amount_capturable: manual ? intent.amount : 0,
    amount_received: manual ? 0 : intent.amount,
    latest_charge: made.id,
    status: manual ? 'requires_capture' : 'succeeded',
  });
  context.emit(manual ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded', paid);
  saveCard(context, paid, method);
  return { outcome: manual ? 'requires_capture' : 'succeeded', intent: paid, charge: made.id };
}

/** `setup_future_usage` saves the card with the customer: https://docs.stripe.com/payments/save-during-payment */
function saveCard(context: Context, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  const customer = idOf(intent.customer);
  if (intent.setup_future_usage !== null && customer !== null && method.customer === null)
    attach(context, method, customer);
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
  const failed = charge(context, intent, method, decline);
  const left = context.store.put('payment_intent', {
    ...intent,
    last_payment_error: { type: 'card_error', ...errorOf(decline), charge: failed.id, payment_method: method },
    latest_charge: failed.id,
    next_action: null,
    // The declined method is not kept: https://docs.stripe.com/payments/paymentintents/lifecycle#intent-statuses
    payment_method: null,
    status: 'requires_payment_method',
  });
  context.emit('payment_intent.payment_failed', left);
  return { outcome: 'declined', intent: left, decline, charge: failed.id };
}

/** No charge is made where the cardholder failed at the bank. */
function failedAuthentication(context: Context, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Attempt {
  const message =
    'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.';
  const left = context.store.put('payment_intent', {
    ...intent,
    last_payment_error: {
      type: 'invalid_request_error',
      code: 'payment_intent_authentication_failure',
      message,
      payment_method: method,
    },
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  context.emit('payment_intent.payment_failed', left);
  const decline = { code: 'payment_intent_authentication_failure', decline_code: 'authentication_required', message };
  return { outcome: 'declined', intent: left, decline, charge: null };
}

function askToAuthenticate(context: Context, intent: Stripe.PaymentIntent, returnUrl: string | null): Attempt {
  const url = `${context.url}/_sandbox/payment_intents/${intent.id}/authenticate`;
  const waiting = context.store.put('payment_intent', {
    ...intent,
    next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } },
    status: 'requires_action',
  });
  context.emit('payment_intent.requires_action', waiting);
  return { outcome: 'requires_action', intent: waiting, charge: null };
}
