import { describe, expect, test } from '@jest/globals';
import { contract } from './support.js';

const world = contract();

describe('a portal configuration', () => {
  test('is off where nothing is asked for, and changes by what is', async () => {
    const made = await world.stripe.billingPortal.configurations.create({
      business_profile: { headline: 'Lamps and more' },
      features: { invoice_history: { enabled: true } },
      metadata: { for: 'contract' },
    });
    expect(made).toMatchObject({
      object: 'billing_portal.configuration',
      active: true,
      business_profile: { headline: 'Lamps and more', privacy_policy_url: null, terms_of_service_url: null },
      features: {
        customer_update: { allowed_updates: [], enabled: false },
        invoice_history: { enabled: true },
        payment_method_update: { enabled: false },
        subscription_cancel: { enabled: false, mode: 'at_period_end', proration_behavior: 'none' },
        subscription_update: { enabled: false },
      },
      is_default: false,
      login_page: { enabled: false, url: null },
      metadata: { for: 'contract' },
    });
    const updated = await world.stripe.billingPortal.configurations.update(made.id, {
      active: false,
      features: { subscription_cancel: { enabled: true, mode: 'immediately' } },
    });
    expect(updated).toMatchObject({
      active: false,
      business_profile: { headline: 'Lamps and more' },
      features: { invoice_history: { enabled: true }, subscription_cancel: { enabled: true, mode: 'immediately' } },
    });
    const [event] = await world.events('billing_portal.configuration.updated', made.id);
    expect(event?.data.previous_attributes).toMatchObject({
      active: true,
      features: { subscription_cancel: { enabled: false, mode: 'at_period_end' } },
    });
    expect(
      (await world.stripe.billingPortal.configurations.list({ active: false })).data.map(({ id }) => id),
    ).toContain(made.id);
  });

  test.each([
    [
      'subscription_update without products',
      { subscription_update: { enabled: true, default_allowed_updates: ['price'] } },
    ],
    ['customer_update without what may be updated', { customer_update: { enabled: true } }],
    ['an unknown mode', { subscription_cancel: { enabled: true, mode: 'someday' } }],
  ])('is refused with %s', async (_what, features) => {
    const call = world.stripe.rawRequest('POST', '/v1/billing_portal/configurations', { features });
    await expect(call).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('a portal session', () => {
  test('is a link for one customer', async () => {
    const customer = await world.customer(null);
    const { id: configuration } = await world.stripe.billingPortal.configurations.create({
      default_return_url: 'https://example.com/account',
      features: { invoice_history: { enabled: true } },
    });
    const session = await world.stripe.billingPortal.sessions.create({ customer, configuration });
    expect(session).toMatchObject({
      object: 'billing_portal.session',
      configuration,
      customer,
      flow: null,
      return_url: 'https://example.com/account',
      url: expect.stringMatching(/^https?:/),
    });
  });

  test('may lead to one thing to do', async () => {
    const customer = await world.customer('pm_card_visa');
    const price = await world.price(1000);
    const { id: subscription } = await world.stripe.subscriptions.create({ customer, items: [{ price }] });
    const { id: configuration } = await world.stripe.billingPortal.configurations.create({
      features: { subscription_cancel: { enabled: true }, invoice_history: { enabled: true } },
    });
    const session = await world.stripe.billingPortal.sessions.create({
      customer,
      configuration,
      flow_data: {
        type: 'subscription_cancel',
        subscription_cancel: { subscription },
        after_completion: { type: 'redirect', redirect: { return_url: 'https://example.com/gone' } },
      },
    });
    expect(session.flow).toMatchObject({
      type: 'subscription_cancel',
      subscription_cancel: { subscription, retention: null },
      subscription_update: null,
      after_completion: {
        type: 'redirect',
        redirect: { return_url: 'https://example.com/gone' },
        hosted_confirmation: null,
      },
    });
  });

  test('is refused for nobody, for an unknown customer, and for a flow without its subscription', async () => {
    const customer = await world.customer(null);
    for (const params of [
      {},
      { customer: 'cus_none' },
      { customer, flow_data: { type: 'subscription_cancel' } },
      { customer, flow_data: { type: 'dance' } },
    ])
      await expect(world.stripe.rawRequest('POST', '/v1/billing_portal/sessions', params)).rejects.toMatchObject({
        statusCode: 400,
      });
  });
});
