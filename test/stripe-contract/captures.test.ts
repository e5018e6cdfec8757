import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref } from './support.js';

const c = contract();
const hold = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  c.stripe.paymentIntents.create({
    amount: 5000,
    currency: 'usd',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    capture_method: 'manual',
    confirm: true,
    payment_method: 'pm_card_visa',
    ...more,
  });

// https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
describe('an authorization', () => {
  test('holds the amount, and moves no money', async () => {
    const held = await hold({ expand: ['latest_charge'] });
    expect(held).toMatchObject({
      status: 'requires_capture',
      amount_capturable: 5000,
      amount_received: 0,
      latest_charge: { captured: false, amount_captured: 0, status: 'succeeded', balance_transaction: null },
    });
    expect(await c.events('payment_intent.amount_capturable_updated', held.id)).toHaveLength(1);
  });

  test('is captured whole', async () => {
    const { id } = await hold();
    const captured = await c.stripe.paymentIntents.capture(id, {}, { idempotencyKey: `capture-${id}` });
    expect(captured).toMatchObject({ status: 'succeeded', amount_capturable: 0, amount_received: 5000 });
    expect(await c.events('payment_intent.succeeded', id)).toHaveLength(1);
    expect(await c.events('charge.captured', ref(captured.latest_charge))).toHaveLength(1);
  });

  // https://docs.stripe.com/api/charges/capture
  test('is captured by its charge, too', async () => {
    const { id, latest_charge } = await hold();
    const charge = await c.stripe.charges.capture(ref(latest_charge), { amount: 2000 });
    expect(charge).toMatchObject({ id: ref(latest_charge), captured: true, amount_captured: 2000 });
    expect(await c.stripe.paymentIntents.retrieve(id)).toMatchObject({ status: 'succeeded', amount_received: 2000 });
    await expect(c.stripe.charges.capture(charge.id)).rejects.toMatchObject({ statusCode: 400 });
  });

  test('is captured in part, and the rest is let go', async () => {
    const { id } = await hold();
    const captured = await c.stripe.paymentIntents.capture(id, { amount_to_capture: 3000 });
    expect(captured).toMatchObject({ status: 'succeeded', amount: 5000, amount_received: 3000, amount_capturable: 0 });
    const charge = await c.stripe.charges.retrieve(ref(captured.latest_charge), { expand: ['balance_transaction'] });
    expect(charge).toMatchObject({
      amount: 5000,
      amount_captured: 3000,
      amount_refunded: 2000,
      refunded: false,
      balance_transaction: { amount: 3000 },
    });
  });

  test('is not captured for more than it holds', async () => {
    const { id } = await hold();
    await expect(c.stripe.paymentIntents.capture(id, { amount_to_capture: 5001 })).rejects.toMatchObject({
      statusCode: 400,
      code: 'amount_too_large',
      param: 'amount_to_capture',
    });
    expect((await c.stripe.paymentIntents.retrieve(id)).amount_capturable).toBe(5000);
  });

  test('is captured once', async () => {
    const { id } = await hold();
    await c.stripe.paymentIntents.capture(id);
    await expect(c.stripe.paymentIntents.capture(id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
      message: expect.stringContaining('it has already been captured'),
    });
  });

  test('that is canceled gives back the whole, and cannot be captured', async () => {
    const { id } = await hold();
    const canceled = await c.stripe.paymentIntents.cancel(id);
    expect(canceled).toMatchObject({ status: 'canceled', amount_capturable: 0, amount_received: 0 });
    expect(await c.stripe.charges.retrieve(ref(canceled.latest_charge))).toMatchObject({
      captured: false,
      amount_refunded: 5000,
      refunded: true,
    });
    await expect(c.stripe.paymentIntents.capture(id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
  });

  test('that was never asked for cannot be captured', async () => {
    const { id } = await c.stripe.paymentIntents.create({ amount: 5000, currency: 'usd' });
    await expect(c.stripe.paymentIntents.capture(id)).rejects.toMatchObject({
      message:
        'This PaymentIntent could not be captured because it has a status of requires_payment_method. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.',
    });
  });
});

// https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
describe('an amount', () => {
  test.each([
    ['usd', 49, 'Amount must be at least $0.50 usd'],
    ['eur', 49, 'Amount must be at least €0.50 eur'],
    ['gbp', 29, 'Amount must be at least £0.30 gbp'],
    ['jpy', 49, 'Amount must be at least ¥50 jpy'],
  ])('of %s below its minimum is refused', async (currency, amount, message) => {
    await expect(c.stripe.paymentIntents.create({ amount, currency })).rejects.toMatchObject({
      statusCode: 400,
      code: 'amount_too_small',
      param: 'amount',
      message,
    });
    expect((await c.stripe.paymentIntents.create({ amount: amount + 1, currency })).amount).toBe(amount + 1);
  });

  test('with more than eight digits is refused', async () => {
    await expect(c.stripe.paymentIntents.create({ amount: 100_000_000, currency: 'usd' })).rejects.toMatchObject({
      code: 'amount_too_large',
      param: 'amount',
    });
  });

  test.each([
    ['amount', { currency: 'usd' }, 'parameter_missing'],
    ['currency', { amount: 2000 }, 'parameter_missing'],
    ['amount', { amount: '20.00', currency: 'usd' }, 'parameter_invalid_integer'],
    ['amount', { amount: 0, currency: 'usd' }, 'parameter_invalid_integer'],
  ])('is refused by its %s: %j', async (param, params, code) => {
    await expect(c.stripe.rawRequest('POST', '/v1/payment_intents', params)).rejects.toMatchObject({
      statusCode: 400,
      param,
      code,
    });
  });
});
