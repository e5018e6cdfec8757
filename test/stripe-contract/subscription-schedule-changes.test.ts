import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds } from './support.js';

const c = contract();
const START = '2026-04-01T00:00:00Z';
const month = { interval: 'month', interval_count: 1 } as const;
type Phase = Stripe.SubscriptionScheduleCreateParams.Phase;

async function scheduled(phases: Phase[], more: Partial<Stripe.SubscriptionScheduleCreateParams> = {}) {
  const clock = await c.clock(START);
  const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
  const schedule = await c.stripe.subscriptionSchedules.create({ customer, start_date: 'now', phases, ...more });
  return { clock, customer, schedule, id: schedule.id, subscription: ref(schedule.subscription) };
}
const history = async (subscription: string) =>
  (await c.stripe.invoices.list({ subscription })).data.map(({ total }) => total).toReversed();
const itemsOf = async (subscription: string) =>
  (await c.stripe.subscriptions.retrieve(subscription)).items.data.map(({ price, quantity }) => [
    price.unit_amount,
    quantity,
  ]);

describe('a change of the phase that runs', () => {
  // https://docs.stripe.com/api/subscription_schedules/update#update_subscription_schedule-proration_behavior
  test.each([
    [undefined, [3000], [-1500, 3000]],
    ['create_prorations', [3000], [-1500, 3000]],
    ['always_invoice', [3000, 1500], []],
    ['none', [3000], []],
  ] as const)('changes the subscription, prorated as asked: %s', async (proration_behavior, invoiced, waiting) => {
    const price = await c.price(3000);
    const { clock, customer, schedule, id, subscription } = await scheduled([{ items: [{ price }], duration: month }]);
    await clock.advance('2026-04-16T00:00:00Z');
    const [phase] = schedule.phases;
    await c.stripe.subscriptionSchedules.update(id, {
      phases: [{ items: [{ price, quantity: 2 }], start_date: phase?.start_date ?? 0, end_date: phase?.end_date ?? 0 }],
      ...(proration_behavior !== undefined && { proration_behavior }),
    });
    expect(await itemsOf(subscription)).toEqual([[3000, 2]]);
    expect(await history(subscription)).toEqual(invoiced);
    const { data } = await c.stripe.invoiceItems.list({ customer, pending: true });
    expect(data.map(({ amount }) => amount).toReversed()).toEqual(waiting);
    expect(await c.events('customer.subscription.updated', subscription)).toHaveLength(1);
  });

  test('can end it now, and begin the next', async () => {
    const [cheap, dear] = [await c.price(3000), await c.price(6000)];
    const { clock, schedule, id, subscription } = await scheduled([{ items: [{ price: cheap }], duration: month }]);
    await clock.advance('2026-04-16T00:00:00Z');
    const changed = await c.stripe.subscriptionSchedules.update(id, {
      phases: [
        { items: [{ price: cheap }], start_date: schedule.phases[0]?.start_date ?? 0, end_date: 'now' },
        { items: [{ price: dear }], duration: month },
      ],
      proration_behavior: 'always_invoice',
    });
    expect(changed.current_phase).toEqual({ start_date: clock.now, end_date: seconds('2026-05-16T00:00:00Z') });
    expect(await itemsOf(subscription)).toEqual([[6000, 1]]);
    expect(await history(subscription)).toEqual([3000, 1500]);
  });

  test('leaves the subscription alone where only a later phase is another', async () => {
    const [cheap, dear] = [await c.price(3000), await c.price(6000)];
    const { schedule, id, subscription } = await scheduled([{ items: [{ price: cheap }], duration: month }]);
    const [phase] = schedule.phases;
    await c.stripe.subscriptionSchedules.update(id, {
      phases: [
        { items: [{ price: cheap }], start_date: phase?.start_date ?? 0, end_date: phase?.end_date ?? 0 },
        { items: [{ price: dear }], duration: month },
      ],
    });
    expect(await history(subscription)).toEqual([3000]);
    expect((await c.stripe.events.list({ type: 'customer.subscription.updated', limit: 100 })).data).not.toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ object: expect.objectContaining({ id: subscription }) }),
      }),
    );
  });
});

