import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { Receiver, TestSandbox, WEBHOOK_SECRET } from './support.js';

let world: TestSandbox;
let stripe: Stripe;
beforeEach(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
});
afterEach(() => world.close());

const post = (mischief: object) => world.control('POST', 'mischief', mischief);
const raw = (path: string, method = 'GET') =>
  fetch(`${world.sandbox.url}${path}`, { method, headers: { authorization: 'Bearer sk_test_1' } });

async function strikes(): Promise<number[]> {
  await post({ requests: { status: 500, rate: 0.3 } });
  const statuses: number[] = [];
  for (let index = 0; index < 40; index += 1) statuses.push((await raw('/v1/customers')).status);
  return statuses;
}

describe('requests', () => {
  test('say in their headers whether a retry helps', async () => {
    await post({ requests: { status: 429, code: 'lock_timeout', should_retry: true } });
    const response = await raw('/v1/customers', 'POST');
    expect([response.status, response.headers.get('stripe-should-retry')]).toEqual([429, 'true']);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', code: 'lock_timeout' } });
    expect((await raw('/v1/customers', 'POST')).status).toBe(200);
  });

  test('are retried by the official client as that header says', async () => {
    const patient = new Stripe('sk_test_1', {
      host: '127.0.0.1',
      port: world.sandbox.port,
      protocol: 'http',
      maxNetworkRetries: 1,
      telemetry: false,
    });
    await post({ requests: { status: 503, should_retry: false } });
    await expect(patient.customers.create({})).rejects.toMatchObject({ statusCode: 503 });
    await post({ requests: { status: 429, should_retry: true } });
    expect(await patient.customers.create({})).toMatchObject({ object: 'customer' });
  });

  test('are cut before they are done', async () => {
    // Twice: the official client tries once more by itself where a connection was closed.
    await post({ requests: { cut_before_apply: true, times: 2 } });
    await expect(stripe.customers.create({})).rejects.toMatchObject({ type: 'StripeConnectionError' });
    expect((await stripe.customers.list()).data).toEqual([]);
  });

  test('are struck by a rate, the same ones for the same seed', async () => {
    const first = await strikes();
    await world.close();
    world = await TestSandbox.start();
    expect(await strikes()).toEqual(first);
    const failed = first.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(4);
    expect(failed).toBeLessThan(24);
  });

  test('are limited as Stripe limits them, and said why', async () => {
    await post({ rate_limit: 'sandbox' });
    const responses = await Promise.all(Array.from({ length: 40 }, () => raw('/v1/customers')));
    const refused = responses.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('stripe-rate-limited-reason')).toBe('endpoint-rate');
    expect(await refused[0]?.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit' } });
    expect(await world.control('DELETE', 'mischief')).toEqual({
      deliveries: {},
      requests: null,
      rate_limit: 'off',
      search_lag_seconds: 0,
    });
    const free = await Promise.all(Array.from({ length: 40 }, () => raw('/v1/customers')));
    expect(free.every(({ status }) => status === 200)).toBe(true);
  });
});

test('search lags as long as it is told to: it sees what was, and not yet what is', async () => {
  const old = await stripe.customers.create({ name: 'Old name', metadata: { team: 'a' } });
  await post({ search_lag_seconds: 60 });
  const found = async () => {
    const { data } = await stripe.customers.search({ query: 'metadata["team"]:"a"' });
    return data.map(({ name }) => name);
  };
  await stripe.customers.update(old.id, { name: 'New name' });
  await stripe.customers.create({ name: 'Newcomer', metadata: { team: 'a' } });
  expect(await found()).toEqual(['Old name']);
  await world.advance('61s');
  expect(await found()).toEqual(['Newcomer', 'New name']);
  await stripe.customers.del(old.id);
  expect(await found()).toEqual(['Newcomer', 'New name']);
  await world.advance('61s');
  expect(await found()).toEqual(['Newcomer']);
});

describe('webhook endpoints', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await Receiver.start();
  });
  afterEach(() => receiver.close());

  const versions = () =>
    receiver.received.map(({ body }) => {
      const event: { api_version: string } = JSON.parse(body);
      return event.api_version;
    });

  test('get events of their own version, or of the one that mischief says', async () => {
    const { api_version } = await stripe.webhookEndpoints.create({
      url: receiver.url,
      enabled_events: ['customer.created'],
      api_version: '2024-06-20',
    });
    expect(api_version).toBe('2024-06-20');
    await stripe.customers.create({});
    await world.control('POST', 'settle');
    await post({ deliveries: { api_version: '2019-01-01' } });
    await stripe.customers.create({});
    await world.control('POST', 'settle');
    expect(versions()).toEqual(['2024-06-20', '2019-01-01']);
  });

  test('roll their secret: both are valid for a while, then the new one alone', async () => {
    const { id, secret = '' } = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] });
    const rolled = await world.control('POST', `webhook_endpoints/${id}/roll_secret`, { keep: '12h' });
    const next = String(rolled['secret']);
    expect(next).toMatch(/^whsec_/);
    const valid = async () => {
      await stripe.customers.create({});
      await world.control('POST', 'settle');
      const latest = receiver.received.at(-1);
      return [secret, next, WEBHOOK_SECRET].map((one) => {
        try {
          return Stripe.webhooks.constructEvent(latest?.body ?? '', latest?.signature ?? '', one).type;
        } catch {
          return 'refused';
        }
      });
    };
    expect(await valid()).toEqual(['customer.created', 'customer.created', 'refused']);
    await world.advance('13h');
    expect(await valid()).toEqual(['refused', 'customer.created', 'refused']);
    expect(await world.control('POST', `webhook_endpoints/${id}/roll_secret`, { keep: '3d' })).toMatchObject({
      error: { param: 'keep' },
    });
  });
});

test('the same seed drops and doubles the same deliveries again, another seed others', async () => {
  const first = await received(7);
  expect(await received(7)).toEqual(first);
  expect(await received(8)).not.toEqual(first);
  expect(new Set(first).size).toBeLessThan(first.length);
  expect(new Set(first).size).toBeLessThan(30);
});

/** The names of the customers that a receiver was told of, in order. */
async function received(seed: number): Promise<string[]> {
  const receiver = await Receiver.start();
  const other = await TestSandbox.start({ seed, webhook: { url: receiver.url, secret: WEBHOOK_SECRET } });
  await other.control('POST', 'mischief', { deliveries: { drop: 0.3, duplicate: 0.3 } });
  for (let index = 0; index < 30; index += 1) {
    await other.stripe.customers.create({ name: `Customer ${index}` });
    await other.control('POST', 'settle');
  }
  await other.close();
  await receiver.close();
  return receiver.received.map(({ body }) => /"name":"([^"]*)"/.exec(body)?.[1] ?? '');
}
