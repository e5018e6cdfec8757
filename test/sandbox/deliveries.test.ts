import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { Receiver, TestSandbox, typeOf, WEBHOOK_SECRET } from './support.js';

let receiver: Receiver;
let world: TestSandbox;
beforeEach(async () => {
  receiver = await Receiver.start();
  world = await TestSandbox.start({ webhook: { url: receiver.url, secret: WEBHOOK_SECRET } });
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

const settle = () => world.control('POST', 'settle');

test('every event arrives signed by the real time, and is what the Events API gives', async () => {
  const customer = await world.stripe.customers.create({ name: 'Zoë' }, { idempotencyKey: 'k1' });
  await settle();
  const [first] = receiver.received;
  const event = Stripe.webhooks.constructEvent(first?.body ?? '', first?.signature ?? '', WEBHOOK_SECRET);
  expect(event).toMatchObject({
    object: 'event',
    type: 'customer.created',
    api_version: '2026-10-28.endive',
    livemode: false,
    data: { object: { id: customer.id, name: 'Zoë' } },
    request: { id: customer.lastResponse.requestId, idempotency_key: 'k1' },
    pending_webhooks: 1,
  });
  const { pending_webhooks, ...listed } = await world.stripe.events.retrieve(event.id);
  expect(pending_webhooks).toBe(0);
  expect(event).toMatchObject({ id: listed.id, created: listed.created, data: listed.data });
});

test('an endpoint is sent only what it asked for, and nothing once it is disabled or gone', async () => {
  const other = await Receiver.start();
  const endpoint = await world.stripe.webhookEndpoints.create({ url: other.url, enabled_events: ['product.created'] });
  expect(endpoint.secret).toMatch(/^whsec_/);
  expect(await world.stripe.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty('secret');
  await world.stripe.customers.create({});
  await world.stripe.products.create({ name: 'One' });
  await settle();
  expect(other.types()).toEqual(['product.created']);
  const [received] = other.received;
  Stripe.webhooks.constructEvent(received?.body ?? '', received?.signature ?? '', endpoint.secret ?? '');
  await world.stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
  await world.stripe.products.create({ name: 'Two' });
  await world.stripe.webhookEndpoints.del(endpoint.id);
  await settle();
  expect(other.received).toHaveLength(1);
  await other.close();
});

test('a refused event comes again in real time, with a new signature over the same body', async () => {
  receiver.answer = () => (receiver.received.length < 3 ? 500 : 200);
  await world.stripe.customers.create({});
  await receiver.until(() => receiver.received.length === 3);
  const [one, , three] = receiver.received;
  expect(three?.body).toBe(one?.body);
  expect(three?.signature).not.toBe(one?.signature);
  await settle();
  expect(await world.control('GET', 'deliveries')).toMatchObject({ waiting: 0, failed: 0 });
});

test('a refused event is tried again as the clock is turned, and given up after three days', async () => {
  receiver.answer = () => 500;
  await world.stripe.customers.create({});
  await world.advance('2d');
  expect(receiver.received.length).toBeGreaterThan(6);
  await world.advance('2d');
  await world.advance('1d');
  const tried = receiver.received.length;
  receiver.answer = () => 200;
  await world.advance('5d');
  expect(receiver.received).toHaveLength(tried);
  expect((await world.stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
});

test('one event that is refused does not hold up the others', async () => {
  receiver.answer = (body) => (typeOf(body) === 'product.created' ? 500 : 200);
  await world.stripe.products.create({ name: 'Poison' });
  await world.stripe.customers.create({});
  await settle();
  expect((await world.stripe.events.list({ delivery_success: true })).data.map(({ type }) => type)).toEqual([
    'customer.created',
  ]);
});

test('a receiver that never answers holds up neither the API, nor the other receivers, nor for long the clock', async () => {
  const silent = await Receiver.start();
  silent.answer = () => null;
  await world.stripe.webhookEndpoints.create({ url: silent.url, enabled_events: ['*'] });
  const began = Date.now();
  await world.stripe.customers.create({});
  await receiver.until(() => receiver.received.length === 1);
  expect(Date.now() - began).toBeLessThan(5_000);
  await world.advance('1d');
  await world.stripe.customers.create({});
  const again = Date.now();
  await world.advance('1d');
  expect(Date.now() - again).toBeLessThan(5_000);
  expect(receiver.received).toHaveLength(2);
  await silent.close();
}, 40_000);

test('an event can be sent again by hand', async () => {
  await world.stripe.customers.create({});
  await settle();
  const [event] = (await world.stripe.events.list()).data;
  expect(await world.control('POST', `events/${event?.id}/resend`)).toEqual({ deliveries: 1 });
  await settle();
  expect(receiver.received).toHaveLength(2);
  expect(await world.control('POST', 'events/evt_none/resend')).toMatchObject({ error: { code: 'resource_missing' } });
});

test('mischief drops, doubles and turns round deliveries until it is stopped', async () => {
  await world.control('POST', 'mischief', { deliveries: { drop: 1 } });
  await world.stripe.customers.create({});
  await settle();
  expect(receiver.received).toHaveLength(0);
  expect((await world.stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
  await world.control('POST', 'mischief', { deliveries: { duplicate: true, reorder: true } });
  await world.stripe.prices.create({ currency: 'usd', unit_amount: 1, product_data: { name: 'X' } });
  await settle();
  expect(receiver.types().toSorted()).toEqual(['price.created', 'price.created', 'product.created', 'product.created']);
  await world.control('DELETE', 'mischief');
  await world.stripe.customers.create({});
  await settle();
  expect(receiver.received).toHaveLength(5);
});

test('events are kept for thirty days', async () => {
  await world.stripe.customers.create({});
  const [event] = (await world.stripe.events.list()).data;
  await world.advance('29d');
  expect((await world.stripe.events.list()).data).toHaveLength(1);
  await world.advance('2d');
  expect((await world.stripe.events.list()).data).toEqual([]);
  await expect(world.stripe.events.retrieve(event?.id ?? '')).rejects.toMatchObject({ statusCode: 404 });
});

test('closing in the middle of a turn stops it where it is', async () => {
  const own = await TestSandbox.start({ webhook: { url: receiver.url, secret: WEBHOOK_SECRET } });
  const price = await own.price();
  const customer = await own.customerWith('pm_card_visa');
  await own.stripe.subscriptions.create({ customer, items: [{ price }] });
  await own.control('POST', 'settle');
  // Nobody answers the events of the first renewal: the turn waits for them when the sandbox is closed.
  receiver.answer = () => null;
  const before = receiver.received.length;
  const turning = own.advance('1y').catch(() => 'cut off');
  await receiver.until(() => receiver.received.length > before);
  await own.close();
  expect(await turning).toBeDefined();
});