describe('a phase', () => {
  test('adds items to its first invoice, and has prices made on the spot', async () => {
    const product = (await c.stripe.products.create({ name: 'Bespoke' })).id;
    const extra = await c.oneTimePrice(700);
    const recurring = { interval: 'month' as const };
    const { clock, schedule, subscription } = await scheduled([
      {
        items: [{ price_data: { currency: 'usd', product, unit_amount: 1000, recurring }, metadata: { seat: 'a' } }],
        add_invoice_items: [{ price: extra, quantity: 2 }],
        duration: month,
      },
      {
        items: [{ price_data: { currency: 'usd', product, unit_amount: 2000, recurring }, metadata: { seat: 'b' } }],
        add_invoice_items: [{ price_data: { currency: 'usd', product, unit_amount: 300 } }],
        duration: month,
      },
    ]);
    expect(schedule.phases[0]?.add_invoice_items).toMatchObject([{ price: extra, quantity: 2 }]);
    expect(await history(subscription)).toEqual([2400]);
    await clock.advance('2026-05-01T02:00:00Z');
    expect(await history(subscription)).toEqual([2400, 2300]);
    const [item] = (await c.stripe.subscriptions.retrieve(subscription)).items.data;
    expect(item).toMatchObject({ metadata: { seat: 'b' }, price: { unit_amount: 2000 } });
  });

  test('merges its metadata into that of the subscription, and unsets keys', async () => {
    const items = [{ price: await c.price(1000) }];
    const { clock, subscription } = await scheduled([
      { items, metadata: { a: '1', b: '1' }, duration: month },
      { items, metadata: { a: '', c: '2' }, duration: month },
    ]);
    expect((await c.stripe.subscriptions.retrieve(subscription)).metadata).toEqual({ a: '1', b: '1' });
    await clock.advance('2026-05-01T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(subscription)).metadata).toEqual({ b: '1', c: '2' });
  });

  test('may begin the billing cycle anew', async () => {
    const items = [{ price: await c.price(3000) }];
    const { clock, subscription } = await scheduled([
      { items, end_date: seconds('2026-04-16T00:00:00Z') },
      { items, billing_cycle_anchor: 'phase_start', duration: month },
    ]);
    await clock.advance('2026-04-16T02:00:00Z');
    expect(await c.stripe.subscriptions.retrieve(subscription)).toMatchObject({
      billing_cycle_anchor: seconds('2026-04-16T00:00:00Z'),
    });
    expect(await history(subscription)).toEqual([3000, 1500]);
  });

  test('of a metered price has no quantity', async () => {
    const meter = await c.stripe.billing.meters.create({
      display_name: 'Calls',
      event_name: `calls_${Date.now()}`,
      default_aggregation: { formula: 'sum' },
    });
    const price = await c.price(10, { recurring: { interval: 'month', usage_type: 'metered', meter: meter.id } });
    const { schedule, subscription } = await scheduled([{ items: [{ price }], duration: month }]);
    expect(schedule.phases[0]?.items[0]).not.toHaveProperty('quantity');
    expect(await itemsOf(subscription)).toEqual([[10, undefined]]);
  });

  test('gives a trial for a part of it', async () => {
    const items = [{ price: await c.price(3000) }];
    const { clock, subscription } = await scheduled([
      { items, trial_end: seconds('2026-04-11T00:00:00Z'), end_date: seconds('2026-06-11T00:00:00Z') },
    ]);
    expect((await c.stripe.subscriptions.retrieve(subscription)).status).toBe('trialing');
    await clock.advance('2026-04-11T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(subscription)).status).toBe('active');
    expect(await history(subscription)).toEqual([0, 3000]);
  });

  test.each<[string, Omit<Phase, 'items'>, string]>([
    ['end and duration', { duration: month, end_date: seconds('2026-05-01T00:00:00Z') }, 'phases[0][duration]'],
    ['no end', {}, 'phases[0][end_date]'],
    [
      'an anchor at its start and a trial',
      { billing_cycle_anchor: 'phase_start', trial: true, duration: month },
      'phases[0][billing_cycle_anchor]',
    ],
  ])('is refused with %s', async (_name, wrong, param) => {
    const items = [{ price: await c.price(1000) }];
    await expect(scheduled([{ items, ...wrong }])).rejects.toMatchObject({ statusCode: 400, param });
  });
});

describe('the settings of a schedule', () => {
  test('hold for phases that say nothing else', async () => {
    const items = [{ price: await c.price(1000) }];
    const { clock, schedule, subscription } = await scheduled(
      [
        { items, duration: month },
        { items, collection_method: 'charge_automatically', description: 'Second', duration: month },
      ],
      {
        default_settings: {
          collection_method: 'send_invoice',
          description: 'First',
          invoice_settings: { days_until_due: 5 },
        },
      },
    );
    expect(schedule.default_settings).toMatchObject({
      collection_method: 'send_invoice',
      invoice_settings: { days_until_due: 5 },
    });
    const first = await c.stripe.subscriptions.retrieve(subscription);
    expect(first).toMatchObject({ collection_method: 'send_invoice', days_until_due: 5, description: 'First' });
    await clock.advance('2026-05-01T02:00:00Z');
    const second = await c.stripe.subscriptions.retrieve(subscription);
    expect(second).toMatchObject({ collection_method: 'charge_automatically', description: 'Second' });
  });

  test('can be changed, with the phase that runs', async () => {
    const items = [{ price: await c.price(1000) }];
    const { id, subscription } = await scheduled([{ items, duration: month }]);
    const changed = await c.stripe.subscriptionSchedules.update(id, { default_settings: { description: 'Other' } });
    expect(changed.default_settings).toMatchObject({ description: 'Other', collection_method: 'charge_automatically' });
    expect((await c.stripe.subscriptions.retrieve(subscription)).description).toBe('Other');
  });
});

test('a schedule may begin in the past', async () => {
  const begin = seconds('2026-03-17T00:00:00Z');
  const { schedule, subscription } = await scheduled(
    [{ items: [{ price: await c.price(3100) }], end_date: seconds('2026-05-01T00:00:00Z') }],
    { start_date: begin },
  );
  expect(schedule).toMatchObject({ status: 'active', current_phase: { start_date: begin } });
  expect((await c.stripe.subscriptions.retrieve(subscription)).start_date).toBe(begin);
  // 15 of the 31 days from 17 March, and a month
  expect(await history(subscription)).toEqual([1500 + 3100]);
});

test('a schedule of a subscription takes no other parameter', async () => {
  const customer = await c.customer('pm_card_visa');
  const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
  await expect(
    c.stripe.subscriptionSchedules.create({ from_subscription: id, end_behavior: 'cancel' }),
  ).rejects.toMatchObject({ statusCode: 400, param: 'end_behavior' });
});
