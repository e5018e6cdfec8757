import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds } from './support.js';

const c = contract();

/** A subscription to 30.00 a month of a customer with a test clock of its own. */
async function subscribed(at: string, more: Partial<Stripe.SubscriptionCreateParams> = {}, card = 'pm_card_visa') {
  const clock = await c.clock(at);
  const customer = await c.customer(card, { test_clock: clock.id });
  const subscription = await c.stripe.subscriptions.create({
    customer,
    items: [{ price: await c.price(3000) }],
    ...more,
    expand: ['latest_invoice'],
  });
  return { clock, customer, subscription, id: subscription.id, item: subscription.items.data[0]?.id ?? '' };
}
const history = async (subscription: string) =>
  (await c.stripe.invoices.list({ subscription })).data.map(({ total, status }) => [total, status]).toReversed();
const endOf = (subscription: Stripe.Subscription) => subscription.items.data[0]?.current_period_end;

describe('the billing cycle', () => {
  // https://docs.stripe.com/billing/subscriptions/billing-cycle: the last day of a month that is too short
  test('of the 31st falls on the last day of shorter months, and on the 31st again', async () => {
    const { clock, subscription, id } = await subscribed('2027-12-31T00:00:00Z');
    expect(endOf(subscription)).toBe(seconds('2028-01-31T00:00:00Z'));
    await clock.advance('2028-01-31T02:00:00Z');
    expect(endOf(await c.stripe.subscriptions.retrieve(id))).toBe(seconds('2028-02-29T00:00:00Z'));
    await clock.advance('2028-02-29T02:00:00Z');
    expect(endOf(await c.stripe.subscriptions.retrieve(id))).toBe(seconds('2028-03-31T00:00:00Z'));
  });

  test('of 29 February is on the 28th in other years', async () => {
    const yearly = await c.price(1000, { recurring: { interval: 'year' } });
    const { subscription } = await subscribed('2028-02-29T00:00:00Z', { items: [{ price: yearly }] });
    expect(endOf(subscription)).toBe(seconds('2029-02-28T00:00:00Z'));
  });

  test('begins at an anchor, and asks for the part until then', async () => {
    const { clock, subscription, id } = await subscribed('2026-04-01T00:00:00Z', {
      billing_cycle_anchor: seconds('2026-04-16T00:00:00Z'),
    });
    expect(endOf(subscription)).toBe(seconds('2026-04-16T00:00:00Z'));
    // 15 of the 31 days from 16 March to 16 April
    expect(subscription.latest_invoice).toMatchObject({ total: 1452 });
    await clock.advance('2026-04-16T02:00:00Z');
    expect(await history(id)).toEqual([
      [1452, 'paid'],
      [3000, 'paid'],
    ]);
  });

  test('begins at an anchor without asking for anything until then', async () => {
    const { subscription } = await subscribed('2026-04-01T00:00:00Z', {
      billing_cycle_anchor: seconds('2026-04-16T00:00:00Z'),
      proration_behavior: 'none',
    });
    expect(endOf(subscription)).toBe(seconds('2026-04-16T00:00:00Z'));
    expect(subscription.status).toBe('active');
  });

  test('can be told by day, and shows how', async () => {
    const { clock, subscription, id } = await subscribed('2026-02-10T00:00:00Z', {
      billing_cycle_anchor_config: { day_of_month: 31 },
    });
    expect(endOf(subscription)).toBe(seconds('2026-02-28T00:00:00Z'));
    expect(subscription.billing_cycle_anchor_config).toMatchObject({ day_of_month: 31 });
    await clock.advance('2026-03-01T00:00:00Z');
    expect(endOf(await c.stripe.subscriptions.retrieve(id))).toBe(seconds('2026-03-31T00:00:00Z'));
  });

  test('begins anew when that is asked for, and when the interval changes', async () => {
    const { clock, id, item } = await subscribed('2026-04-01T00:00:00Z');
    await clock.advance('2026-04-16T00:00:00Z');
    const reset = await c.stripe.subscriptions.update(id, {
      billing_cycle_anchor: { type: 'now' },
      expand: ['latest_invoice'],
    });
    expect(reset).toMatchObject({ billing_cycle_anchor: clock.now, latest_invoice: { total: 3000 - 1500 } });
    expect(endOf(reset)).toBe(seconds('2026-05-16T00:00:00Z'));
    const yearly = await c.price(30_000, { recurring: { interval: 'year' } });
    await clock.advance('2026-05-01T00:00:00Z');
    const changed = await c.stripe.subscriptions.update(id, {
      items: [{ id: item, price: yearly }],
      expand: ['latest_invoice'],
    });
    expect(changed).toMatchObject({ billing_cycle_anchor: clock.now, latest_invoice: { total: 30_000 - 1500 } });
  });
});

