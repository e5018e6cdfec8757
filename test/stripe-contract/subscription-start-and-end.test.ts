import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds } from './support.js';

const c = contract();
const START = '2026-04-01T00:00:00Z';

/** A subscription to 30.00 a month, of a customer with a test clock at 1 April 2026. */
async function subscribed(more: Partial<Stripe.SubscriptionCreateParams> = {}, at = START) {
  const clock = await c.clock(at);
  const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
  const items = [{ price: await c.price(3000) }];
  const subscription = await c.stripe.subscriptions.create({ customer, items, ...more });
  return { clock, customer, subscription, id: subscription.id, item: subscription.items.data[0]?.id ?? '' };
}
const history = async (subscription: string) =>
  (await c.stripe.invoices.list({ subscription })).data.map(({ total }) => total).toReversed();
const pending = async (customer: string) =>
  (await c.stripe.invoiceItems.list({ customer, pending: true })).data.map(({ amount }) => amount).toReversed();
const linesOf = async ({ latest_invoice }: Stripe.Subscription) =>
  (await c.stripe.invoices.retrieve(ref(latest_invoice))).lines.data.map(({ amount, period }) => [
    amount,
    new Date(period.start * 1000).toISOString().slice(0, 10),
    new Date(period.end * 1000).toISOString().slice(0, 10),
  ]);
const refused = (param: string) => ({ type: 'StripeInvalidRequestError', statusCode: 400, param });

