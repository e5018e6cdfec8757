import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref } from './support.js';

const c = contract();
const RETURN = 'https://example.com/done';
const setUp = (payment_method: string, more: Partial<Stripe.SetupIntentCreateParams> = {}) =>
  c.stripe.setupIntents.create({ payment_method, confirm: true, return_url: RETURN, ...more });

// https://docs.stripe.com/payments/setupintents/lifecycle
describe('a setup intent', () => {
  test('waits for a method, then to be confirmed, and saves it with its customer', async () => {
    const customer = await c.customer(null);
    const made = await c.stripe.setupIntents.create({ customer });
    expect(made).toMatchObject({
      object: 'setup_intent',
      cancellation_reason: null,
      customer,
      last_setup_error: null,
      livemode: false,
      mandate: null,
      next_action: null,
      payment_method: null,
      status: 'requires_payment_method',
      usage: 'off_session',
    });
    expect(made.client_secret).toMatch(new RegExp(`^${made.id}_secret_`));
    expect((await c.stripe.setupIntents.update(made.id, { payment_method: 'pm_card_visa' })).status).toBe(
      'requires_confirmation',
    );
    const done = await c.stripe.setupIntents.confirm(made.id, { return_url: RETURN });
    expect(done.status).toBe('succeeded');
    expect((await c.stripe.paymentMethods.retrieve(ref(done.payment_method))).customer).toBe(customer);
    for (const type of ['setup_intent.created', 'setup_intent.succeeded'])
      expect(await c.events(type, made.id)).toHaveLength(1);
    expect(await c.events('payment_method.attached', ref(done.payment_method))).toHaveLength(1);
  });

  test('of a card that asks for its holder waits for the bank’s page', async () => {
    const waiting = await setUp('pm_card_authenticationRequiredOnSetup', { customer: await c.customer(null) });
    expect(waiting).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: RETURN } },
    });
    expect(await c.events('setup_intent.requires_action', waiting.id)).toHaveLength(1);
  });

  test.each([
    ['pm_card_visa_chargeDeclined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
  ])('of %s is declined with %s', async (card, decline_code) => {
    const error = await failure(setUp(card));
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      decline_code,
      setup_intent: { status: 'requires_payment_method', last_setup_error: { decline_code } },
    });
    expect(await c.events('setup_intent.setup_failed', error.setup_intent?.id ?? '')).toHaveLength(1);
  });

  test('is canceled, and cannot be confirmed then', async () => {
    const { id } = await c.stripe.setupIntents.create();
    expect(await c.stripe.setupIntents.cancel(id, { cancellation_reason: 'duplicate' })).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'duplicate',
    });
    const again = c.stripe.setupIntents.confirm(id, { payment_method: 'pm_card_visa', return_url: RETURN });
    await expect(again).rejects.toMatchObject({ statusCode: 400, code: 'setup_intent_unexpected_state' });
    expect(await c.events('setup_intent.canceled', id)).toHaveLength(1);
  });

  test('that may redirect is not confirmed without a place to return to', async () => {
    const error = await failure(c.stripe.setupIntents.create({ payment_method: 'pm_card_visa', confirm: true }));
    expect(error.statusCode).toBe(400);
    expect(error.message).toMatch(/^This SetupIntent is configured to accept .*you must provide a `return_url`/);
    const never = { enabled: true, allow_redirects: 'never' as const };
    const done = await c.stripe.setupIntents.create({
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: never,
    });
    expect(done.status).toBe('succeeded');
  });

  test('is listed by its customer and by its method', async () => {
    const customer = await c.customer(null);
    const { id, payment_method } = await setUp('pm_card_visa', { customer });
    const other = await c.stripe.setupIntents.create({ customer });
    const ids = async (params: Stripe.SetupIntentListParams) =>
      (await c.stripe.setupIntents.list(params)).data.map((one) => one.id);
    expect(await ids({ customer })).toEqual([other.id, id]);
    expect(await ids({ payment_method: ref(payment_method) })).toEqual([id]);
  });

  test('of a debit has a mandate, which leads to its method', async () => {
    const setup = await setUp('pm_usBankAccount_success', {
      customer: await c.customer(null),
      allowed_payment_method_types: ['us_bank_account'],
      mandate_data: {
        customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'contract' } },
      },
      expand: ['mandate.payment_method'],
    });
    expect(setup.mandate).toMatchObject({
      object: 'mandate',
      customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'contract' } },
      livemode: false,
      payment_method: { id: ref(setup.payment_method), type: 'us_bank_account' },
      status: 'active',
      type: 'multi_use',
    });
  });

  test('of a debit without a mandate is refused', async () => {
    const call = setUp('pm_usBankAccount_success', { allowed_payment_method_types: ['us_bank_account'] });
    expect(await failure(call)).toMatchObject({ statusCode: 400, code: 'setup_intent_mandate_invalid' });
  });
});