async function halfway(type: 'classic' | 'flexible') {
  const world = await subscribed('2026-04-01T00:00:00Z', { billing_mode: { type } });
  await world.clock.advance('2026-04-16T00:00:00Z');
  return world;
}

describe('billing mode', () => {
  // https://docs.stripe.com/billing/subscriptions/billing-mode/compare
  test.each([
    ['flexible', 0],
    ['classic', -6000],
  ] as const)('%s gives back what was debited, or what it costs now', async (type, balance) => {
    const { id, item, customer, subscription } = await halfway(type);
    expect(subscription.billing_mode.type).toBe(type);
    await c.stripe.subscriptions.update(id, { items: [{ id: item, quantity: 5 }], proration_behavior: 'none' });
    await c.stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true });
    const found = await c.stripe.customers.retrieve(customer);
    // Five are worth 75.00 for the rest; one was paid for, of which 15.00 are left.
    expect(found.deleted ? null : found.balance).toBe(balance - 1500);
  });

  test('flexible gives back each debit, and none twice', async () => {
    const { clock, id, item, customer } = await halfway('flexible');
    await c.stripe.subscriptions.update(id, {
      items: [{ id: item, quantity: 2 }],
      proration_behavior: 'always_invoice',
    });
    await clock.advance('2026-04-21T00:00:00Z');
    await c.stripe.subscriptions.update(id, {
      items: [{ id: item, quantity: 1 }],
      proration_behavior: 'always_invoice',
    });
    await c.stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true });
    const found = await c.stripe.customers.retrieve(customer);
    // 10 of 30 days are left of one, twice: once for the second that was given up, once for the first.
    expect(found.deleted ? null : found.balance).toBe(-2000);
  });

  test('can become flexible, and not classic again', async () => {
    const { id } = await subscribed('2026-04-01T00:00:00Z', { billing_mode: { type: 'classic' } });
    const migrated = await c.stripe.subscriptions.migrate(id, { billing_mode: { type: 'flexible' } });
    expect(migrated.billing_mode.type).toBe('flexible');
    await expect(c.stripe.subscriptions.migrate(id, { billing_mode: { type: 'flexible' } })).rejects.toMatchObject({
      statusCode: 400,
    });
  });
});

type Wish = Pick<Stripe.SubscriptionUpdateParams, 'billing_cycle_anchor' | 'proration_behavior'> & {
  quantity?: number;
};
const shown = ({ total, lines }: Stripe.Invoice) => [total, lines.data.map(({ amount }) => amount)];

/** Ten days into a period of thirty, with the change that is wished for. */
async function changing({ quantity, ...rest }: Wish) {
  const { clock, id, item } = await subscribed('2026-04-01T00:00:00Z');
  await clock.advance('2026-04-11T00:00:00Z');
  const change = { ...rest, ...(quantity !== undefined && { items: [{ id: item, quantity }] }) };
  const preview = await c.stripe.invoices.createPreview({ subscription: id, subscription_details: change });
  return { clock, id, change, preview };
}

describe('a preview', () => {
  test.each<Wish>([
    { quantity: 3, proration_behavior: 'always_invoice' },
    { quantity: 0, proration_behavior: 'always_invoice' },
    { billing_cycle_anchor: { type: 'now' } },
  ])('is what is then invoiced at once: %j', async (wish) => {
    const { id, change, preview } = await changing(wish);
    const { latest_invoice } = await c.stripe.subscriptions.update(id, { ...change, expand: ['latest_invoice'] });
    if (latest_invoice === null || typeof latest_invoice === 'string') throw new Error('not expanded');
    expect(shown(preview)).toEqual(shown(latest_invoice));
  });

  test('is what is invoiced with the next period', async () => {
    const { clock, id, change, preview } = await changing({ quantity: 3 });
    await c.stripe.subscriptions.update(id, change);
    await clock.advance('2026-05-01T02:00:00Z');
    const [renewal] = (await c.stripe.invoices.list({ subscription: id })).data;
    if (renewal === undefined) throw new Error('there is no renewal');
    expect(shown(preview)).toEqual(shown(renewal));
  });

  test('changes nothing', async () => {
    const { id } = await changing({ quantity: 3 });
    const after = await c.stripe.subscriptions.retrieve(id);
    expect(after.items.data.map(({ quantity }) => quantity)).toEqual([1]);
    expect((await c.stripe.invoiceItems.list({ customer: ref(after.customer) })).data).toEqual([]);
  });
});

