import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { ormConfig } from '../../config/mikro-orm.config.js';
import { Transactions } from '../../src/database/transactions.js';
import { readDatabaseFigures } from '../../src/telemetry/database-figures.js';
import { exposition } from '../../src/telemetry/metrics.js';
import { customerFixture } from '../customers/fixtures.js';
import { eventBody, signed } from '../support/stripe-event.js';
import { World } from '../support/world.js';
import { startReceiver } from '../webhooks/outbound/receiver.js';
import type { Receiver } from '../webhooks/outbound/receiver.js';
import { samplesOf } from './samples-of.js';

const TOKEN = 'scrape-me-0123456789';

let world: World;
let receiver: Receiver;

beforeAll(async () => {
  world = await World.open({ env: { METRICS_TOKEN: TOKEN } });
  receiver = await startReceiver();
});
afterAll(async () => {
  await world.close();
  await receiver.close();
});

async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(`${world.house.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return samplesOf(await response.text());
}

function rows(statement: string, values: unknown[] = []): Promise<unknown> {
  return world.get(MikroORM).em.fork().execute(statement, values);
}

async function send(body: string, secret: string): Promise<number> {
  const headers = signed(body, secret);
  const { status } = await fetch(`${world.house.url}/webhooks/stripe`, { method: 'POST', body, headers });
  return status;
}

/** By how much each sample grew; those that stayed are left out. */
function growth(before: Map<string, number>, after: Map<string, number>): Record<string, number> {
  const grown = [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, by]) => by !== 0));
}

test('an event on its way through the house is counted and timed at every station', async () => {
  await world.api.post('/v1/webhook_endpoints', { url: receiver.url, events: ['*'] });
  const before = await scrape();
  const [secret = ''] = world.runtime.stripe.webhookSecrets;
  const object = customerFixture({ id: 'cus_measured' });
  const created = Math.floor(Date.now() / 1000);
  const body = eventBody({ id: 'evt_measured', type: 'customer.created', created, object });
  expect([await send(body, secret), await send(body, secret), await send(body, 'whsec_another')]).toEqual([
    200, 200, 400,
  ]);
  await world.api.get('/v1/customers/cus_nobody');
  await fetch(`${world.house.url}/no/such/page`);
  await world.sandbox.settle();
  const after = await scrape();
  expect(growth(before, after)).toMatchObject({
    'good_standing_inbox_deliveries_total{outcome="new"}': 1,
    'good_standing_inbox_deliveries_total{outcome="duplicate"}': 1,
    'good_standing_inbox_deliveries_total{outcome="refused"}': 1,
    good_standing_inbox_commit_seconds_count: 2,
    'good_standing_projected_events_total{decision="apply"}': 1,
    good_standing_projection_batch_seconds_count: 1,
    'good_standing_job_seconds_count{queue="on.outbound_webhooks",outcome="completed"}': 1,
    'good_standing_job_seconds_count{queue="outbound_webhook.deliver",outcome="completed"}': 1,
    'good_standing_delivery_seconds_count{outcome="delivered"}': 1,
    'good_standing_http_request_seconds_count{method="POST",route="/webhooks/stripe",status="200"}': 2,
    'good_standing_http_request_seconds_count{method="POST",route="/webhooks/stripe",status="400"}': 1,
    'good_standing_http_request_seconds_count{method="GET",route="/v1/customers/:customer",status="404"}': 1,
    'good_standing_http_request_seconds_count{method="GET",route="none",status="404"}': 1,
  });
  expect(Object.fromEntries(after)).toMatchObject({
    good_standing_database_up: 1,
    good_standing_projector_active: 1,
    'good_standing_inbox_events{status="pending"}': 0,
    good_standing_inbox_oldest_due_seconds: 0,
    good_standing_stripe_budget_requests_per_second: Number.POSITIVE_INFINITY,
    'good_standing_webhook_endpoints{status="enabled"}': 1,
  });
  expect(after.get('good_standing_inbox_last_received_seconds')).toBeLessThan(60);
  expect(after.get('process_resident_memory_bytes')).toBeGreaterThan(0);
});

test('requests to Stripe are timed by how they ended', async () => {
  const before = await scrape();
  expect((await world.api.post('/v1/customers', { external_id: 'seen', email: 'seen@example.com' })).status).toBe(201);
  expect(growth(before, await scrape())).toMatchObject({
    'good_standing_stripe_request_seconds_count{outcome="ok"}': 1,
  });
});

test('what waits and what was given up is asked of the database', async () => {
  await rows(
    `insert into inbound_events (id, type, livemode, created, payload, status, received_at, next_attempt_at)
     select 'evt_' || status || n, 'x.y', false, now(), '{}', status, now() - interval '10 minutes', now() + interval '1 hour'
     from (values ('dead', 2), ('quarantined', 3), ('pending', 4)) as one (status, count), generate_series(1, count) as n`,
  );
  await rows(
    `insert into pgboss.job (name, source_name, start_after)
     select 'dead_letters', 'email.send', now() from generate_series(1, 5)`,
  );
  await rows(`insert into pgboss.job (name, start_after) values ('history.prune', now() + interval '1 day')`);
  await rows(
    `insert into reconciliations (id, kind, status, dry_run, found, alive_at, created_at)
     values ('rec_1', 'objects', 'done', false, 9, now() - interval '2 hours', now() - interval '2 hours'),
            ('rec_2', 'objects', 'done', false, 4, now() - interval '1 hour', now() - interval '1 hour'),
            ('rec_3', 'objects', 'failed', false, 5, now(), now())`,
  );
  const samples = await scrape();
  expect(Object.fromEntries(samples)).toMatchObject({
    'good_standing_inbox_events{status="dead"}': 2,
    'good_standing_inbox_events{status="quarantined"}': 3,
    'good_standing_inbox_events{status="pending"}': 4,
    // They are to be tried again in an hour: nothing is late.
    good_standing_inbox_oldest_due_seconds: 0,
    'good_standing_dead_jobs{queue="email.send"}': 5,
    'good_standing_jobs{queue="history.prune",state="deferred"}': 1,
    'good_standing_reconciliation_found{kind="objects"}': 4,
  });
  expect(samples.get('good_standing_reconciliation_last_done_seconds{kind="objects"}')).toBeCloseTo(3600, -2);
  await rows(`update inbound_events set status = 'handled', handled_at = now() where id like 'evt_pending%'`);
  expect((await scrape()).get('good_standing_inbox_events{status="pending"}')).toBe(0);
});

test.each([undefined, 'Bearer wrong', `Basic ${Buffer.from('x:').toString('base64')}`])(
  'is closed to %s',
  async (given) => {
    const response = await fetch(
      `${world.house.url}/metrics`,
      given === undefined ? {} : { headers: { authorization: given } },
    );
    expect([response.status, await response.json()]).toMatchObject([401, { code: 'unauthenticated' }]);
  },
);

test('a database that does not answer is a figure too; what the process knows itself is still told', async () => {
  const orm = await MikroORM.init(ormConfig('postgresql://127.0.0.1:1/nowhere'));
  await readDatabaseFigures(new Transactions(orm));
  const samples = samplesOf(await exposition());
  expect(samples.get('good_standing_database_up')).toBe(0);
  expect(samples.get('good_standing_inbox_deliveries_total{outcome="new"}')).toBeGreaterThan(0);
  expect([...samples.keys()].filter((name) => name.startsWith('good_standing_inbox_events'))).toEqual([]);
  await orm.close();
});
