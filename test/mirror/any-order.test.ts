import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import type Stripe from 'stripe';
import { Transactions } from '../../src/database/transactions.js';
import { stripeOf } from '../reconciliation/mirror-oracle.js';
import { signed } from '../support/stripe-event.js';
import { World } from '../support/world.js';

/** Seeded: a run repeats. Not all 5,040, which the pure decision's own test goes through. */
const ORDERS = 12;

let world: World;
let stripe: Stripe;
let price: { base: string; other: string };

beforeAll(async () => {
  world = await World.open();
  stripe = stripeOf(world);
  const [product] = (await stripe.products.list({ limit: 1 })).data;
  const priced = (unit_amount: number) =>
    stripe.prices.create({
      product: product?.id ?? '',
      currency: 'eur',
      unit_amount,
      recurring: { interval: 'month' },
      metadata: { plan: unit_amount === 100 ? 'small' : 'big' },
    });
  price = { base: (await priced(100)).id, other: (await priced(200)).id };
  await world.sandbox.settle();
  // From here on Stripe delivers nothing; the test does.
  await world.sandbox.mischief({ deliveries: { drop: 1 } });
});
afterAll(() => world.close());

/** Lives a subscription at Stripe. @returns its seven events, oldest first, as Stripe's API lists them. */
async function live(email: string, end: (id: string) => Promise<unknown>): Promise<Stripe.Event[]> {
  const customer = await stripe.customers.create({ email });
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  const { id, items } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.base }],
    default_payment_method: method.id,
  });
  const item = items.data[0]?.id ?? '';
  // Three changes within one second, two of them there and back.
  await stripe.subscriptions.update(id, { metadata: { step: 'one' } });
  await stripe.subscriptions.update(id, { metadata: { step: 'two' } });
  await stripe.subscriptions.update(id, { metadata: { step: 'one' } });
  await world.sandbox.advance('1s');
  await stripe.subscriptions.update(id, { items: [{ id: item, price: price.other }], proration_behavior: 'none' });
  await world.sandbox.advance('10d');
  await stripe.subscriptions.update(id, { cancel_at_period_end: true });
  await end(id);
  const events = await stripe.events.list({ limit: 100, types: [...TYPES] }).autoPagingToArray({ limit: 1000 });
  return events.filter(({ data }) => 'id' in data.object && data.object.id === id).toReversed();
}

const TYPES = ['customer.subscription.created', 'customer.subscription.updated', 'customer.subscription.deleted'];

/** Forgets the subscription, so that the next order is delivered to a mirror that knows nothing of it. */
async function forget(id: string): Promise<void> {
  await world.get(Transactions).run(async (em) => {
    const database = em.getKysely();
    await sql`delete from inbound_events`.execute(database);
    await sql`delete from subscriptions where id = ${id}`.execute(database);
  });
}

/** @param rest after which deliveries the house comes to rest before the next one arrives */
async function deliver(events: Stripe.Event[], rest: boolean[]): Promise<void> {
  for (const [index, event] of events.entries()) {
    const body = JSON.stringify(event);
    const headers = signed(body, world.runtime.stripe.webhookSecrets[0] ?? '');
    const { status } = await fetch(`${world.house.url}/webhooks/stripe`, { method: 'POST', body, headers });
    expect(status).toBe(200);
    if (rest[index]) await world.sandbox.settle();
  }
  await world.sandbox.settle();
}

/** The row's bytes, but for what tells how it came about. */
async function rowOf(id: string): Promise<{ data: string; columns: string }> {
  const { rows } = await sql<{ data: string; columns: string }>`
    select data::text as data,
      (to_jsonb(s) - 'data' - 'as_of' - 'as_of_max' - 'revision' - 'cause')::text as columns
    from subscriptions s where id = ${id}`.execute(world.get(Transactions).reader().getKysely());
  if (!rows[0]) throw new Error(`There is no row of ${id}.`);
  return rows[0];
}

test.each<[string, (id: string) => Promise<unknown>]>([
  ['that goes on', (id) => stripe.subscriptions.update(id, { cancel_at_period_end: false })],
  ['that is canceled', (id) => stripe.subscriptions.cancel(id)],
])(
  'the seven events of a subscription %s, in any order, end in the same row: what Stripe holds',
  async (name, end) => {
    const events = await live(`${name.replaceAll(' ', '.')}@example.com`, end);
    expect(events).toHaveLength(7);
    const { id } = (events[0] as Stripe.CustomerSubscriptionCreatedEvent).data.object;
    const truth = JSON.stringify(await stripe.subscriptions.retrieve(id));

    await deliver(events, Array(7).fill(true));
    const expected = await rowOf(id);
    expect(expected.data).toBe(truth);

    const orders = fc.tuple(
      fc.shuffledSubarray(events, { minLength: 7 }),
      fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
    );
    for (const [order, rest] of fc.sample(orders, { numRuns: ORDERS, seed: 7 })) {
      await forget(id);
      await deliver(order, rest);
      const spelled = order.map((event, index) => `${events.indexOf(event)}${rest[index] ? ' |' : ''}`).join(' ');
      expect({ spelled, ...(await rowOf(id)) }).toEqual({ spelled, ...expected });
    }
  },
  120_000,
);