describe('a paused collection', () => {
  test.each([
    ['keep_as_draft', 'draft'],
    ['mark_uncollectible', 'uncollectible'],
    ['void', 'void'],
  ] as const)('%s leaves invoices %s', async (behavior, status) => {
    const { clock, id } = await subscribed('2026-04-01T00:00:00Z');
    const paused = await c.stripe.subscriptions.update(id, { pause_collection: { behavior } });
    expect(paused).toMatchObject({ status: 'active', pause_collection: { behavior, resumes_at: null } });
    await clock.advance('2026-05-01T02:00:00Z');
    expect(await history(id)).toEqual([
      [3000, 'paid'],
      [3000, status],
    ]);
    await c.stripe.subscriptions.update(id, { pause_collection: '' });
    await clock.advance('2026-06-01T02:00:00Z');
    expect((await history(id)).at(-1)).toEqual([3000, 'paid']);
  });

  test('resumes by itself', async () => {
    const { clock, id } = await subscribed('2026-04-01T00:00:00Z');
    await c.stripe.subscriptions.update(id, {
      pause_collection: { behavior: 'void', resumes_at: seconds('2026-04-20T00:00:00Z') },
    });
    await clock.advance('2026-05-01T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(id)).pause_collection).toBeNull();
    expect((await history(id)).at(-1)).toEqual([3000, 'paid']);
  });
});

describe('the end', () => {
  test('now: without prorating nothing is given back, with it the rest', async () => {
    const { clock, id, customer } = await subscribed('2026-04-01T00:00:00Z');
    await clock.advance('2026-04-16T00:00:00Z');
    const canceled = await c.stripe.subscriptions.cancel(id, { cancellation_details: { comment: 'Bye' } });
    expect(canceled).toMatchObject({
      status: 'canceled',
      ended_at: clock.now,
      canceled_at: clock.now,
      cancellation_details: { comment: 'Bye', reason: 'cancellation_requested' },
    });
    expect((await c.stripe.invoiceItems.list({ customer, pending: true })).data).toEqual([]);
    const other = await subscribed('2026-04-01T00:00:00Z');
    await other.clock.advance('2026-04-16T00:00:00Z');
    await c.stripe.subscriptions.cancel(other.id, { prorate: true });
    const { data } = await c.stripe.invoiceItems.list({ customer: other.customer, pending: true });
    expect(data.map(({ amount, proration }) => [amount, proration])).toEqual([[-1500, true]]);
  });

  test('at a moment, and at the end of the period, each undone until then', async () => {
    const { clock, id, subscription } = await subscribed('2026-04-01T00:00:00Z');
    const at = seconds('2026-04-20T00:00:00Z');
    const moved = await c.stripe.subscriptions.update(id, { cancel_at: at, proration_behavior: 'none' });
    expect(moved).toMatchObject({ cancel_at: at, cancellation_details: { reason: 'cancellation_requested' } });
    const undone = await c.stripe.subscriptions.update(id, { cancel_at: '', proration_behavior: 'none' });
    expect(undone).toMatchObject({ cancel_at: null, canceled_at: null });
    expect(await c.stripe.subscriptions.update(id, { cancel_at: 'min_period_end' })).toMatchObject({
      cancel_at: endOf(subscription),
    });
    await clock.advance('2026-05-01T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
    expect(await history(id)).toEqual([[3000, 'paid']]);
    expect(await c.events('customer.subscription.deleted', id)).toHaveLength(1);
  });
});

describe('collection by invoice', () => {
  test('sends it, waits, and is past due when it is overdue', async () => {
    const { clock, subscription, id } = await subscribed(
      '2026-04-01T00:00:00Z',
      { collection_method: 'send_invoice', days_until_due: 10 },
      'pm_card_visa',
    );
    expect(subscription).toMatchObject({ status: 'active', collection_method: 'send_invoice', days_until_due: 10 });
    await clock.advance('2026-05-01T02:00:00Z');
    const [renewal] = (await c.stripe.invoices.list({ subscription: id })).data;
    expect(renewal).toMatchObject({ status: 'open', collection_method: 'send_invoice', attempt_count: 0 });
    expect(renewal?.due_date).toBeGreaterThanOrEqual(seconds('2026-05-11T00:00:00Z'));
    await clock.advance('2026-05-12T00:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('past_due');
    await c.stripe.invoices.pay(renewal?.id ?? '', { paid_out_of_band: true });
    expect(await c.stripe.invoices.retrieve(renewal?.id ?? '')).toMatchObject({ status: 'paid', amount_paid: 0 });
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('active');
  });

  test('needs the days until it is due', async () => {
    await expect(subscribed('2026-04-01T00:00:00Z', { collection_method: 'send_invoice' })).rejects.toMatchObject({
      statusCode: 400,
      param: 'days_until_due',
    });
  });
});

test('extra items of a new subscription are on its first invoice, and on no other', async () => {
  const { clock, subscription, id } = await subscribed('2026-04-01T00:00:00Z', {
    add_invoice_items: [{ price: await c.oneTimePrice(700), quantity: 2 }],
  });
  expect(subscription.latest_invoice).toMatchObject({ total: 4400 });
  await clock.advance('2026-05-01T02:00:00Z');
  expect(await history(id)).toEqual([
    [4400, 'paid'],
    [3000, 'paid'],
  ]);
});
