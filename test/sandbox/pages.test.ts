import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { Visitor } from './browse.js';
import { Receiver, TestSandbox } from './support.js';

let world: TestSandbox;
let stripe: Stripe;
let visitor: Visitor;
beforeEach(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
  visitor = new Visitor();
});
afterEach(() => world.close());

const open = (path: string) => visitor.open(`${world.sandbox.url}${path}`);

describe('every page', () => {
  test('is whole without a script or anything from elsewhere, and escapes what it shows', async () => {
    const nasty = '<script>alert(1)</script>"\'';
    const customer = await stripe.customers.create({ name: nasty, email: 'n@example.com' });
    const price = await world.price();
    await stripe.products.update((await stripe.products.list()).data[0]?.id ?? '', { name: nasty });
    await stripe.paymentIntents.create({ amount: 1000, currency: 'usd', customer: customer.id, description: nasty });
    const events = await stripe.events.list();
    const paths = [
      '/',
      '/customers',
      `/customers?q=${encodeURIComponent(nasty)}`,
      `/customers/${customer.id}`,
      '/events',
      `/events?type=${encodeURIComponent(nasty)}`,
      ...events.data.map(({ id }) => `/events/${id}`),
      '/deliveries',
      '/clock',
      '/mischief',
      '/objects/customer',
      `/objects/customer/${customer.id}`,
      `/objects/price/${price}`,
    ];
    for (const path of paths) {
      await open(path);
      expect([path, visitor.status]).toEqual([path, 200]);
      expect(visitor.html).not.toContain('<script');
      expect(visitor.html).not.toMatch(/(src|href)="https?:/);
      expect(visitor.html).toMatch(/^<!doctype html>\s*<html lang="en">/);
      expect(visitor.html.match(/<h1>/g)).toHaveLength(1);
    }
  });

  test.each([
    '/objects/secrets',
    '/objects/customer/cus_none',
    '/customers/cus_none',
    '/events/evt_none',
    '/objects/due',
    '/objects/method_fact',
    '/objects/balance_sheet',
  ])('%s is not found', async (path) => {
    expect((await open(path)).status).toBe(404);
  });

  test('shows what Stripe has, and none of what the sandbox notes for itself', async () => {
    const customer = await world.customerWith('pm_card_visa');
    const price = await world.price(1000);
    await stripe.subscriptions.create({ customer, items: [{ price }] });
    await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:1/', enabled_events: ['file.created'] });
    await open('/');
    const types = [...visitor.html.matchAll(/href="\/objects\/([a-z_]+)"/g)].map(([, type]) => type);
    expect(types).toEqual(expect.arrayContaining(['customer', 'payment_method', 'subscription', 'webhook_endpoint']));
    expect(types.filter((type) => /fact|sheet|due|remembered|spent/.test(type ?? ''))).toEqual([]);
  });

  test('shows no signing secret', async () => {
    const { id, secret } = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/', enabled_events: ['*'] });
    await world.control('POST', `webhook_endpoints/${id}/roll_secret`, { keep: '1h' });
    for (const path of [`/objects/webhook_endpoint/${id}`, `/objects/endpoint_fact/${id}`]) {
      await open(path);
      expect(visitor.html).not.toMatch(/whsec_/);
    }
    expect(secret).toMatch(/whsec_/);
  });
});

test('an object links to what it names and to what belongs to it', async () => {
  const customer = await world.customerWith('pm_card_visa');
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price: await world.price() }] });
  await open(`/objects/customer/${customer}`);
  expect(visitor.links().get(subscription.id)).toBe(`/objects/subscription/${subscription.id}`);
  await open(`/objects/subscription/${subscription.id}`);
  expect(visitor.links().get(customer)).toBe(`/objects/customer/${customer}`);
});

