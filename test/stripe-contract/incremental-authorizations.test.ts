import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref } from './support.js';

const c = contract();
const asking = { card: { request_incremental_authorization: 'if_available' } } as const;
const hold = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  c.stripe.paymentIntents.create({
    amount: 5000,
    currency: 'usd',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    capture_method: 'manual',
    confirm: true,
    payment_method: 'pm_card_visa',
    payment_method_options: asking,
    expand: ['latest_charge'],
    ...more,
  });
const support = ({ latest_charge: charge }: Stripe.PaymentIntent) =>
  typeof charge === 'string' ? charge : charge?.payment_method_details?.card?.incremental_authorization?.status;

// https://docs.stripe.com/payments/incremental-authorization
describe('an authorization that may be incremented', () => {
  test('holds more, and is captured as a whole', async () => {
    const held = await hold();
    expect(held.payment_method_options).toMatchObject(asking);
    expect(support(held)).toBe('available');
    const more = await c.stripe.paymentIntents.incrementAuthorization(held.id, {
      amount: 7500,
      description: 'With breakfast',
      metadata: { nights: '2' },
      expand: ['latest_charge'],
    });
    expect(more).toMatchObject({
      id: held.id,
      status: 'requires_capture',
      amount: 7500,
      amount_capturable: 7500,
      amount_received: 0,
      description: 'With breakfast',
      metadata: { nights: '2' },
      latest_charge: {
        id: ref(held.latest_charge),
        amount: 7500,
        amount_captured: 0,
        captured: false,
        payment_method_details: { card: { amount_authorized: 7500 } },
      },
    });
    expect(await c.events('payment_intent.amount_capturable_updated', held.id, 2)).toHaveLength(2);
    expect(await c.stripe.paymentIntents.capture(held.id)).toMatchObject({
      status: 'succeeded',
      amount_received: 7500,
    });
    const charge = await c.stripe.charges.retrieve(ref(held.latest_charge));
    expect(charge).toMatchObject({ amount: 7500, amount_captured: 7500, amount_refunded: 0 });
  });

  test('is not lowered, nor left as it is', async () => {
    const { id } = await hold();
    for (const amount of [4999, 5000])
      expect(await failure(c.stripe.paymentIntents.incrementAuthorization(id, { amount }))).toMatchObject({
        statusCode: 400,
        type: 'StripeInvalidRequestError',
      });
    expect((await c.stripe.paymentIntents.retrieve(id)).amount).toBe(5000);
  });

  test('is incremented ten times at most', async () => {
    const { id } = await hold();
    for (let more = 1; more <= 10; more += 1)
      await c.stripe.paymentIntents.incrementAuthorization(id, { amount: 5000 + more });
    const again = c.stripe.paymentIntents.incrementAuthorization(id, { amount: 6000 });
    expect((await failure(again)).statusCode).toBe(400);
    expect((await c.stripe.paymentIntents.retrieve(id)).amount_capturable).toBe(5010);
  });

  test.each([
    ['was captured', (id: string) => c.stripe.paymentIntents.capture(id)],
    ['was canceled', (id: string) => c.stripe.paymentIntents.cancel(id)],
  ])('is incremented no more once it %s', async (_what, end) => {
    const { id } = await hold();
    await end(id);
    expect(await failure(c.stripe.paymentIntents.incrementAuthorization(id, { amount: 6000 }))).toMatchObject({
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
    });
  });
});

describe('an authorization', () => {
  test.each([
    ['nobody asked for it', { payment_method_options: {} }],
    ['it was not wanted', { payment_method_options: { card: { request_incremental_authorization: 'never' } } }],
    ['its network does not', { payment_method: 'pm_card_jcb' }],
  ] as const)('cannot be incremented where %s', async (_why, how) => {
    const held = await hold(how);
    expect(support(held)).toBe('unavailable');
    const more = c.stripe.paymentIntents.incrementAuthorization(held.id, { amount: 6000 });
    expect(await failure(more)).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
  });
});
