import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, KeptError, StripeError } from '../errors.js';
import { find, notFound } from '../find.js';
import { idOf } from '../objects.js';
import { tokenAccount } from '../methods/bank-accounts.js';
import { kindOf } from '../methods/kinds.js';
import { makeTestAccount } from '../methods/make-method.js';
import { followExpiry } from './card-expiry.js';
import { NO_ADDRESS } from './no-address.js';
import { declineOf, outcomeOf, testCardOf, type Decline, type Outcome } from '../outcomes.js';

/** The payment method of this id; a test id such as `pm_card_visa` makes a new one, as Stripe does. */
export function usePaymentMethod(context: Context, id: string, param?: string): Stripe.PaymentMethod {
  const name = id.startsWith('pm_card_') ? testCardOf(id) : undefined;
  if (name !== undefined) return makeCard(context, name);
  const account = tokenAccount(id);
  if (account !== undefined) return makeTestAccount(context, account);
  const method = context.store.get('payment_method', id);
  if (method === undefined) throw notFound('payment_method', id, param);
  return method;
}

export function makeCard(
  context: Context,
  name: string,
  more: { exp_month?: number; exp_year?: number; metadata?: Record<string, string> } = {},
): Stripe.PaymentMethod {
  const outcome = outcomeOf(name);
  const id = context.ids.next('pm', 24);
  const set_up = name === 'authenticationRequiredSetupForOffSession';
  context.store.put('method_fact', { id, test_id: name, set_up, detached: false, verified: true, mandate: null });
  return context.store.put('payment_method', {
    id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: { address: NO_ADDRESS, email: null, name: null, phone: null, tax_id: null },
    card: cardOf(context, outcome, more),
    created: context.wire,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: more.metadata ?? {},
    type: 'card',
  });
}

/** Saves a card to a customer: https://docs.stripe.com/api/payment_methods/attach */
export function attach(context: Context, method: Stripe.PaymentMethod, customer: string): Stripe.PaymentMethod {
  const fact = find(context, 'method_fact', method.id);
  if (method.customer !== null && idOf(method.customer) !== customer)
    throw invalid('The payment method you provided has already been attached to a customer.');
  if (fact.detached)
    throw invalid(
      'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.',
    );
  if (idOf(method.customer) === customer) return method;
  if (kindOf(method.type).reusable !== true)
    throw invalid(`The payment method type ${method.type} cannot be attached to customers.`, {
      code: 'payment_method_not_available',
    });
  if (!fact.verified)
    throw invalid(
      'This bank account must be verified before it is attached to a customer: use a SetupIntent, or a PaymentIntent with setup_future_usage.',
      { code: 'bank_account_unverified' },
    );
  const outcome: Partial<Outcome> = method.type === 'card' ? outcomeOf(fact.test_id) : {};
  if (outcome.refusedAtSave === true && outcome.declines !== undefined) throw refusedCard(declineOf(outcome.declines));
  const attached = context.store.put('payment_method', { ...method, customer });
  context.emit('payment_method.attached', attached);
  followExpiry(context, attached);
  return attached;
}

/** For good: https://docs.stripe.com/api/payment_methods/detach */
export function detach(context: Context, method: Stripe.PaymentMethod): Stripe.PaymentMethod {
  const customer = idOf(method.customer);
  if (customer === null)
    throw invalid('The payment method you provided is not attached to a customer so detachment is impossible.');
  const detached = context.store.put('payment_method', { ...method, customer: null });
  context.store.put('method_fact', { ...find(context, 'method_fact', method.id), detached: true });
  context.emit('payment_method.detached', detached, method);
  followExpiry(context, detached);
  forgetDefault(context, customer, method.id);
  return detached;
}

/** `setup_future_usage` saves the method with the customer: https://docs.stripe.com/payments/save-during-payment */
export function saveMethod(context: Context, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  const customer = idOf(intent.customer);
  if (intent.setup_future_usage !== null && customer !== null && method.customer === null)
    attach(context, method, customer);
}

export function outcomeFor(context: Context, method: Stripe.PaymentMethod): Outcome {
  return outcomeOf(find(context, 'method_fact', method.id).test_id);
}

/** A 402 with nothing kept: the card was refused while it was being saved. */
export function refusedCard(decline: Decline): StripeError {
  return new StripeError(402, { type: 'card_error', ...errorOf(decline) });
}

/** A 402 after a payment was tried: what it left behind stays. */
export function declinedPayment(decline: Decline, intent: Stripe.PaymentIntent, charge: string | null): KeptError {
  const method = intent.last_payment_error?.payment_method;
  return new KeptError(402, {
    type: 'card_error',
    ...errorOf(decline),
    ...(charge !== null && { charge }),
    ...(method !== undefined && { payment_method: method }),
    payment_intent: intent,
  });
}

export function errorOf({ code, decline_code, message, param, advice_code }: Decline): {
  code: string;
  decline_code: string;
  message: string;
  param?: string;
  advice_code?: string;
} {
  return { code, decline_code, message, ...(param !== undefined && { param }), ...(advice_code && { advice_code }) };
}

function forgetDefault(context: Context, customerId: string, method: string): void {
  const customer = context.store.get('customer', customerId);
  if (customer === undefined || idOf(customer.invoice_settings.default_payment_method) !== method) return;
  const invoice_settings = { ...customer.invoice_settings, default_payment_method: null };
  context.emit('customer.updated', context.store.put('customer', { ...customer, invoice_settings }), customer);
}

function cardOf(
  context: Context,
  { brand, funding, country, number, checks = {} }: Outcome,
  expiry: { exp_month?: number; exp_year?: number },
): Stripe.PaymentMethod.Card {
  return {
    brand,
    checks: {
      address_line1_check: checks.line1 ?? null,
      address_postal_code_check: checks.postal_code ?? null,
      cvc_check: checks.cvc ?? 'unchecked',
    },
    country,
    display_brand: brand === 'amex' ? 'american_express' : brand,
    exp_month: expiry.exp_month ?? new Date(context.wire * 1000).getUTCMonth() + 1,
    exp_year: expiry.exp_year ?? new Date(context.wire * 1000).getUTCFullYear() + 1,
    fingerprint: createHash('sha256').update(number).digest('base64url').replaceAll(/[-_]/g, '0').slice(0, 16),
    funding,
    generated_from: null,
    last4: number.slice(-4),
    networks: { available: [brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}
