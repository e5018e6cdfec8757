import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds, until, type TestClock } from './support.js';

const world = contract();

interface Scene {
  clock: TestClock;
  customer: string;
  event_name: string;
  subscription: Stripe.Subscription;
}

/** A metered subscription from 10 January 2026 on, at 5 cents each if nothing else is asked for. */
async function scene(
  price: Partial<Stripe.PriceCreateParams> = {},
  more: Stripe.SubscriptionCreateParams.Item[] = [],
): Promise<Scene> {
  const clock = await world.clock('2026-01-10T10:00:00Z');
  const customer = await world.customer('pm_card_visa', { test_clock: clock.id });
  const event_name = `calls_${randomUUID()}`;
  const { id: meter } = await world.stripe.billing.meters.create({
    display_name: 'Calls',
    event_name,
    default_aggregation: { formula: 'sum' },
  });
  const metered = await world.price(price.billing_scheme === 'tiered' ? undefined : 5, {
    ...price,
    recurring: { interval: 'month', usage_type: 'metered', meter },
  });
  const subscription = await world.stripe.subscriptions.create({ customer, items: [{ price: metered }, ...more] });
  return { clock, customer, event_name, subscription };
}

async function use({ event_name, customer, clock }: Scene, value: number, at = clock.now): Promise<void> {
  await world.stripe.billing.meterEvents.create({
    event_name,
    timestamp: at,
    payload: { stripe_customer_id: customer, value: String(value) },
  });
}

/** Stripe counts usage a little later than it takes it. */
async function counted({ subscription }: Scene, total: number): Promise<void> {
  await until(
    () => world.stripe.invoices.createPreview({ subscription: subscription.id }),
    (preview) => preview.total === total,
  );
}

const invoicesOf = async ({ subscription }: Scene) =>
  (await world.stripe.invoices.list({ subscription: subscription.id })).data;

describe('a metered price', () => {
  test('names its meter, and its item has no quantity', async () => {
    const { subscription } = await scene();
    const [item] = subscription.items.data;
    expect(item?.price.recurring).toMatchObject({ usage_type: 'metered', meter: expect.stringMatching(/^mtr_/) });
    expect(item).not.toHaveProperty('quantity');
    expect(subscription.status).toBe('active');
  });

  test('costs nothing in advance, and what was used afterwards', async () => {
    const here = await scene();
    expect((await invoicesOf(here)).map(({ total }) => total)).toEqual([0]);
    await here.clock.advance('2026-01-20T10:00:00Z');
    await use(here, 30);
    await use(here, 12);
    await counted(here, 210);
    await here.clock.advance('2026-02-10T12:00:00Z');
    const [renewal] = await invoicesOf(here);
    expect(renewal).toMatchObject({ billing_reason: 'subscription_cycle', status: 'paid', amount_paid: 210 });
    expect(renewal?.lines.data).toMatchObject([
      {
        amount: 210,
        quantity: 42,
        period: { start: seconds('2026-01-10T10:00:00Z'), end: seconds('2026-02-10T10:00:00Z') },
      },
    ]);
  });

  test('counts late reports while the invoice is a draft, and nothing twice', async () => {
    const here = await scene();
    await here.clock.advance('2026-02-10T10:10:00Z');
    await use(here, 100, seconds('2026-02-10T09:00:00Z'));
    await use(here, 7, seconds('2026-02-10T10:05:00Z'));
    await here.clock.advance('2026-02-10T12:00:00Z');
    const [first] = await invoicesOf(here);
    expect(first).toMatchObject({ amount_paid: 500, status: 'paid' });
    await here.clock.advance('2026-03-10T12:00:00Z');
    const [second] = await invoicesOf(here);
    // 35 cents is below what can be charged: it waits on the balance.
    expect(second).toMatchObject({ total: 35, amount_due: 0, ending_balance: 35 });
  });

  test('goes beside a fixed one: the month to come in advance, the month that was by use', async () => {
    const fixed = await world.price(1000);
    const here = await scene({}, [{ price: fixed }]);
    expect((await invoicesOf(here)).map(({ total }) => total)).toEqual([1000]);
    await use(here, 10);
    await counted(here, 1050);
    await here.clock.advance('2026-02-10T12:00:00Z');
    const [renewal] = await invoicesOf(here);
    expect(renewal?.lines.data.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([50, 1000]);
  });

  test('may have tiers', async () => {
    const here = await scene({
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [
        { up_to: 100, unit_amount: 10 },
        { up_to: 'inf', unit_amount: 5 },
      ],
    });
    await use(here, 150);
    await counted(here, 1250);
    await here.clock.advance('2026-02-10T12:00:00Z');
    const [renewal] = await invoicesOf(here);
    expect(renewal).toMatchObject({ amount_paid: 1250 });
    expect(renewal?.lines.data.map(({ amount, quantity }) => [amount, quantity])).toEqual([
      [1000, 100],
      [250, 50],
    ]);
  });

  test('leaves a last invoice when it ends with its period, and when that is asked for at once', async () => {
    const [slow, quick] = [await scene(), await scene()];
    await world.stripe.subscriptions.update(slow.subscription.id, { cancel_at_period_end: true });
    for (const one of [slow, quick]) await use(one, 20);
    await slow.clock.advance('2026-02-10T12:00:00Z');
    const [last] = await invoicesOf(slow);
    expect(last).toMatchObject({ status: 'paid', amount_paid: 100 });
    expect(await world.stripe.subscriptions.retrieve(slow.subscription.id)).toMatchObject({ status: 'canceled' });

    await counted(quick, 100);
    await quick.clock.advance('2026-01-20T10:00:00Z');
    const canceled = await world.stripe.subscriptions.cancel(quick.subscription.id, { invoice_now: true });
    expect(await world.stripe.invoices.retrieve(ref(canceled.latest_invoice))).toMatchObject({ amount_paid: 100 });
  });

  test('that is replaced leaves what was used of it on the next invoice', async () => {
    const here = await scene();
    await use(here, 20);
    await counted(here, 100);
    await here.clock.advance('2026-01-20T10:00:00Z');
    const [item] = here.subscription.items.data;
    const dearer = await world.price(50, {
      recurring: { interval: 'month', usage_type: 'metered', meter: item?.price.recurring?.meter ?? '' },
    });
    await world.stripe.subscriptions.update(here.subscription.id, { items: [{ id: item?.id ?? '', price: dearer }] });
    await use(here, 3);
    await counted(here, 250);
    await here.clock.advance('2026-02-10T12:00:00Z');
    expect((await invoicesOf(here))[0]).toMatchObject({ amount_paid: 250 });
  });
});

test.each([
  ['a metered price without a meter', { usage_type: 'metered' }],
  ['a meter that is not there', { usage_type: 'metered', meter: 'mtr_none' }],
])('%s is refused', async (_what, recurring) => {
  const params = {
    currency: 'usd',
    unit_amount: 5,
    product_data: { name: 'x' },
    recurring: { interval: 'month', ...recurring },
  };
  await expect(world.stripe.rawRequest('POST', '/v1/prices', params)).rejects.toMatchObject({ statusCode: 400 });
});

test('a quantity of a metered price is refused', async () => {
  const { customer, subscription } = await scene();
  const price = subscription.items.data[0]?.price.id ?? '';
  await expect(world.stripe.subscriptions.create({ customer, items: [{ price, quantity: 2 }] })).rejects.toMatchObject({
    statusCode: 400,
  });
});
