import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { eventBody, signed } from '../support/stripe-event.js';
import { startReceiver } from '../webhooks/outbound/receiver.js';
import { Place } from './place.js';
import { query, until } from '../support/query.js';
import { startTraffic } from './traffic.js';
import type { Traffic } from './traffic.js';

const SECRET = 'whsec_start_and_stop';

jest.setTimeout(300_000);

let place: Place;

beforeEach(async () => {
  place = await Place.make();
});

afterEach(async () => {
  await place.clear();
});

test('a first start says where everything is; a second one finds all that was there; each ends in good order', async () => {
  const first = await place.start();
  const url = first.told('API');
  const key = first.told('API key');
  expect(key).toMatch(/^gs_test_/);
  expect(first.stdout).toContain(`curl -s ${url}/v1/customers -H 'Authorization: Bearer ${key}'`);
  for (const page of [first.told('Docs'), first.told('Mailbox'), first.told('Sandbox'), `${url}/health/ready`])
    expect((await fetch(page)).status).toBe(200);
  const customer = await first.api.post('/v1/customers', { external_id: 'ada', email: 'ada@example.com' });
  expect(customer.status).toBe(201);
  const subscription = await first.api.post('/v1/subscriptions', {
    customer: 'ada',
    plan: 'pro',
    interval: 'month',
    trial_days: 0,
    payment_method: 'pm_card_visa',
  });
  expect(subscription.status).toBe(201);
  // One Ctrl-C under npm: the terminal sends it to all, and npm passes it on.
  first.signal('SIGINT');
  await wait(50);
  expect(await first.stop('SIGINT')).toBe(0);
  expect(first.stderr).toBe('');
  expect(await place.processes()).toEqual([]);

  const second = await place.start({ args: [], env: { STRIPE_WEBHOOK_SECRET: SECRET } });
  expect(second.told('API key')).toBe(key);
  expect(second.stdout).not.toContain('sample');
  expect((await second.api.get('/v1/customers/ada')).body).toMatchObject({ id: customer.body['id'] });
  const { body } = await second.api.get<{ data: object[] }>('/v1/subscriptions?customer=ada');
  expect(body.data).toMatchObject([{ id: subscription.body['id'], status: 'active' }]);
  const access = await second.api.get('/v1/access/check?customer=ada&feature=api_access');
  expect(access.body).toMatchObject({ allowed: true, why: { rule: 'paid' } });

  const created = creations(url, key);
  const delivered = deliveries(url);
  await Promise.all([created.reaches(30), delivered.reaches(30)]);
  const begun = performance.now();
  expect(await second.stop('SIGTERM')).toBe(0);
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(second.stderr).toBe('');
  expect(await place.processes()).toEqual([]);
  const faults = [...(await created.ended), ...(await delivered.ended)];
  expect(faults.filter((code) => code !== 'ECONNREFUSED' && code !== 'ECONNRESET')).toEqual([]);
  expect([...created.answers.keys()]).toEqual([201]);
  expect([...delivered.answers.keys()]).toEqual([200]);
  await expectKept(created, delivered);
});

/** Customers are created … */
function creations(url: string, key: string): Traffic {
  return startTraffic(url, 6, (number) => ({
    path: '/v1/customers',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ external_id: `customer-${number}` }),
  }));
}

/** … and events arrive, while the server is asked to end. */
function deliveries(url: string): Traffic {
  return startTraffic(url, 6, (number) => {
    const created = Math.floor(Date.now() / 1000);
    const body = eventBody({ id: `evt_${number}`, type: 'balance.available', created, object: { object: 'balance' } });
    return { path: '/webhooks/stripe', headers: signed(body, SECRET), body };
  });
}

/** What was promised by an answer is in the database. */
async function expectKept(created: Traffic, delivered: Traffic): Promise<void> {
  const server = await startEmbeddedPostgres({ dataDir: place.dataDir });
  try {
    const customers = (await query(server.url, 'select id from customers')).map(({ id }) => id);
    const promised = (created.answers.get(201) ?? []).map((body) => (body as { id: string }).id);
    expect(customers).toEqual(expect.arrayContaining(promised));
    const [events] = await query(
      server.url,
      `select count(*)::int as count from inbound_events where id ~ '^evt_\\d+$'`,
    );
    expect(events?.['count']).toBeGreaterThanOrEqual(delivered.answers.get(200)?.length ?? Infinity);
  } finally {
    await server.stop();
  }
}

test('a second signal ends it at once, and work that hangs holds up no end for longer than 10 s', async () => {
  const receiver = await startReceiver();
  try {
    receiver.answer = () => {};
    const first = await place.start();
    await first.api.post('/v1/webhook_endpoints', { url: receiver.url, events: ['*'] });
    await first.api.post('/v1/customers', { external_id: 'ada' });
    await until(() => receiver.received.length === 1);
    const impatience = setInterval(() => first.signal('SIGTERM'), 400);
    const begun = performance.now();
    expect(await first.exit().finally(() => clearInterval(impatience))).toBe(130);
    expect(performance.now() - begun).toBeLessThan(4000);

    const second = await place.start();
    await until(() => receiver.received.length === 2);
    expect(receiver.received[1]?.headers['webhook-id']).toBe(receiver.received[0]?.headers['webhook-id']);
    const asked = performance.now();
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await place.processes()).toEqual([]);
  } finally {
    await receiver.close();
  }
});
