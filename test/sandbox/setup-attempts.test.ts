import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { TestSandbox } from './support.js';

const RETURN = 'https://example.com/done';
let world: TestSandbox;
let stripe: Stripe;
beforeAll(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
});
afterAll(() => world.close());

const waiting = () =>
  stripe.setupIntents.create({
    payment_method: 'pm_card_authenticationRequiredOnSetup',
    confirm: true,
    return_url: RETURN,
  });
const attemptsOf = async (setup_intent: string) => (await stripe.setupAttempts.list({ setup_intent })).data;

describe('an attempt to set up', () => {
  test('says how the cardholder was authenticated', async () => {
    const { id } = await waiting();
    await world.control('POST', `setup_intents/${id}/authenticate`, { outcome: 'succeed' });
    expect(await attemptsOf(id)).toMatchObject([
      {
        status: 'succeeded',
        setup_error: null,
        payment_method_details: { card: { three_d_secure: { result: 'authenticated', version: '2.2.0' } } },
      },
    ]);
  });

  test('fails with the authentication, and says so', async () => {
    const { id } = await waiting();
    await world.control('POST', `setup_intents/${id}/authenticate`, { outcome: 'fail' });
    expect(await attemptsOf(id)).toMatchObject([
      {
        status: 'failed',
        setup_error: { code: 'setup_intent_authentication_failure' },
        payment_method_details: { card: { three_d_secure: { result: 'failed', result_reason: 'rejected' } } },
      },
    ]);
  });

  test('is abandoned when its intent is canceled, or confirmed with another card', async () => {
    const given = await waiting();
    await stripe.setupIntents.cancel(given.id);
    expect(await attemptsOf(given.id)).toMatchObject([{ status: 'abandoned', setup_error: null }]);
    const { id } = await waiting();
    await stripe.setupIntents.confirm(id, { payment_method: 'pm_card_visa', return_url: RETURN });
    expect((await attemptsOf(id)).map(({ status }) => status)).toEqual(['succeeded', 'abandoned']);
  });
});
