import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { ref, TestSandbox } from './support.js';

let world: TestSandbox;
let stripe: Stripe;
beforeAll(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
});
afterAll(() => world.close());

const pay = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    confirm: true,
    return_url: 'https://example.com',
    payment_method,
    ...more,
  });

describe('a declined card', () => {
  test.each([
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline', undefined, 'try_again_later'],
    [
      'pm_card_visa_chargeDeclinedInsufficientFunds',
      'card_declined',
      'insufficient_funds',
      undefined,
      'try_again_later',
    ],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card', undefined, 'do_not_try_again'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card', undefined, 'do_not_try_again'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card', 'exp_month', 'confirm_card_data'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc', 'cvc', 'confirm_card_data'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error', undefined, 'try_again_later'],
    ['pm_card_chargeDeclinedFraudulent', 'card_declined', 'fraudulent', undefined, undefined],
    ['pm_card_chargeCustomerFail', 'card_declined', 'generic_decline', undefined, 'try_again_later'],
  ])('%s is %s / %s, and leaves its intent for another try', async (card, code, decline_code, param, advice_code) => {
    const error = await failure(pay(card));
    expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code });
    expect([error.param, error.advice_code]).toEqual([param, advice_code]);
    const left = await stripe.paymentIntents.retrieve(error.payment_intent?.id ?? '', { expand: ['latest_charge'] });
    expect(left).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      last_payment_error: { code, decline_code, payment_method: { object: 'payment_method' } },
      latest_charge: { id: error.charge, status: 'failed', paid: false, failure_code: code },
    });
    expect(
      (
        await stripe.paymentIntents.confirm(left.id, {
          payment_method: 'pm_card_visa',
          return_url: 'https://example.com',
        })
      ).status,
    ).toBe('succeeded');
  });

  test('is refused already when it is saved, but for the one that fails later', async () => {
    const { id: customer } = await stripe.customers.create({});
    const error = await failure(stripe.paymentMethods.attach('pm_card_chargeDeclinedExpiredCard', { customer }));
    expect(error).toMatchObject({ statusCode: 402, code: 'expired_card' });
    expect((await stripe.paymentMethods.list({ customer })).data).toEqual([]);
    expect((await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer })).customer).toBe(customer);
  });
});

describe('a card that asks for authentication', () => {
  test('waits with a page to go to; then succeeds or fails there', async () => {
    const [one, other] = [await pay('pm_card_authenticationRequired'), await pay('pm_card_authenticationRequired')];
    expect(one).toMatchObject({
      status: 'requires_action',
      latest_charge: null,
      next_action: { type: 'redirect_to_url' },
    });
    const page = await fetch(one.next_action?.redirect_to_url?.url ?? '');
    expect(await page.text()).toContain('Complete authentication');
    await world.control('POST', `payment_intents/${one.id}/authenticate`, { outcome: 'succeed' });
    await world.control('POST', `payment_intents/${other.id}/authenticate`, { outcome: 'fail' });
    expect((await stripe.paymentIntents.retrieve(one.id)).status).toBe('succeeded');
    expect(await stripe.paymentIntents.retrieve(other.id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    });
  });

  test('is declined when its holder is not there, and when the caller refuses to wait', async () => {
    const customer = await world.customerWith('pm_card_authenticationRequired');
    const [method] = (await stripe.paymentMethods.list({ customer })).data;
    expect(await failure(pay(method?.id ?? '', { customer, off_session: true }))).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      decline_code: 'authentication_required',
    });
    expect(await failure(pay('pm_card_threeDSecure2Required', { error_on_requires_action: true }))).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      decline_code: 'authentication_not_handled',
    });
  });

  test('asked only at set-up pays off session once it was set up', async () => {
    const { id: customer } = await stripe.customers.create({});
    const setup = await stripe.setupIntents.create({
      customer,
      payment_method: 'pm_card_authenticationRequiredOnSetup',
      confirm: true,
      return_url: 'https://example.com',
    });
    expect(setup.status).toBe('requires_action');
    await world.control('POST', `setup_intents/${setup.id}/authenticate`, { outcome: 'succeed' });
    const done = await stripe.setupIntents.retrieve(setup.id);
    expect(done.status).toBe('succeeded');
    expect((await pay(ref(done.payment_method), { customer, off_session: true })).status).toBe('succeeded');
  });
});

