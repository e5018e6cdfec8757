import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { emptyDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { SandboxControls } from '../support/sandbox-controls.js';
import { eventBody, signed } from '../support/stripe-event.js';
import { startReceiver } from '../webhooks/outbound/receiver.js';
import type { Receiver } from '../webhooks/outbound/receiver.js';
import { Place } from './place.js';
import { query, until } from '../support/query.js';
import type { Server } from './server.js';

jest.setTimeout(300_000);

const SECRET = 'whsec_replicas';

let place: Place;
let database: TestDatabase;
let sandbox: Sandbox;
let controls: SandboxControls;
let receiver: Receiver;
let one: Server;
let other: Server;

beforeAll(async () => {
  place = await Place.make();
  database = await emptyDatabase();
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, frozen: true, now: new Date('2026-01-15T09:00:30Z') });
  controls = new SandboxControls(sandbox.url);
  [one, other] = await Promise.all([start(), start()]);
});

afterAll(async () => {
  await place.clear();
  await sandbox.close();
  await receiver.close();
});

function start(): Promise<Server> {
  const key = `gs_test_${'r'.repeat(32)}`;
  const env = {
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: database.url,
    STRIPE_WEBHOOK_SECRET: SECRET,
    BOOTSTRAP_API_KEY: key,
    LOG_LEVEL: 'silent',
  };
  return place.start({ program: 'test/faults/replica.mjs', args: [sandbox.url], env });
}

test('replicas that start at once on an empty database migrate it once, and both are ready', async () => {
  for (const replica of [one, other]) expect((await fetch(`${replica.told('API')}/health/ready`)).status).toBe(200);
  const names = (await query(database.url, 'select name from mikro_orm_migrations')).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  expect(new Set(names).size).toBe(names.length);
});

test('each slot of a schedule makes one job', async () => {
  for (let minute = 0; minute < 5; minute++) await controls.advance('1m');
  const jobs = await query(
    database.url,
    `select name, count(*)::int as count from pgboss.job where name in ('operation.resume', 'reconciliation.find_missed_events')
     group by name order by name`,
  );
  expect(jobs).toEqual([
    { name: 'operation.resume', count: 5 },
    { name: 'reconciliation.find_missed_events', count: 1 },
  ]);
});

test('an event is projected at once, whichever of them receives it', async () => {
  const begun = performance.now();
  for (const replica of [one, other, one, other]) await project(replica, await eventOfNewCustomer());
  expect(performance.now() - begun).toBeLessThan(4000);
});

test('one is killed: the other projects within a second', async () => {
  const event = await eventOfNewCustomer();
  await place.kill(one);
  const killed = performance.now();
  await project(other, event);
  expect(performance.now() - killed).toBeLessThan(1000);
});

test('one is killed in the middle of a job: another ends it within 90 seconds', async () => {
  // The survivor projects now, and while the newcomer is stopped it takes every job as well.
  const [victim, newcomer] = [other, await start()];
  receiver.answer = () => {};
  await victim.api.post('/v1/webhook_endpoints', { url: receiver.url, events: ['customer.created'] });
  newcomer.signal('SIGSTOP');
  await deliver(victim, await eventOfNewCustomer());
  await until(() => receiver.received.length === 1);
  newcomer.signal('SIGCONT');
  await place.kill(victim);

  // As if the job's heartbeats had failed to come for a minute.
  await query(database.url, `update pgboss.job set heartbeat_on = now() - interval '1 minute' where state = 'active'`);
  const [first] = ids();
  await until(() => ids().lastIndexOf(first) > 0, 90_000);
});

function ids(): unknown[] {
  return receiver.received.map(({ headers }) => headers['webhook-id']);
}

interface CustomerEvent {
  customer: string;
  body: string;
}

/** As of a customer that somebody has created in Stripe's dashboard. */
async function eventOfNewCustomer(): Promise<CustomerEvent> {
  const headers = { authorization: 'Bearer sk_test_replica' };
  const created = await fetch(`${sandbox.url}/v1/customers`, { method: 'POST', headers });
  const customer = (await created.json()) as { id: string };
  const body = eventBody({ type: 'customer.created', created: Date.parse('2026-01-15') / 1000, object: customer });
  return { customer: customer.id, body };
}

async function deliver(replica: Server, { body }: CustomerEvent): Promise<void> {
  const url = `${replica.told('API')}/webhooks/stripe`;
  expect((await fetch(url, { method: 'POST', headers: signed(body, SECRET), body })).status).toBe(200);
}

async function project(replica: Server, event: CustomerEvent): Promise<void> {
  await deliver(replica, event);
  await until(async () => (await replica.api.get(`/v1/customers/${event.customer}`)).status === 200);
}
