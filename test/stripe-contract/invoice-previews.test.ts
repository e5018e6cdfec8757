import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds } from './support.js';

const c = contract();
const START = '2026-04-01T00:00:00Z';
const month = { interval: 'month', interval_count: 1 } as const;
const refused = (param: string) => ({ type: 'StripeInvalidRequestError', statusCode: 400, param });

async function subscribed(more: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const clock = await c.clock(START);
  const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
  const price = await c.price(3000);
  const subscription = await c.stripe.subscriptions.create({ customer, items: [{ price }], ...more });
  return { clock, customer, price, id: subscription.id, item: subscription.items.data[0]?.id ?? '' };
}
const amounts = ({ lines }: Stripe.Invoice) => lines.data.map(({ amount }) => amount);
const latest = async (subscription: string) => {
  const { latest_invoice } = await c.stripe.subscriptions.retrieve(subscription);
  return c.stripe.invoices.retrieve(ref(latest_invoice));
};

describe('a preview of a change', () => {
  test('takes items along, new ones and those that wait in another form', async () => {
    const { customer, id } = await subscribed();
    const waiting = await c.stripe.invoiceItems.create({ customer, amount: 100, currency: 'usd', subscription: id });
    const preview = await c.stripe.invoices.createPreview({
      subscription: id,
      invoice_items: [
        { amount: 500, currency: 'usd', description: 'Setup' },
        { price: await c.oneTimePrice(200), quantity: 3 },
        { unit_amount: 40, quantity: 2, currency: 'usd' },
        { invoiceitem: waiting.id, amount: 70 },
      ],
    });
    expect(preview.total).toBe(3000 + 500 + 600 + 80 + 70);
    const { data } = await c.stripe.invoiceItems.list({ customer, pending: true });
    expect(data.map(({ amount }) => amount)).toEqual([100]);
  });

  // https://docs.stripe.com/billing/subscriptions/prorations#preview-proration
  test('as of a moment is what is invoiced with the same moment', async () => {
    const { clock, id, item } = await subscribed();
    await clock.advance('2026-04-16T00:00:00Z');
    const change = {
      items: [{ id: item, quantity: 2 }],
      proration_date: seconds('2026-04-11T00:00:00Z'),
      proration_behavior: 'always_invoice' as const,
    };
    const preview = await c.stripe.invoices.createPreview({ subscription: id, subscription_details: change });
    await c.stripe.subscriptions.update(id, change);
    expect([amounts(preview), amounts(await latest(id))]).toEqual([
      [-2000, 4000],
      [-2000, 4000],
    ]);
  });

  test('that ends it now is what is given back, and one at the end of the period finds nothing to come', async () => {
    const { clock, id } = await subscribed();
    await clock.advance('2026-04-16T00:00:00Z');
    const now = await c.stripe.invoices.createPreview({ subscription: id, subscription_details: { cancel_now: true } });
    expect(now.total).toBe(-1500);
    await expect(
      c.stripe.invoices.createPreview({ subscription: id, subscription_details: { cancel_at_period_end: true } }),
    ).rejects.toMatchObject({ statusCode: 404, code: 'invoice_upcoming_none' });
  });

  test('that ends it within a later period asks for a part of that', async () => {
    const { clock, id } = await subscribed();
    const cancel_at = seconds('2026-05-11T00:00:00Z');
    const preview = await c.stripe.invoices.createPreview({ subscription: id, subscription_details: { cancel_at } });
    await c.stripe.subscriptions.update(id, { cancel_at });
    await clock.advance('2026-05-01T02:00:00Z');
    expect([amounts(preview), amounts(await latest(id))]).toEqual([[968], [968]]);
  });

  test('refuses what cannot be changed', async () => {
    const { id } = await subscribed();
    const asked = (subscription_details: Stripe.InvoiceCreatePreviewParams.SubscriptionDetails) =>
      c.stripe.invoices.createPreview({ subscription: id, subscription_details });
    await expect(asked({ start_date: seconds(START) })).rejects.toMatchObject(
      refused('subscription_details[start_date]'),
    );
    await expect(asked({ billing_mode: { type: 'classic' } })).rejects.toMatchObject(
      refused('subscription_details[billing_mode]'),
    );
  });
});

