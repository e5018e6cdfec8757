import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref } from './support.js';

const c = contract();
const make = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  c.stripe.paymentIntents.create({ amount: 2000, currency: 'usd', ...more });
/** Cards alone, so that nobody is sent anywhere. */
const card = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  make({
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    payment_method,
    ...more,
  });

// https://docs.stripe.com/payments/paymentintents/lifecycle
describe('a payment intent', () => {
  test('waits for a method first, then to be confirmed, and succeeds', async () => {
    const made = await make({ automatic_payment_methods: { enabled: true, allow_redirects: 'never' } });
    expect(made).toMatchObject({
      object: 'payment_intent',
      amount: 2000,
      amount_capturable: 0,
      amount_received: 0,
      canceled_at: null,
      capture_method: 'automatic_async',
      confirmation_method: 'automatic',
      currency: 'usd',
      latest_charge: null,
      livemode: false,
      next_action: null,
      payment_method: null,
      status: 'requires_payment_method',
    });
    expect(made.client_secret).toMatch(new RegExp(`^${made.id}_secret_`));
    const chosen = await c.stripe.paymentIntents.update(made.id, { payment_method: 'pm_card_visa' });
    expect(chosen.status).toBe('requires_confirmation');
    const paid = await c.stripe.paymentIntents.confirm(made.id);
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 2000 });
    const charge = await c.stripe.charges.retrieve(ref(paid.latest_charge));
    expect(charge).toMatchObject({
      amount: 2000,
      amount_captured: 2000,
      captured: true,
      disputed: false,
      outcome: { network_status: 'approved_by_network', type: 'authorized' },
      paid: true,
      payment_intent: made.id,
      payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242', country: 'US' } },
      refunded: false,
      status: 'succeeded',
    });
  });

  test('tells of its making, its success and its charge, with the same request', async () => {
    const { id, latest_charge } = await card('pm_card_visa', { confirm: true });
    const [created] = await c.events('payment_intent.created', id);
    const [succeeded] = await c.events('payment_intent.succeeded', id);
    const [charged] = await c.events('charge.succeeded', ref(latest_charge));
    expect(created?.data.object).toMatchObject({ id });
    expect(succeeded?.data.object).toMatchObject({ id, status: 'succeeded' });
    expect(new Set([created, succeeded, charged].map((event) => event?.request?.id))).toHaveProperty('size', 1);
  });

  test('is changed until it is paid; then only what the payment does not hang on', async () => {
    const made = await make({ metadata: { order: '1' } });
    expect(await c.stripe.paymentIntents.update(made.id, { amount: 2500, description: 'Two' })).toMatchObject({
      amount: 2500,
      description: 'Two',
    });
    const { id } = await card('pm_card_visa', { confirm: true, metadata: { order: '1' } });
    const error = await failure(c.stripe.paymentIntents.update(id, { amount: 3000 }));
    expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state', param: 'amount' });
    expect(error.message).toBe(
      "This PaymentIntent's amount could not be updated because it has a status of succeeded. You may only update the amount of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.",
    );
    // Where the documentation is silent: users do change metadata of what is paid.
    expect((await c.stripe.paymentIntents.update(id, { metadata: { shipped: 'yes' } })).metadata).toEqual({
      order: '1',
      shipped: 'yes',
    });
  });

  test('is confirmed once, and says so the second time', async () => {
    const { id } = await card('pm_card_visa', { confirm: true });
    const error = await failure(c.stripe.paymentIntents.confirm(id));
    expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state', payment_intent: { id } });
    expect(error.message).toBe(
      'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.',
    );
  });

  test('without a method cannot be confirmed', async () => {
    const { id } = await make({ automatic_payment_methods: { enabled: true, allow_redirects: 'never' } });
    const error = await failure(c.stripe.paymentIntents.confirm(id));
    expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
    expect(error.message).toContain("it's missing a payment method");
  });

  test('that may redirect is not confirmed without a place to return to, whatever it is paid with', async () => {
    const error = await failure(make({ payment_method: 'pm_card_visa', confirm: true }));
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
    expect(error.message).toMatch(
      /^This PaymentIntent is configured to accept payment methods enabled in your Dashboard\..*you must provide a `return_url`/,
    );
    const { id } = await make({ payment_method: 'pm_card_visa' });
    const later = await failure(c.stripe.paymentIntents.confirm(id));
    expect(later).toMatchObject({ statusCode: 400, payment_intent: { id, status: 'requires_confirmation' } });
    const paid = await c.stripe.paymentIntents.confirm(id, { return_url: 'https://example.com/done' });
    expect(paid.status).toBe('succeeded');
  });

  test('is canceled with its reason, once, and never when it is paid', async () => {
    const { id } = await make();
    const canceled = await c.stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' });
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' });
    expect(canceled.canceled_at).toBeGreaterThan(0);
    expect(await c.events('payment_intent.canceled', id)).toHaveLength(1);
    const paid = await card('pm_card_visa', { confirm: true });
    for (const [which, status] of [
      [id, 'canceled'],
      [paid.id, 'succeeded'],
    ] as const) {
      const error = await failure(c.stripe.paymentIntents.cancel(which));
      expect(error.code).toBe('payment_intent_unexpected_state');
      expect(error.message).toContain(`You cannot cancel this PaymentIntent because it has a status of ${status}.`);
    }
  });

  test('of a customer is listed with the others of that customer, newest first', async () => {
    const customer = await c.customer(null);
    const [first, second] = [await make({ customer }), await make({ customer })];
    const { data } = await c.stripe.paymentIntents.list({ customer });
    expect(data.map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  test('takes only a method that is free, or the customer’s own', async () => {
    const [mine, theirs] = [await c.customer('pm_card_visa'), await c.customer(null)];
    const { data } = await c.stripe.customers.listPaymentMethods(mine);
    const payment_method = data[0]?.id ?? '';
    await expect(card(payment_method)).rejects.toMatchObject({ statusCode: 400, param: 'payment_method' });
    await expect(card(payment_method, { customer: theirs })).rejects.toMatchObject({ statusCode: 400 });
    expect((await card(payment_method, { customer: mine, confirm: true })).status).toBe('succeeded');
  });

  // https://docs.stripe.com/payments/save-during-payment
  test('saves its method with its customer when that is asked for', async () => {
    const customer = await c.customer(null);
    await card('pm_card_visa', { customer, confirm: true });
    expect((await c.stripe.customers.listPaymentMethods(customer)).data).toEqual([]);
    const saved = await card('pm_card_visa', { customer, confirm: true, setup_future_usage: 'off_session' });
    expect((await c.stripe.customers.listPaymentMethods(customer)).data.map(({ id }) => id)).toEqual([
      ref(saved.payment_method),
    ]);
    const later = await card(ref(saved.payment_method), { customer, confirm: true, off_session: true });
    expect(later.status).toBe('succeeded');
  });
});
