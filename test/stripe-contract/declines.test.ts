import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref } from './support.js';

const c = contract();
const pay = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  c.stripe.paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    confirm: true,
    payment_method,
    return_url: 'https://example.com/done',
    ...more,
  });

// https://docs.stripe.com/testing#declined-payments
const DECLINES = [
  ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
  ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
  ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
] as const;

describe('a declined card', () => {
  test.each(DECLINES)('%s fails with %s', async (card, code, decline_code) => {
    const error = await failure(pay(card));
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code,
      decline_code,
      payment_intent: { status: 'requires_payment_method', payment_method: null, amount_received: 0 },
      payment_method: { type: 'card' },
    });
    const intent = await c.stripe.paymentIntents.retrieve(error.payment_intent?.id ?? '', {
      expand: ['latest_charge'],
    });
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { type: 'card_error', code, decline_code, charge: error.charge },
      latest_charge: { id: error.charge, status: 'failed', paid: false, captured: false, failure_code: code },
    });
  });

  test.each(DECLINES)('%s cannot be saved either: %s', async (card, code, decline_code) => {
    const customer = await c.customer(null);
    const error = await failure(c.stripe.paymentMethods.attach(card, { customer }));
    expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code });
    expect((await c.stripe.customers.listPaymentMethods(customer)).data).toEqual([]);
  });

  test('leaves its intent to be paid with another', async () => {
    const { payment_intent } = await failure(pay('pm_card_visa_chargeDeclined'));
    const id = payment_intent?.id ?? '';
    const paid = await c.stripe.paymentIntents.confirm(id, {
      payment_method: 'pm_card_mastercard',
      return_url: 'https://example.com/done',
    });
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null });
    const { data } = await c.stripe.charges.list({ payment_intent: id });
    expect(data.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
    expect(await c.events('payment_intent.payment_failed', id)).toHaveLength(1);
    expect(await c.events('charge.failed', data[1]?.id ?? '')).toHaveLength(1);
  });

  test('may be saved and fail only when it is charged', async () => {
    const customer = await c.customer(null);
    const { id } = await c.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    expect(await failure(pay(id, { customer }))).toMatchObject({ code: 'card_declined', statusCode: 402 });
  });

  // https://docs.stripe.com/testing#fraud-prevention
  test('is blocked by Stripe where it is too risky, and the bank never asked', async () => {
    const error = await failure(pay('pm_card_radarBlock'));
    expect(error).toMatchObject({ code: 'card_declined', decline_code: 'fraudulent' });
    expect(await c.stripe.charges.retrieve(error.charge ?? '')).toMatchObject({
      outcome: { type: 'blocked', network_status: 'not_sent_to_network', risk_level: 'highest' },
    });
  });

  test('that is only risky passes, and is marked', async () => {
    const { latest_charge } = await pay('pm_card_riskLevelElevated', { expand: ['latest_charge'] });
    expect(latest_charge).toMatchObject({ status: 'succeeded', outcome: { risk_level: 'elevated' } });
  });

  // https://docs.stripe.com/testing#fraud-prevention: checks that fail
  test.each([
    ['pm_card_cvcCheckFail', 'cvc_check'],
    ['pm_card_avsZipFail', 'address_postal_code_check'],
    ['pm_card_avsLine1Fail', 'address_line1_check'],
  ])('%s passes with a failed %s', async (card, check) => {
    const { latest_charge } = await pay(card, { expand: ['latest_charge'] });
    const charge = typeof latest_charge === 'object' ? latest_charge : null;
    expect(charge?.payment_method_details?.card?.checks).toMatchObject({ [check]: 'fail' });
  });
});

// https://docs.stripe.com/testing#regulatory-cards
describe('a card that asks for authentication', () => {
  test.each(['pm_card_threeDSecure2Required', 'pm_card_threeDSecureRequired', 'pm_card_authenticationRequired'])(
    '%s waits for its holder, at the bank’s page',
    async (card) => {
      const intent = await pay(card);
      expect(intent).toMatchObject({
        status: 'requires_action',
        next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: 'https://example.com/done' } },
        amount_received: 0,
        latest_charge: null,
      });
      expect(intent.next_action?.redirect_to_url?.url).toMatch(/^https?:/);
      expect(await c.events('payment_intent.requires_action', intent.id)).toHaveLength(1);
    },
  );

  // https://docs.stripe.com/payments/3d-secure/authentication-flow
  test('is left to Stripe.js where there is no address to come back to', async () => {
    const automatic_payment_methods = { enabled: true, allow_redirects: 'never' } as const;
    const intent = await pay('pm_card_threeDSecure2Required', { return_url: undefined, automatic_payment_methods });
    expect(intent).toMatchObject({ status: 'requires_action', next_action: { type: 'use_stripe_sdk' } });
  });

  test('is declined when its holder is not there', async () => {
    const customer = await c.customer(null);
    const { id } = await c.stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer });
    const error = await failure(pay(id, { customer, off_session: true }));
    expect(error).toMatchObject({ statusCode: 402, code: 'authentication_required' });
    expect(error.payment_intent).toMatchObject({ status: 'requires_payment_method' });
  });

  test('is refused when the caller does not want to wait', async () => {
    const error = await failure(pay('pm_card_threeDSecure2Required', { error_on_requires_action: true }));
    expect(error).toMatchObject({ statusCode: 402, type: 'StripeCardError' });
    expect(error.payment_intent).toMatchObject({ status: 'requires_payment_method', next_action: null });
  });

  test('can be given up while it waits', async () => {
    const { id } = await pay('pm_card_threeDSecure2Required');
    expect(await c.stripe.paymentIntents.cancel(id)).toMatchObject({ status: 'canceled', next_action: null });
  });

  test('set up before pays without its holder', async () => {
    const customer = await c.customer(null);
    const { id } = await c.stripe.paymentMethods.attach('pm_card_authenticationRequiredSetupForOffSession', {
      customer,
    });
    expect((await pay(id, { customer, off_session: true })).status).toBe('succeeded');
    expect((await pay(id, { customer })).status).toBe('requires_action');
  });
});

// https://docs.stripe.com/testing#international-cards
test.each([
  ['pm_card_de', 'DE', 'visa'],
  ['pm_card_br', 'BR', 'visa'],
  ['pm_card_amex', 'US', 'amex'],
  ['pm_card_discover', 'US', 'discover'],
  ['pm_card_mastercard_debit', 'US', 'mastercard'],
])('%s is a card of %s, a %s', async (token, country, brand) => {
  const { latest_charge } = await pay(token, { expand: ['latest_charge'] });
  const charge = await c.stripe.charges.retrieve(ref(latest_charge));
  expect(charge.payment_method_details?.card).toMatchObject({ country, brand });
});