describe('a preview of a new subscription', () => {
  test.each<[string, Stripe.InvoiceCreatePreviewParams.SubscriptionDetails, Partial<Stripe.SubscriptionCreateParams>]>([
    [
      'that ends within its period',
      { cancel_at: seconds('2026-04-11T00:00:00Z') },
      { cancel_at: seconds('2026-04-11T00:00:00Z') },
    ],
    [
      'with an anchor',
      { billing_cycle_anchor: { type: 'timestamp', timestamp: seconds('2026-04-16T00:00:00Z') } },
      { billing_cycle_anchor: seconds('2026-04-16T00:00:00Z') },
    ],
    [
      'that began in the past',
      { start_date: seconds('2026-03-01T00:00:00Z'), billing_mode: { type: 'classic' } },
      { backdate_start_date: seconds('2026-03-01T00:00:00Z'), billing_mode: { type: 'classic' } },
    ],
    ['with a trial', { trial_end: seconds('2026-04-11T00:00:00Z') }, { trial_end: seconds('2026-04-11T00:00:00Z') }],
  ])('%s is its first invoice', async (_name, subscription_details, params) => {
    const clock = await c.clock(START);
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const items = [{ price: await c.price(3000) }];
    const invoice_items = [{ amount: 50, currency: 'usd' }];
    const preview = await c.stripe.invoices.createPreview({
      customer,
      subscription_details: { ...subscription_details, items },
      invoice_items,
    });
    const { id } = await c.stripe.subscriptions.create({ customer, items, ...params });
    expect(amounts(preview).toSorted((a, b) => a - b)).toEqual(
      [50, ...amounts(await latest(id))].toSorted((a, b) => a - b),
    );
  });
});

async function scheduled(phases: Stripe.SubscriptionScheduleCreateParams.Phase[], start_date: number | 'now' = 'now') {
  const clock = await c.clock(START);
  const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
  const schedule = await c.stripe.subscriptionSchedules.create({ customer, start_date, phases });
  return { clock, customer, schedule, id: schedule.id };
}

describe('a preview of a schedule', () => {
  test('is of the phase that comes next, also when its subscription is asked for', async () => {
    const [cheap, dear] = [await c.price(1000), await c.price(3000)];
    const { clock, schedule, id } = await scheduled([
      { items: [{ price: cheap }], duration: month },
      { items: [{ price: dear, quantity: 2 }], duration: month },
    ]);
    const subscription = ref(schedule.subscription);
    const previews = [
      await c.stripe.invoices.createPreview({ schedule: id }),
      await c.stripe.invoices.createPreview({ subscription }),
    ];
    await clock.advance('2026-05-01T02:00:00Z');
    const invoice = await latest(subscription);
    expect(previews.map(amounts)).toEqual([[6000], [6000]]);
    expect(amounts(invoice)).toEqual([6000]);
    expect((await c.stripe.subscriptionSchedules.retrieve(id)).status).toBe('active');
  });

  test('that has not begun is its first invoice', async () => {
    const items = [{ price: await c.price(1000) }];
    const { id } = await scheduled([{ items, duration: month }], seconds('2026-04-10T00:00:00Z'));
    expect((await c.stripe.invoices.createPreview({ schedule: id })).total).toBe(1000);
    expect((await c.stripe.subscriptionSchedules.retrieve(id)).status).toBe('not_started');
  });

  test('that is not there yet is its first invoice', async () => {
    const customer = await c.customer('pm_card_visa');
    const phases = [{ items: [{ price: await c.price(1000), quantity: 4 }], duration: month }];
    const preview = await c.stripe.invoices.createPreview({ customer, schedule_details: { phases } });
    expect(preview.total).toBe(4000);
    expect((await c.stripe.subscriptionSchedules.list({ customer })).data).toEqual([]);
  });

  test('that is changed is what is invoiced then', async () => {
    const price = await c.price(3000);
    const { clock, schedule, id } = await scheduled([{ items: [{ price }], duration: month }]);
    await clock.advance('2026-04-16T00:00:00Z');
    const { start_date, end_date } = schedule.current_phase ?? { start_date: 0, end_date: 0 };
    const change = {
      phases: [{ items: [{ price, quantity: 3 }], start_date, end_date }],
      proration_behavior: 'always_invoice' as const,
    };
    const preview = await c.stripe.invoices.createPreview({ schedule: id, schedule_details: change });
    await c.stripe.subscriptionSchedules.update(id, change);
    expect([amounts(preview), amounts(await latest(ref(schedule.subscription)))]).toEqual([
      [-1500, 4500],
      [-1500, 4500],
    ]);
  });

  test('that ends with its subscription finds nothing to come', async () => {
    const clock = await c.clock(START);
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const { id } = await c.stripe.subscriptionSchedules.create({
      customer,
      start_date: 'now',
      end_behavior: 'cancel',
      phases: [{ items: [{ price: await c.price(1000) }], duration: month }],
    });
    await expect(c.stripe.invoices.createPreview({ schedule: id })).rejects.toMatchObject({
      code: 'invoice_upcoming_none',
    });
  });

  test('is of a schedule, or of a subscription', async () => {
    const { schedule, id } = await scheduled([{ items: [{ price: await c.price(1000) }], duration: month }]);
    await expect(
      c.stripe.invoices.createPreview({ schedule: id, subscription: ref(schedule.subscription) }),
    ).rejects.toMatchObject(refused('subscription'));
  });
});
