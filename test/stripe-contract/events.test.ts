import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, until } from './support.js';

const c = contract();
const pay = (customer: string, payment_method: string) =>
  c.stripe.paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    customer,
    confirm: true,
    payment_method,
    return_url: 'https://example.com/done',
  });

/** Of all events about a customer, oldest first, once there are so many. */
async function story(customer: string, least: number): Promise<Stripe.Event[]> {
  return until(
    async () => {
      const { data } = await c.stripe.events.list({ limit: 100 });
      return data.filter((event) => JSON.stringify(event.data.object).includes(`"${customer}"`)).toReversed();
    },
    (found) => found.length >= least,
  );
}

// https://docs.stripe.com/api/events
describe('an event', () => {
  test('shows the object as it was then, in the version of the account', async () => {
    const { id } = await c.stripe.customers.create({ name: 'Ada' });
    await c.stripe.customers.update(id, { name: 'Bea' });
    const [created] = await c.events('customer.created', id);
    expect(created).toMatchObject({
      object: 'event',
      data: { object: { id, object: 'customer', name: 'Ada' } },
      livemode: false,
      type: 'customer.created',
    });
    expect(created?.id).toMatch(/^evt_/);
    expect(created?.data).not.toHaveProperty('previous_attributes');
    expect(created?.pending_webhooks).toBeGreaterThanOrEqual(0);
    expect(await c.stripe.events.retrieve(created?.id ?? '')).toMatchObject({ id: created?.id });
  });

  test('that the clock caused has no request', async () => {
    const clock = await c.clock('2026-03-01T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    await clock.advance({ days: 32 });
    const [renewed] = await c.events('customer.subscription.updated', id);
    expect(renewed?.request).toEqual({ id: null, idempotency_key: null });
  });

  test('names in previous_attributes what changed deep inside, and only that', async () => {
    const id = await c.customer('pm_card_visa');
    const [first] = await c.events('customer.updated', id);
    expect(first?.data.previous_attributes).toEqual({ invoice_settings: { default_payment_method: null } });
    const address = { line1: '1 Main Street', city: 'Berlin', country: 'DE', postal_code: '10115' };
    await c.stripe.customers.update(id, { address });
    await c.stripe.customers.update(id, { address: { ...address, city: 'Bonn' } });
    const [moved] = await c.events('customer.updated', id, 3);
    expect(moved?.data.previous_attributes).toEqual({ address: { city: 'Berlin' } });
  });

  test('that is not there is missing', async () => {
    expect(await failure(c.stripe.events.retrieve('evt_none'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: "No such event: 'evt_none'",
    });
  });
});

describe('what is told', () => {
  test('of a payment is complete', async () => {
    const customer = await c.customer(null);
    await pay(customer, 'pm_card_visa');
    const told = await story(customer, 4);
    expect(new Set(told.map(({ type }) => type))).toEqual(
      new Set(['customer.created', 'payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded']),
    );
    const [, ...paid] = told;
    expect(new Set(paid.map(({ request }) => request?.id)).size).toBe(1);
  });

  test('of a declined payment is complete', async () => {
    const customer = await c.customer(null);
    await failure(pay(customer, 'pm_card_visa_chargeDeclined'));
    const told = await story(customer, 4);
    expect(new Set(told.map(({ type }) => type))).toEqual(
      new Set(['customer.created', 'payment_intent.created', 'charge.failed', 'payment_intent.payment_failed']),
    );
  });

  test('of a product and its price comes with each', async () => {
    const product = await c.stripe.products.create({ name: 'Told' });
    const price = await c.stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 100 });
    expect(await c.events('product.created', product.id)).toHaveLength(1);
    expect(await c.events('price.created', price.id)).toHaveLength(1);
    await c.stripe.products.update(product.id, { active: false });
    const [event] = await c.events('product.updated', product.id);
    expect(event?.data.previous_attributes).toMatchObject({ active: true });
  });

  test('of a coupon is its making, its new name and its end', async () => {
    const { id } = await c.stripe.coupons.create({ percent_off: 10, duration: 'once', name: 'Ten' });
    await c.stripe.coupons.update(id, { name: 'Ten percent' });
    await c.stripe.coupons.del(id);
    for (const type of ['coupon.created', 'coupon.updated', 'coupon.deleted'])
      expect(await c.events(type, id)).toHaveLength(1);
  });
});

describe('the list of events', () => {
  test('is newest first, and narrowed by kinds', async () => {
    const { id } = await c.stripe.customers.create({ name: 'Ada' });
    await c.stripe.customers.update(id, { name: 'Bea' });
    await c.events('customer.updated', id);
    const { data } = await c.stripe.events.list({ types: ['customer.created', 'customer.updated'], limit: 100 });
    expect(new Set(data.map(({ type }) => type))).toEqual(new Set(['customer.created', 'customer.updated']));
    const times = data.map(({ created }) => created);
    expect(times).toEqual(times.toSorted((one, other) => other - one));
  });

  test('takes a kind by its first part', async () => {
    const { id } = await c.stripe.products.create({ name: randomUUID() });
    // https://docs.stripe.com/api/events/list#list_events-type: "or group of events using * as a wildcard"
    const found = await c.events('product.*', id);
    expect(found.map(({ type }) => type)).toEqual(['product.created']);
  });

  test('is cut by time and by cursor', async () => {
    await c.stripe.customers.create();
    const [newest, second] = (
      await until(
        () => c.stripe.events.list({ limit: 2 }),
        ({ data }) => data.length > 1,
      )
    ).data;
    const after = await c.stripe.events.list({ limit: 1, starting_after: newest?.id ?? '' });
    expect(after.data.map(({ id }) => id)).toEqual([second?.id]);
    const future = (newest?.created ?? 0) + 86_400;
    expect((await c.stripe.events.list({ created: { gt: future } })).data).toEqual([]);
    expect(await failure(c.stripe.events.list({ starting_after: 'evt_none' }))).toMatchObject({
      code: 'resource_missing',
    });
  });

  test('goes by one kind or by several, not by both', async () => {
    const call = c.stripe.events.list({ type: 'customer.created', types: ['customer.updated'] });
    expect((await failure(call)).statusCode).toBe(400);
    const many = c.stripe.events.list({ types: Array.from({ length: 21 }, (_, at) => `customer.kind_${at}`) });
    expect((await failure(many)).statusCode).toBe(400);
  });
});
