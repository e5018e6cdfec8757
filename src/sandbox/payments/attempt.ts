import type Stripe from 'stripe';
import type { Context } from '../context.js';
import type { Decline } from '../outcomes.js';
import type { MandateData } from '../methods/mandates.js';

export interface Attempt {
  outcome: 'succeeded' | 'requires_capture' | 'requires_action' | 'processing' | 'declined';
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
  mandateData?: MandateData | undefined;
}

/** The method that failed is not kept: https://docs.stripe.com/payments/paymentintents/lifecycle#intent-statuses */
export function leave(
  context: Context,
  intent: Stripe.PaymentIntent,
  error: Stripe.PaymentIntent.LastPaymentError,
  charge: string | null,
): Stripe.PaymentIntent {
  const left = context.store.put('payment_intent', {
    ...intent,
    last_payment_error: { ...error, ...(charge !== null && { charge }) },
    ...(charge !== null && { latest_charge: charge }),
    next_action: null,
    payment_method: null,
    processing: null,
    status: 'requires_payment_method',
  });
  context.emit('payment_intent.payment_failed', left);
  return left;
}

/** Something other than a card was refused, now or days later. */
export function refusedAttempt(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  error: { code: string; message: string },
  charge: string | null,
): Attempt {
  const left = leave(context, intent, { ...error, type: 'invalid_request_error', payment_method: method }, charge);
  return { outcome: 'declined', intent: left, decline: { ...error, decline_code: error.code }, charge };
}

export function wait(
  context: Context,
  intent: Stripe.PaymentIntent,
  next_action: Stripe.PaymentIntent.NextAction,
): Attempt {
  const waiting = context.store.put('payment_intent', { ...intent, next_action, status: 'requires_action' });
  context.emit('payment_intent.requires_action', waiting);
  return { outcome: 'requires_action', intent: waiting, charge: null };
}
