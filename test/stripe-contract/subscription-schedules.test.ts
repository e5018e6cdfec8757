import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds } from './support.js';

const c = contract();
const START = '2026-01-10T00:00:00Z';

async function scheduled(phases: Stripe.SubscriptionScheduleCreateParams.Phase[], more: object = {}) {
  const clock = await c.clock(START);
  const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
  const schedule = await c.stripe.subscriptionSchedules.create({ customer, start_date: 'now', phases, ...more });
  return { clock, customer, schedule, id: schedule.id };
}
const invoicesOf = async (subscription: string) =>
  (await c.stripe.invoices.list({ subscription })).data.map(({ total }) => total).toReversed();

describe('a subscription schedule', () => {
  test('goes through its phases, and releases its subscription at the end', async () => {
    const [cheap, dear] = [await c.price(1000), await c.price(3000)];
    const { clock, schedule, id } = await scheduled([
      { items: [{ price: cheap }], duration: { interval: 'month', interval_count: 1 } },
      { items: [{ price: dear, quantity: 2 }], duration: { interval: 'month', interval_count: 1 } },
    ]);
    expect(schedule).toMatchObject({
      object: 'subscription_schedule',
      status: 'active',
      end_behavior: 'release',
      test_clock: clock.id,
      current_phase: { start_date: seconds(START), end_date: seconds('2026-02-10T00:00:00Z') },
    });
    const subscription = ref(schedule.subscription);
    expect(await c.stripe.subscriptions.retrieve(subscription)).toMatchObject({ schedule: id, status: 'active' });
    await clock.advance('2026-02-10T02:00:00Z');
    const second = await c.stripe.subscriptions.retrieve(subscription);
    expect(second.items.data.map((item) => [item.price.id, item.quantity])).toEqual([[dear, 2]]);
    expect(await invoicesOf(subscription)).toEqual([1000, 6000]);
    await clock.advance('2026-03-10T02:00:00Z');
    expect(await c.stripe.subscriptionSchedules.retrieve(id)).toMatchObject({
      status: 'released',
      current_phase: null,
      subscription: null,
      released_subscription: subscription,
    });
    expect(await c.stripe.subscriptions.retrieve(subscription)).toMatchObject({ schedule: null, status: 'active' });
    expect(await invoicesOf(subscription)).toEqual([1000, 6000, 6000]);
  });

  test('cancels its subscription at the end where that is asked for', async () => {
    const { clock, schedule, id } = await scheduled(
      [{ items: [{ price: await c.price(1000) }], duration: { interval: 'month', interval_count: 1 } }],
      { end_behavior: 'cancel' },
    );
    await clock.advance('2026-02-10T02:00:00Z');
    expect(await c.stripe.subscriptionSchedules.retrieve(id)).toMatchObject({ status: 'completed' });
    expect((await c.stripe.subscriptions.retrieve(ref(schedule.subscription))).status).toBe('canceled');
    expect(await invoicesOf(ref(schedule.subscription))).toEqual([1000]);
    expect(await c.events('subscription_schedule.completed', id)).toHaveLength(1);
  });

  test('waits for its beginning', async () => {
    const clock = await c.clock(START);
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const waiting = await c.stripe.subscriptionSchedules.create({
      customer,
      start_date: seconds('2026-02-01T00:00:00Z'),
      phases: [{ items: [{ price: await c.price(1000) }], duration: { interval: 'month', interval_count: 2 } }],
    });
    expect(waiting).toMatchObject({ status: 'not_started', subscription: null, current_phase: null });
    expect((await c.stripe.subscriptions.list({ customer })).data).toEqual([]);
    await clock.advance('2026-02-01T02:00:00Z');
    const begun = await c.stripe.subscriptionSchedules.retrieve(waiting.id);
    expect(begun).toMatchObject({ status: 'active', current_phase: { start_date: seconds('2026-02-01T00:00:00Z') } });
    expect(await invoicesOf(ref(begun.subscription))).toEqual([1000]);
  });

  test('prorates a phase that begins within a period', async () => {
    const [cheap, dear] = [await c.price(3100), await c.price(6200)];
    const { clock, schedule } = await scheduled([
      { items: [{ price: cheap }], end_date: seconds('2026-01-20T00:00:00Z') },
      { items: [{ price: dear }], end_date: seconds('2026-04-10T00:00:00Z') },
    ]);
    await clock.advance('2026-02-10T02:00:00Z');
    // 21 of 31 days: 4200 more, 2100 back, and the next month
    expect(await invoicesOf(ref(schedule.subscription))).toEqual([3100, 4200 - 2100 + 6200]);
  });

  test('takes over a subscription, and can be given more phases', async () => {
    const clock = await c.clock(START);
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const [cheap, dear] = [await c.price(1000), await c.price(3000)];
    const subscription = await c.stripe.subscriptions.create({ customer, items: [{ price: cheap }] });
    const schedule = await c.stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    const [phase] = schedule.phases;
    expect(schedule).toMatchObject({ status: 'active', subscription: subscription.id });
    expect(phase).toMatchObject({
      start_date: seconds(START),
      end_date: seconds('2026-02-10T00:00:00Z'),
      items: [{ price: cheap, quantity: 1 }],
    });
    await c.stripe.subscriptionSchedules.update(schedule.id, {
      phases: [
        { items: [{ price: cheap }], start_date: phase?.start_date ?? 0, end_date: phase?.end_date ?? 0 },
        { items: [{ price: dear }], duration: { interval: 'month', interval_count: 1 } },
      ],
    });
    await clock.advance('2026-02-10T02:00:00Z');
    expect(await invoicesOf(subscription.id)).toEqual([1000, 3000]);
    await expect(c.stripe.subscriptionSchedules.create({ from_subscription: subscription.id })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  test('can be released, and its subscription goes on as it is', async () => {
    const { clock, schedule, id } = await scheduled([
      { items: [{ price: await c.price(1000) }], duration: { interval: 'month', interval_count: 1 } },
      { items: [{ price: await c.price(3000) }], duration: { interval: 'month', interval_count: 1 } },
    ]);
    expect(await c.stripe.subscriptionSchedules.release(id)).toMatchObject({
      status: 'released',
      released_subscription: ref(schedule.subscription),
    });
    await clock.advance('2026-02-10T02:00:00Z');
    expect(await invoicesOf(ref(schedule.subscription))).toEqual([1000, 1000]);
    await expect(c.stripe.subscriptionSchedules.release(id)).rejects.toMatchObject({ statusCode: 400 });
  });

  test('can be canceled, with its subscription', async () => {
    const { schedule, id } = await scheduled([
      { items: [{ price: await c.price(1000) }], duration: { interval: 'month', interval_count: 1 } },
    ]);
    const canceled = await c.stripe.subscriptionSchedules.cancel(id, { prorate: false, invoice_now: false });
    expect(canceled).toMatchObject({ status: 'canceled', current_phase: null });
    expect((await c.stripe.subscriptions.retrieve(ref(schedule.subscription))).status).toBe('canceled');
  });

  test('gives a trial, and a discount, in a phase', async () => {
    const coupon = await c.stripe.coupons.create({ percent_off: 50, duration: 'forever' });
    const price = await c.price(1000);
    const { clock, schedule } = await scheduled([
      { items: [{ price }], trial: true, end_date: seconds('2026-01-20T00:00:00Z') },
      {
        items: [{ price }],
        discounts: [{ coupon: coupon.id }],
        duration: { interval: 'month', interval_count: 1 },
      },
    ]);
    expect((await c.stripe.subscriptions.retrieve(ref(schedule.subscription))).status).toBe('trialing');
    await clock.advance('2026-01-20T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(ref(schedule.subscription))).status).toBe('active');
    expect(await invoicesOf(ref(schedule.subscription))).toEqual([0, 500]);
  });

  test('needs phases that follow each other', async () => {
    const items = [{ price: await c.price(1000) }];
    await expect(scheduled([])).rejects.toMatchObject({ statusCode: 400 });
    await expect(scheduled([{ items, end_date: seconds('2026-01-09T00:00:00Z') }])).rejects.toMatchObject({
      statusCode: 400,
    });
  });
});