describe('a subscription that is made with its end', () => {
  test.each<[string, Partial<Stripe.SubscriptionCreateParams>, object]>([
    ['cancel_at_period_end', { cancel_at_period_end: true }, { cancel_at_period_end: true }],
    ['min_period_end', { cancel_at: 'min_period_end' }, { cancel_at_period_end: false }],
    ['max_period_end', { cancel_at: 'max_period_end' }, { cancel_at_period_end: false }],
  ])('%s ends with its first period', async (_name, more, shown) => {
    const { clock, subscription, id } = await subscribed(more);
    expect(subscription).toMatchObject({ status: 'active', cancel_at: seconds('2026-05-01T00:00:00Z'), ...shown });
    await clock.advance('2026-05-01T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
    expect(await history(id)).toEqual([3000]);
  });

  // https://docs.stripe.com/api/subscriptions/create#create_subscription-cancel_at
  test('within its first period is asked for until then, or for all without prorations', async () => {
    const cancel_at = seconds('2026-04-11T00:00:00Z');
    const { clock, subscription, id } = await subscribed({ cancel_at });
    expect(await linesOf(subscription)).toEqual([[1000, '2026-04-01', '2026-04-11']]);
    await clock.advance('2026-04-11T02:00:00Z');
    expect(await c.stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'canceled', ended_at: cancel_at });
    const other = await subscribed({ cancel_at, proration_behavior: 'none' });
    expect(await history(other.id)).toEqual([3000]);
  });

  test('within a later period is asked for a part of that one in any case', async () => {
    const { clock, id } = await subscribed({
      cancel_at: seconds('2026-05-11T00:00:00Z'),
      proration_behavior: 'none',
    });
    await clock.advance('2026-05-01T02:00:00Z');
    // 10 of the 31 days of May
    expect(await history(id)).toEqual([3000, 968]);
    await clock.advance('2026-05-11T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
  });

  test('takes one word for it, not two, and only in flexible billing', async () => {
    await expect(subscribed({ cancel_at: 'min_period_end', cancel_at_period_end: true })).rejects.toMatchObject(
      refused('cancel_at'),
    );
    await expect(subscribed({ cancel_at: 'min_period_end', billing_mode: { type: 'classic' } })).rejects.toMatchObject(
      refused('cancel_at'),
    );
  });
});

describe('an end set within the period', () => {
  const cancel_at = seconds('2026-04-21T00:00:00Z');

  // https://docs.stripe.com/api/subscriptions/update#update_subscription-cancel_at
  test.each(['flexible', 'classic'] as const)('gives back what is behind it: %s', async (type) => {
    const { clock, customer, id } = await subscribed({ billing_mode: { type } });
    await clock.advance('2026-04-11T00:00:00Z');
    await c.stripe.subscriptions.update(id, { cancel_at });
    expect(await pending(customer)).toEqual([-1000]);
    await clock.advance('2026-04-21T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
    const found = await c.stripe.customers.retrieve(customer);
    // What waits is collected with the end: https://docs.stripe.com/api/subscriptions/cancel
    expect([found.deleted ? null : found.balance, await pending(customer)]).toEqual([-1000, []]);
  });

  test('gives nothing back without prorations, and at once where that is asked for', async () => {
    const none = await subscribed();
    await c.stripe.subscriptions.update(none.id, { cancel_at, proration_behavior: 'none' });
    expect(await pending(none.customer)).toEqual([]);
    const now = await subscribed();
    const details = { cancel_at, proration_behavior: 'always_invoice' } as const;
    const preview = await c.stripe.invoices.createPreview({ subscription: now.id, subscription_details: details });
    await c.stripe.subscriptions.update(now.id, details);
    expect([preview.total, await history(now.id)]).toEqual([-1000, [3000, -1000]]);
  });

  test('is asked for again when it is undone (the documentation is silent)', async () => {
    const { clock, customer, id } = await subscribed();
    await c.stripe.subscriptions.update(id, { cancel_at });
    await clock.advance('2026-04-11T00:00:00Z');
    await c.stripe.subscriptions.update(id, { cancel_at: '' });
    expect(await pending(customer)).toEqual([-1000, 1000]);
    await clock.advance('2026-05-01T02:00:00Z');
    expect(await history(id)).toEqual([3000, 3000]);
  });

  test('limits what a later change asks for and gives back', async () => {
    const { clock, customer, id, item } = await subscribed();
    await c.stripe.subscriptions.update(id, { cancel_at });
    await clock.advance('2026-04-11T00:00:00Z');
    await c.stripe.subscriptions.update(id, { items: [{ id: item, quantity: 3 }] });
    // Ten days until the end: 10.00 of one back, 30.00 for three
    expect(await pending(customer)).toEqual([-1000, -1000, 3000]);
  });

  test('must be to come', async () => {
    const { id } = await subscribed();
    await expect(
      c.stripe.subscriptions.update(id, { cancel_at: seconds('2026-03-31T00:00:00Z') }),
    ).rejects.toMatchObject(refused('cancel_at'));
  });
});

// https://docs.stripe.com/api/subscriptions/cancel
test('prorations that wait go with a subscription that is canceled at once, unless they are asked for', async () => {
  const changed = async () => {
    const world = await subscribed();
    await world.clock.advance('2026-04-16T00:00:00Z');
    await c.stripe.subscriptions.update(world.id, { items: [{ id: world.item, quantity: 2 }] });
    return world;
  };
  const [dropped, kept] = [await changed(), await changed()];
  await c.stripe.subscriptions.cancel(dropped.id);
  expect(await pending(dropped.customer)).toEqual([]);
  await c.stripe.subscriptions.cancel(kept.id, { invoice_now: true });
  expect(await history(kept.id)).toEqual([3000, 1500]);
});

// https://docs.stripe.com/billing/subscriptions/backdating
describe('a subscription that began in the past', () => {
  const AT = '2026-03-01T00:00:00Z';
  const backdate_start_date = seconds('2026-01-15T00:00:00Z');

  test('asks for each period since, in flexible billing', async () => {
    const { subscription } = await subscribed({ backdate_start_date }, AT);
    expect(subscription).toMatchObject({ start_date: backdate_start_date, billing_cycle_anchor: seconds(AT) });
    expect(await linesOf(subscription)).toEqual([
      [3000, '2026-01-15', '2026-02-15'],
      [1500, '2026-02-15', '2026-03-01'],
      [3000, '2026-03-01', '2026-04-01'],
    ]);
  });

  test('asks for all of it in one, in classic billing', async () => {
    const begun = await subscribed({ backdate_start_date, billing_mode: { type: 'classic' } }, AT);
    // 45 days, by the 31 of a month from 15 January
    expect(await linesOf(begun.subscription)).toEqual([
      [4355, '2026-01-15', '2026-03-01'],
      [3000, '2026-03-01', '2026-04-01'],
    ]);
  });

  test('asks for nothing of it without prorations', async () => {
    const { subscription } = await subscribed({ backdate_start_date, proration_behavior: 'none' }, AT);
    expect(subscription.start_date).toBe(backdate_start_date);
    expect(await linesOf(subscription)).toEqual([[3000, '2026-03-01', '2026-04-01']]);
  });

  test('asks for the time until its anchor', async () => {
    const { clock, subscription, id } = await subscribed(
      {
        backdate_start_date: seconds('2026-02-15T00:00:00Z'),
        billing_cycle_anchor: seconds('2026-03-08T00:00:00Z'),
      },
      AT,
    );
    // 21 of 28 days
    expect(await linesOf(subscription)).toEqual([[2250, '2026-02-15', '2026-03-08']]);
    await clock.advance('2026-03-08T02:00:00Z');
    expect(await history(id)).toEqual([2250, 3000]);
  });

  test('did not begin in the future', async () => {
    await expect(subscribed({ backdate_start_date: seconds('2026-05-01T00:00:00Z') })).rejects.toMatchObject(
      refused('backdate_start_date'),
    );
  });
});

describe('a trial', () => {
  // https://docs.stripe.com/api/subscriptions/object#subscription_object-pending_setup_intent
  test('offers to take a card where there is none, and only there', async () => {
    const trial = async (customer: string) =>
      c.stripe.subscriptions.create({
        customer,
        items: [{ price: await c.price(1000) }],
        trial_period_days: 7,
        expand: ['pending_setup_intent'],
      });
    const customer = await c.customer(null);
    expect(await trial(customer)).toMatchObject({
      status: 'trialing',
      pending_setup_intent: { customer, status: 'requires_payment_method', usage: 'off_session' },
    });
    expect((await trial(await c.customer('pm_card_visa'))).pending_setup_intent).toBeNull();
  });

  test('is not given where it ends now', async () => {
    const { subscription } = await subscribed({ trial_end: 'now' });
    expect(subscription).toMatchObject({ status: 'active', trial_start: null, trial_end: null });
  });

  test('given to an active subscription gives back what was paid, and is invoiced for nothing', async () => {
    const { clock, customer, id } = await subscribed();
    await clock.advance('2026-04-16T00:00:00Z');
    const trial_end = seconds('2026-04-26T00:00:00Z');
    const trialing = await c.stripe.subscriptions.update(id, { trial_end });
    expect(trialing).toMatchObject({ status: 'trialing', trial_end, billing_cycle_anchor: trial_end });
    expect(await history(id)).toEqual([3000, -1500]);
    await clock.advance('2026-04-26T02:00:00Z');
    const found = await c.stripe.customers.retrieve(customer);
    expect([await history(id), found.deleted ? null : found.balance]).toEqual([[3000, -1500, 3000], 0]);
  });
});

describe('prices made on the spot', () => {
  test('are taken at creation, at a change, and by items', async () => {
    const product = (await c.stripe.products.create({ name: 'Bespoke' })).id;
    const price_data = (unit_amount: number) => ({
      currency: 'usd',
      product,
      unit_amount,
      recurring: { interval: 'month' as const },
    });
    const { subscription, id, item } = await subscribed({
      items: [{ price_data: price_data(1200), quantity: 2 }],
      add_invoice_items: [{ price_data: { currency: 'usd', product, unit_amount: 500 } }],
    });
    expect(await history(id)).toEqual([2900]);
    expect(subscription.items.data[0]?.price).toMatchObject({ product, unit_amount: 1200, type: 'recurring' });
    const changed = await c.stripe.subscriptions.update(id, { items: [{ id: item, price_data: price_data(1500) }] });
    expect(changed.items.data[0]).toMatchObject({ quantity: 2, price: { unit_amount: 1500 } });
    const added = await c.stripe.subscriptionItems.create({ subscription: id, price_data: price_data(100) });
    const after = await c.stripe.subscriptionItems.update(added.id, { price_data: price_data(200), quantity: 4 });
    expect(after).toMatchObject({ id: added.id, quantity: 4, price: { unit_amount: 200 } });
  });

  test('need a product that is there, and no other price beside them', async () => {
    const recurring = { interval: 'month' as const };
    const data = { currency: 'usd', product: 'prod_nothing', unit_amount: 100, recurring };
    await expect(subscribed({ items: [{ price_data: data }] })).rejects.toMatchObject(
      refused('items[0][price_data][product]'),
    );
    await expect(subscribed({ items: [{ price: await c.price(100), price_data: data }] })).rejects.toMatchObject(
      refused('items[0][price_data]'),
    );
    await expect(subscribed({ items: [{ quantity: 1 }] })).rejects.toMatchObject(refused('items[0][price]'));
  });
});

test('extra items have discounts and taxes of their own', async () => {
  const coupon = (await c.stripe.coupons.create({ percent_off: 50, duration: 'once' })).id;
  const rate = await c.stripe.taxRates.create({ display_name: 'VAT', percentage: 10, inclusive: false });
  const { id } = await subscribed({
    add_invoice_items: [
      { price: await c.oneTimePrice(1000), discounts: [{ coupon }], tax_rates: [rate.id], metadata: { for: 'setup' } },
    ],
  });
  expect(await history(id)).toEqual([3000 + 550]);
});

// https://docs.stripe.com/api/subscriptions/object#subscription_object-pending_invoice_item_interval
test('what waits is invoiced in an interval of its own', async () => {
  const { clock, customer, id, subscription } = await subscribed({
    pending_invoice_item_interval: { interval: 'week' },
  });
  expect(subscription).toMatchObject({
    pending_invoice_item_interval: { interval: 'week', interval_count: 1 },
    next_pending_invoice_item_invoice: seconds('2026-04-08T00:00:00Z'),
  });
  await clock.advance('2026-04-08T02:00:00Z');
  expect(await history(id)).toEqual([3000]);
  await c.stripe.invoiceItems.create({ customer, subscription: id, amount: 700, currency: 'usd' });
  await clock.advance('2026-04-15T02:00:00Z');
  expect((await c.stripe.invoices.list({ subscription: id })).data[0]).toMatchObject({
    total: 700,
    status: 'paid',
    billing_reason: 'automatic_pending_invoice_item_invoice',
  });
  const stopped = await c.stripe.subscriptions.update(id, { pending_invoice_item_interval: '' });
  expect(stopped).toMatchObject({ pending_invoice_item_interval: null, next_pending_invoice_item_invoice: null });
  await expect(
    c.stripe.subscriptions.update(id, { pending_invoice_item_interval: { interval: 'month', interval_count: 13 } }),
  ).rejects.toMatchObject({ statusCode: 400 });
});

test('a change within a period that an anchor cut short is prorated by a whole one', async () => {
  const { clock, customer, id, item } = await subscribed({ billing_cycle_anchor: seconds('2026-04-16T00:00:00Z') });
  await clock.advance('2026-04-06T00:00:00Z');
  await c.stripe.subscriptions.update(id, { items: [{ id: item, quantity: 2 }] });
  // 10 of the 31 days from 16 March: 9.68 of 14.52 back, 19.35 for two
  expect(await pending(customer)).toEqual([-968, 1935]);
});
