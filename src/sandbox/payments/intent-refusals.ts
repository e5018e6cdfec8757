import type Stripe from 'stripe';
import { StripeError } from '../errors.js';
import { kindOf } from '../methods/kinds.js';

const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
/** What can be said of an intent for good; the documentation is silent, and the payment itself hangs on none of it. */
const ALWAYS = new Set(['description', 'metadata', 'receipt_email', 'shipping']);

/** What was refused is shown with the refusal: https://docs.stripe.com/api/errors#errors-payment_intent */
export function refused(
  intent: Stripe.PaymentIntent,
  message: string,
  more: { code?: string; param?: string } = {},
): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', message, ...more, payment_intent: intent });
}

/** https://docs.stripe.com/error-codes#payment-intent-unexpected-state */
export function unexpectedState(
  verb: 'authenticated' | 'incremented' | 'canceled' | 'captured' | 'confirmed',
  intent: Stripe.PaymentIntent,
): StripeError {
  return refused(intent, stateMessage(verb, intent.status), { code: 'payment_intent_unexpected_state' });
}

/** Once it is paid, held or given up, hardly anything of an intent can be changed: https://docs.stripe.com/api/payment_intents/update */
export function refuseChange(intent: Stripe.PaymentIntent, params: object): void {
  const field = Object.keys(params).find((name) => !ALWAYS.has(name));
  if (field === undefined || OPEN.includes(intent.status)) return;
  throw refused(
    intent,
    `This PaymentIntent's ${field} could not be updated because it has a status of ${intent.status}. You may only update the ${field} of a PaymentIntent with one of the following statuses: ${OPEN.join(', ')}.`,
    { code: 'payment_intent_unexpected_state', param: field },
  );
}

/**
 * A confirmation says where to return to as soon as what the account offers might redirect, whatever the method at hand
 * does: https://docs.stripe.com/api/payment_intents/create#create_payment_intent-automatic_payment_methods-allow_redirects,
 * as users met it: https://github.com/opencollective/opencollective-frontend/pull/12346. A list of one's own says itself
 * whether it may redirect. Undefined: nothing is missing.
 */
export function redirectMessage(kind: 'PaymentIntent' | 'SetupIntent', intent: Redirecting): string | undefined {
  const { automatic_payment_methods: chosen, allowed_payment_method_types: allowed } = intent;
  if (chosen === null || chosen.allow_redirects === 'never') return undefined;
  if (allowed !== null && !allowed.some((type) => kindOf(type).flow === 'page')) return undefined;
  return `This ${kind} is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a \`return_url\`. If you don't want to accept redirect-based payment methods, set \`automatic_payment_methods[enabled]\` to \`true\` and \`automatic_payment_methods[allow_redirects]\` to \`never\` when creating Setup Intents and Payment Intents.`;
}

interface Redirecting {
  automatic_payment_methods: { allow_redirects?: string } | null;
  allowed_payment_method_types: readonly string[] | null;
}

function stateMessage(verb: string, status: Stripe.PaymentIntent.Status): string {
  if (verb === 'confirmed' && status === 'succeeded')
    return 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.';
  if (verb === 'confirmed')
    return `You cannot confirm this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`;
  if (verb === 'canceled')
    return `You cannot cancel this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action, processing.`;
  if (verb === 'captured' && status === 'succeeded')
    return 'This PaymentIntent could not be captured because it has already been captured.';
  if (verb === 'captured')
    return `This PaymentIntent could not be captured because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`;
  return `This PaymentIntent could not be ${verb} because it has a status of ${status}.`;
}