describe('an authorization', () => {
  test('is captured in part, and the rest let go', async () => {
    const intent = await pay('pm_card_visa', { capture_method: 'manual' });
    expect(intent).toMatchObject({ status: 'requires_capture', amount_capturable: 2000, amount_received: 0 });
    expect(await failure(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 2001 }))).toMatchObject({
      code: 'amount_too_large',
    });
    const captured = await stripe.paymentIntents.capture(
      intent.id,
      { amount_to_capture: 1500 },
      { idempotencyKey: 'c1' },
    );
    expect(captured).toMatchObject({ status: 'succeeded', amount_capturable: 0, amount_received: 1500 });
    expect(await failure(stripe.refunds.create({ payment_intent: intent.id, amount: 1501 }))).toMatchObject({
      param: 'amount',
    });
    await stripe.refunds.create({ payment_intent: intent.id, amount: 1500 });
    expect(await failure(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      code: 'charge_already_refunded',
    });
  });

  test('that is canceled gives everything back, and cannot be captured', async () => {
    const intent = await pay('pm_card_visa', { capture_method: 'manual' });
    const canceled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' });
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned', amount_capturable: 0 });
    expect(await failure(stripe.paymentIntents.capture(intent.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
  });
});

describe('a refund', () => {
  test('in parts adds up to the payment, and its fee stays', async () => {
    const intent = await pay('pm_card_visa');
    const first = await stripe.refunds.create(
      { payment_intent: intent.id, amount: 500, reason: 'requested_by_customer' },
      { idempotencyKey: 'r1' },
    );
    expect(first).toMatchObject({ status: 'succeeded', amount: 500 });
    await stripe.refunds.create({ payment_intent: intent.id });
    const charge = await stripe.charges.retrieve(ref(intent.latest_charge), {
      expand: ['refunds', 'balance_transaction'],
    });
    expect(charge).toMatchObject({
      refunded: true,
      amount_refunded: 2000,
      balance_transaction: { amount: 2000, fee: 88, net: 1912 },
    });
    expect(charge.refunds?.data.map(({ amount }) => amount)).toEqual([1500, 500]);
    const transactions = await stripe.balanceTransactions.list({ type: 'refund', limit: 2 });
    expect(transactions.data.map(({ amount, fee }) => [amount, fee])).toEqual([
      [-1500, 0],
      [-500, 0],
    ]);
  });
});

describe('a payment intent', () => {
  test.each([
    [{ amount: 49, currency: 'usd' }, 'amount_too_small', 'amount'],
    [{ amount: 100_000_000, currency: 'usd' }, 'amount_too_large', 'amount'],
    [{ amount: 1005, currency: 'kwd' }, undefined, 'amount'],
    [{ amount: 1000, currency: 'xyz' }, undefined, 'currency'],
    [{ amount: 1000, currency: 'usd', off_session: true }, undefined, 'off_session'],
    [{ amount: 1000, currency: 'usd', customer: 'cus_none' }, 'resource_missing', 'customer'],
  ])('%j is refused', async (params, code, param) => {
    const error = await failure(stripe.paymentIntents.create(params));
    expect([error.statusCode, error.code, error.param]).toEqual([400, code, param]);
  });

  test('can be changed until it is paid, and not after', async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 1000,
      currency: 'jpy',
      metadata: { order: '1', note: 'x' },
    });
    const changed = await stripe.paymentIntents.update(intent.id, {
      amount: 1200,
      metadata: { note: '', gift: 'yes' },
    });
    expect(changed).toMatchObject({ amount: 1200, currency: 'jpy', metadata: { order: '1', gift: 'yes' } });
    expect(changed.metadata).not.toHaveProperty('note');
    await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_jp', return_url: 'https://example.com' });
    expect(await failure(stripe.paymentIntents.update(intent.id, { amount: 1 }))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
  });

  test('refuses the card of another customer, and a detached one for good', async () => {
    const [owner, other] = [await world.customerWith('pm_card_visa'), await world.customerWith('pm_card_visa')];
    const [method] = (await stripe.paymentMethods.list({ customer: owner })).data;
    const id = method?.id ?? '';
    expect(await failure(pay(id, { customer: other }))).toMatchObject({ statusCode: 400, param: 'payment_method' });
    await stripe.paymentMethods.detach(id);
    expect(await stripe.customers.retrieve(owner)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
    expect((await failure(stripe.paymentMethods.attach(id, { customer: owner }))).statusCode).toBe(400);
    expect((await failure(stripe.paymentMethods.detach(id))).statusCode).toBe(400);
  });

  test('with setup_future_usage saves the card with its customer', async () => {
    const { id: customer } = await stripe.customers.create({});
    const intent = await pay('pm_card_visa', { customer, setup_future_usage: 'off_session' });
    expect((await stripe.paymentMethods.list({ customer })).data.map(({ id }) => id)).toEqual([intent.payment_method]);
  });
});

/** The error that a call ends with. */
async function failure(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof Stripe.errors.StripeError) return error;
  throw new Error(`expected a failure, got ${JSON.stringify(error)}`);
}
