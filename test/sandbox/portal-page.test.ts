import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { Visitor } from './browse.js';
import { ref, TestSandbox } from './support.js';

let world: TestSandbox;
let stripe: Stripe;
let customer: string;
let subscription: string;
beforeEach(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
  customer = await world.customerWith('pm_card_visa');
  subscription = (await stripe.subscriptions.create({ customer, items: [{ price: await world.price(1000) }] })).id;
});
afterEach(() => world.close());

async function open(params: Partial<Stripe.BillingPortal.SessionCreateParams> = {}): Promise<Visitor> {
  const { url } = await stripe.billingPortal.sessions.create({ customer, ...params });
  return new Visitor().open(url);
}

test('without a configuration the portal is as the dashboard proposes it', async () => {
  const visitor = await open({ return_url: 'https://shop.example/account' });
  expect(visitor.text).toContain('Pro');
  expect(visitor.text).toContain('Renews on 2026-02-28');
  expect(visitor.text).toContain('visa ending in 4242 (default)');
  expect(visitor.html).not.toContain('Change the plan');
  expect(visitor.links().get('Return to the shop')).toBe('https://shop.example/account');
  expect((await stripe.billingPortal.configurations.list({ is_default: true })).data).toHaveLength(1);
});

test('a plan is cancelled at its end, with the reason, and kept after all', async () => {
  const visitor = await open();
  await visitor.press('Cancel the plan', { feedback: 'too_expensive' });
  expect(visitor.text).toContain('Ends on 2026-02-28');
  expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({
    cancel_at_period_end: true,
    cancellation_details: { feedback: 'too_expensive', reason: 'cancellation_requested' },
  });
  await visitor.press('Keep the plan');
  expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({
    cancel_at: null,
    cancel_at_period_end: false,
    status: 'active',
  });
});

test('a new card becomes the default; a declined one is refused; the old one can be removed', async () => {
  const visitor = await open();
  await visitor.press('Add card', { number: '4000000000000002' });
  expect([visitor.status, visitor.text]).toEqual([400, expect.stringContaining('Your card was declined')]);
  await visitor.press('Add card', { number: '5555555555554444' });
  expect(visitor.text).toContain('mastercard ending in 4444 (default)');
  await visitor.press('Remove : 4242');
  expect((await stripe.customers.listPaymentMethods(customer)).data.map(({ card }) => card?.last4)).toEqual(['4444']);
});

test('details are changed as far as the configuration lets', async () => {
  const { id: configuration } = await stripe.billingPortal.configurations.create({
    features: { customer_update: { enabled: true, allowed_updates: ['email'] } },
  });
  const visitor = await open({ configuration });
  await visitor.press('Save details', { email: 'new@example.com', name: 'Mallory' });
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ email: 'new@example.com', name: 'Jenny Rosen' });
  expect(visitor.html).not.toContain('Cards');
});

test('a plan is changed to one on offer, prorated as configured', async () => {
  const product = (await stripe.products.create({ name: 'Max' })).id;
  const bigger = await stripe.prices.create({
    product,
    currency: 'usd',
    unit_amount: 3000,
    recurring: { interval: 'month' },
  });
  const { id: configuration } = await stripe.billingPortal.configurations.create({
    features: {
      subscription_update: {
        enabled: true,
        default_allowed_updates: ['price'],
        products: [{ product, prices: [bigger.id] }],
        proration_behavior: 'always_invoice',
      },
    },
  });
  const visitor = await open({ configuration });
  await visitor.press('Change the plan', { price: bigger.id });
  const after = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] });
  expect(after.items.data[0]?.price.id).toBe(bigger.id);
  expect(after.latest_invoice).toMatchObject({ billing_reason: 'subscription_update', amount_paid: 2000 });
  await visitor.press('Change the plan', { price: 'price_of_another_shop' });
  expect(visitor.text).toContain('not on offer');
});

test.each([
  ['redirect', 'https://shop.example/gone'],
  ['hosted_confirmation', 'See you'],
])('a deep link leads to one thing and ends by %s', async (type, seen) => {
  const visitor = await open({
    flow_data: {
      type: 'subscription_cancel',
      subscription_cancel: { subscription },
      after_completion:
        type === 'redirect'
          ? { type, redirect: { return_url: seen } }
          : { type, hosted_confirmation: { custom_message: seen } },
    },
  });
  expect(visitor.html).not.toContain('Add card');
  await visitor.press('Cancel the plan');
  expect(type === 'redirect' ? visitor.url : visitor.text).toContain(seen);
});

test('a proposed change is shown and confirmed', async () => {
  const item = (await stripe.subscriptions.retrieve(subscription)).items.data[0];
  const { id: configuration } = await stripe.billingPortal.configurations.create({
    features: {
      subscription_update: {
        enabled: true,
        default_allowed_updates: ['quantity'],
        products: [{ product: ref(item?.price.product), prices: [ref(item?.price)] }],
      },
    },
  });
  const visitor = await open({
    configuration,
    flow_data: {
      type: 'subscription_update_confirm',
      subscription_update_confirm: { subscription, items: [{ id: item?.id ?? '', quantity: 5 }] },
    },
  });
  expect(visitor.text).toContain('5 × Pro');
  await visitor.press('Confirm the change');
  expect((await stripe.subscriptions.retrieve(subscription)).items.data[0]?.quantity).toBe(5);
});

test('nobody reaches another customer’s things, nor anything by an old link', async () => {
  const visitor = await open();
  const stranger = await world.customerWith('pm_card_visa');
  const theirs = (await stripe.customers.listPaymentMethods(stranger)).data[0]?.id ?? '';
  await visitor.press('Cancel the plan', { subscription: 'sub_none' });
  expect(visitor.text).toContain('No such subscription');
  const answer = await fetch(`${visitor.url.replace('/cancel', '')}/remove`, {
    method: 'POST',
    body: new URLSearchParams({ method: theirs }),
  });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('cannot be done here')]);
  await world.advance('2h');
  expect((await visitor.open(visitor.url.replace('/cancel', ''))).text).toContain('expired');
});
