import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { AUTHENTICATED } from './authentication-step.js';

/** A confirmation, whatever comes of it: https://docs.stripe.com/api/setup_attempts. One that was still waiting is abandoned. */
export function beginAttempt(
  context: Context,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
): Stripe.SetupIntent {
  abandonAttempt(context, intent);
  const attempt = context.store.put('setup_attempt', {
    id: context.ids.next('setatt', 24),
    object: 'setup_attempt',
    application: null,
    created: context.wire,
    customer: idOf(intent.customer),
    customer_account: null,
    flow_directions: null,
    livemode: false,
    on_behalf_of: null,
    payment_method: method.id,
    payment_method_details: detailsOf(method),
    setup_error: null,
    setup_intent: intent.id,
    status: 'requires_confirmation',
    usage: intent.usage,
  });
  return { ...intent, latest_attempt: attempt.id };
}

/** What became of the latest confirmation. */
export function noteAttempt(
  context: Context,
  intent: Stripe.SetupIntent,
  change: {
    status: 'requires_action' | 'succeeded' | 'failed' | 'abandoned';
    setup_error?: Stripe.SetupIntent.LastSetupError;
  },
): void {
  const before = find(context, 'setup_attempt', idOf(intent.latest_attempt) ?? '');
  context.store.put('setup_attempt', { ...before, ...change });
}

/** Its cardholder came back from the bank. */
export function noteAuthentication(context: Context, intent: Stripe.SetupIntent, succeeded: boolean): void {
  const before = find(context, 'setup_attempt', idOf(intent.latest_attempt) ?? '');
  const { card, ...details } = before.payment_method_details;
  if (card === undefined) return;
  const three_d_secure = succeeded
    ? AUTHENTICATED
    : { ...AUTHENTICATED, electronic_commerce_indicator: null, result: 'failed', result_reason: 'rejected' };
  context.store.put('setup_attempt', {
    ...before,
    payment_method_details: { ...details, card: { ...card, three_d_secure } },
  });
}

/** It was canceled, or confirmed anew, before its customer did what was asked. */
export function abandonAttempt(context: Context, intent: Stripe.SetupIntent): void {
  if (intent.status === 'requires_action') noteAttempt(context, intent, { status: 'abandoned' });
}

function detailsOf({ type, card }: Stripe.PaymentMethod): Stripe.SetupAttempt.PaymentMethodDetails {
  return {
    type,
    ...(type === 'card' && card && { card: cardDetails(card) }),
    ...(type === 'link' && { link: {} }),
    ...(type === 'sepa_debit' && { sepa_debit: {} }),
    ...(type === 'bacs_debit' && { bacs_debit: {} }),
    ...(type === 'au_becs_debit' && { au_becs_debit: {} }),
    ...(type === 'us_bank_account' && { us_bank_account: {} }),
    ...(type === 'acss_debit' && { acss_debit: {} }),
  };
}

function cardDetails(card: Stripe.PaymentMethod.Card): Stripe.SetupAttempt.PaymentMethodDetails.Card {
  const { brand, checks, country, exp_month, exp_year, fingerprint, funding, last4 } = card;
  return {
    brand,
    checks,
    country,
    exp_month,
    exp_year,
    fingerprint: fingerprint ?? null,
    funding,
    last4,
    network: brand,
    three_d_secure: null,
    wallet: null,
  };
}
