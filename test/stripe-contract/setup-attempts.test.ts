import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref } from './support.js';

const c = contract();
const RETURN = 'https://example.com/done';
const confirm = (id: string, payment_method: string) =>
  c.stripe.setupIntents.confirm(id, { payment_method, return_url: RETURN });
const attemptsOf = async (setup_intent: string, more: Partial<Stripe.SetupAttemptListParams> = {}) =>
  (await c.stripe.setupAttempts.list({ setup_intent, ...more })).data;

// https://docs.stripe.com/api/setup_attempts
describe('the attempts of a setup intent', () => {
  test('tell with what it was confirmed, and of whom', async () => {
    const customer = await c.customer(null);
    const { id, latest_attempt } = await c.stripe.setupIntents.create({ customer, usage: 'on_session' });
    expect([latest_attempt, await attemptsOf(id)]).toEqual([null, []]);
    const done = await confirm(id, 'pm_card_mastercard');
    const [attempt, ...others] = await attemptsOf(id);
    expect(others).toEqual([]);
    expect(attempt).toMatchObject({
      id: done.latest_attempt,
      object: 'setup_attempt',
      application: null,
      customer,
      flow_directions: null,
      livemode: false,
      on_behalf_of: null,
      payment_method: done.payment_method,
      payment_method_details: { type: 'card', card: { three_d_secure: null } },
      setup_error: null,
      setup_intent: id,
      status: 'succeeded',
      usage: 'on_session',
    });
    expect(attempt?.id).toMatch(/^setatt_/);
  });

  test('are kept where they failed, newest first', async () => {
    const { id } = await c.stripe.setupIntents.create({});
    await failure(confirm(id, 'pm_card_visa_chargeDeclinedLostCard'));
    const refused = await c.stripe.setupIntents.retrieve(id, { expand: ['latest_attempt'] });
    expect(refused).toMatchObject({
      status: 'requires_payment_method',
      latest_attempt: {
        status: 'failed',
        payment_method_details: { type: 'card' },
        setup_error: { type: 'card_error', code: 'card_declined', decline_code: 'lost_card' },
      },
    });
    const done = await confirm(id, 'pm_card_visa');
    expect((await attemptsOf(id)).map(({ status }) => status)).toEqual(['succeeded', 'failed']);
    const [older] = await attemptsOf(id, { starting_after: ref(done.latest_attempt) });
    expect(older?.id).toBe(ref(refused.latest_attempt));
    expect(await attemptsOf(id, { limit: 1 })).toHaveLength(1);
    expect(await attemptsOf(id, { created: { lt: refused.created } })).toEqual([]);
  });

  test('wait for the cardholder as the intent does, and lead to what they are of', async () => {
    const { id } = await c.stripe.setupIntents.create({ customer: await c.customer(null) });
    await confirm(id, 'pm_card_authenticationRequiredOnSetup');
    const [attempt] = await attemptsOf(id, {
      expand: ['data.customer', 'data.payment_method', 'data.setup_intent'],
    });
    expect(attempt).toMatchObject({
      status: 'requires_action',
      customer: { object: 'customer' },
      payment_method: { object: 'payment_method', type: 'card' },
      setup_intent: { id, status: 'requires_action' },
    });
  });

  test('of a debit name its kind', async () => {
    const { id } = await c.stripe.setupIntents.create({
      customer: await c.customer(null),
      payment_method: 'pm_usBankAccount_success',
      confirm: true,
      return_url: RETURN,
      allowed_payment_method_types: ['us_bank_account'],
      mandate_data: {
        customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'contract' } },
      },
    });
    expect(await attemptsOf(id)).toMatchObject([{ payment_method_details: { type: 'us_bank_account' } }]);
  });

  test('are asked for by an intent that exists', async () => {
    expect(await failure(attemptsOf('seti_none'))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'setup_intent',
    });
    expect(await failure(c.stripe.rawRequest('GET', '/v1/setup_attempts'))).toMatchObject({
      statusCode: 400,
      code: 'parameter_missing',
      param: 'setup_intent',
    });
  });
});