test('the clock is turned by an hour, to what is due, to the next renewal, and by a length of time', async () => {
  const customer = await world.customerWith('pm_card_visa');
  await stripe.subscriptions.create({ customer, items: [{ price: await world.price() }] });
  await open('/clock');
  await visitor.press('+1 hour');
  expect(visitor.text).toContain('2026-01-31 11:00:00 UTC');
  await visitor.press('To the next renewal');
  expect(visitor.text).toContain('2026-02-28 10:00:00 UTC');
  await visitor.press('To what is due next');
  expect(visitor.text).toContain('2026-02-28 11:00:00 UTC');
  await visitor.press('Turn', { by: '2d' });
  expect(visitor.text).toContain('2026-03-02 11:00:00 UTC');
  await visitor.press('Turn', { by: 'a while' });
  expect([visitor.status, visitor.text]).toEqual([400, expect.stringContaining('no such moment')]);
});

test('a customer’s time line tells what happened and what is to come', async () => {
  const customer = await world.customerWith('pm_card_visa');
  const { id } = await stripe.subscriptions.create({ customer, items: [{ price: await world.price() }] });
  await open('/customers?q=jenny');
  await open(visitor.links().get('Jenny Rosen') ?? '');
  expect(visitor.text).toContain('2026-02-28 10:00:00 subscription: period end');
  expect(visitor.text).toContain(`customer.subscription.created ${id} active`);
  expect(visitor.text).toMatch(/charge\.succeeded ch_\w+ \$10\.00, succeeded/);
});

test('events are looked through by type, and sent again', async () => {
  const receiver = await Receiver.start();
  await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] });
  await stripe.customers.create({});
  await stripe.products.create({ name: 'x' });
  await world.control('POST', 'settle');
  await open('/events?type=customer.*');
  expect(visitor.text).not.toContain('product.created');
  await open(visitor.links().get('customer.created') ?? '');
  await visitor.press('Send again');
  await receiver.until(() => receiver.received.length === 2);
  await world.control('POST', 'settle');
  await open('/deliveries');
  expect(visitor.text.match(/delivered \(200\)/g)).toHaveLength(2);
  await receiver.close();
});

test('more than a page of events goes on', async () => {
  for (let index = 0; index < 101; index += 1) await stripe.products.create({ name: `${index}` });
  await open('/events');
  await open((visitor.links().get('Older ones') ?? '').replaceAll('&#38;', '&'));
  expect(visitor.html.match(/product\.created/g)).toHaveLength(1);
});

test('mischief is switched on and off by hand, and nonsense refused', async () => {
  await open('/mischief');
  expect(visitor.text).toContain('Everything works as it should');
  await visitor.press('Set', { 'requests[status]': '503', 'deliveries[drop]': '0.5', search_lag_seconds: '60' });
  expect(visitor.text).toContain('go wrong on purpose');
  expect(await world.control('GET', 'mischief')).toMatchObject({
    deliveries: { drop: 0.5 },
    requests: { status: 503 },
    search_lag_seconds: 60,
  });
  await visitor.press('Set', { 'requests[status]': 'often' });
  expect([visitor.status, visitor.text]).toEqual([400, expect.stringContaining('Invalid integer')]);
  await visitor.press('Stop all mischief');
  expect(visitor.text).toContain('Everything works as it should');
});

const payWithBank = () =>
  stripe.paymentIntents.create({
    amount: 1000,
    currency: 'usd',
    payment_method: 'pm_card_authenticationRequired',
    confirm: true,
    return_url: 'https://shop.example/back?cart=7',
  });

test('a cardholder is sent back from the bank as Stripe does it', async () => {
  for (const [button, status] of [
    ['Complete authentication', 'succeeded'],
    ['Fail authentication', 'failed'],
  ] as const) {
    const intent = await payWithBank();
    await visitor.open(intent.next_action?.redirect_to_url?.url ?? '');
    expect(visitor.text).toContain('$10.00');
    await visitor.press(button);
    const back = new URL(visitor.url);
    expect(Object.fromEntries(back.searchParams)).toEqual({
      cart: '7',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: status,
    });
  }
});
