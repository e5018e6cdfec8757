import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { InboundTallies } from '../../../src/webhooks/inbound/inbound-tallies.js';
import { customerFixture } from '../../customers/fixtures.js';
import { eventBody, signed } from '../../support/stripe-event.js';
import { World } from '../../support/world.js';

interface Figures {
  key?: string;
  [name: string]: unknown;
}
interface Metrics {
  from: string;
  to: string;
  by: string | null;
  total: Figures;
  data: Figures[];
}

let world: World;

beforeAll(async () => {
  world = await World.open();
  await rows('delete from inbound_events');
  await rows('delete from inbound_tallies');
});
afterAll(() => world.close());

function rows<T = Record<string, unknown>>(statement: string, values: unknown[] = []): Promise<T[]> {
  return world.get(MikroORM).em.fork().execute<T[]>(statement, values);
}

async function metrics(query = ''): Promise<Metrics> {
  const { status, body } = await world.api.get<Metrics>(`/v1/webhooks/metrics${query}`);
  expect(status).toBe(200);
  return body;
}

/** Events of an hour long ago, as the inbox would hold them. */
async function stored(
  hour: string,
  type: string,
  over: { count?: number; status?: string; decision?: string; attempts?: number; lag?: number; ms?: number } = {},
): Promise<void> {
  const { count = 1, status = 'handled', decision = 'apply', attempts = 0, lag = 100, ms = 10 } = over;
  await rows(
    `insert into inbound_events
       (id, type, livemode, created, payload, status, decision, attempts, received_at, handled_at, processing_ms)
     select 'evt_' || gen_random_uuid(), ?, false, now(), '{}', ?, ?, ?, ?::timestamptz,
       case when ? = 'handled' then ?::timestamptz + n * ? * interval '1 ms' end, case when ? = 'handled' then n * ?::int end
     from generate_series(1, ?) as n`,
    [type, status, decision, attempts, hour, status, hour, lag, status, ms, count],
  );
}

const WINDOW = '?from=2026-03-01T08:00:00Z&to=2026-03-01T11:00:00Z';

test('what is counted, and how fast it went: in all, by type and by hour', async () => {
  await stored('2026-03-01T07:59:59.999Z', 'before');
  await stored('2026-03-01T08:00:00Z', 'a.b', { count: 100, lag: 10, ms: 2 });
  await stored('2026-03-01T09:30:00Z', 'c.d', { decision: 'refetch', attempts: 1, lag: 5000, ms: 700 });
  await stored('2026-03-01T09:40:00Z', 'c.d', { status: 'dead', attempts: 8 });
  await stored('2026-03-01T10:59:59Z', 'raw', { status: 'quarantined' });
  await stored('2026-03-01T10:59:59Z', 'a.b', { status: 'pending' });
  await stored('2026-03-01T11:00:00Z', 'after');
  await rows(
    `insert into inbound_tallies (hour, kind, type, count) values
     ('2026-03-01T07:00:00Z', 'duplicate', 'a.b', 1000), ('2026-03-01T08:00:00Z', 'duplicate', 'a.b', 7),
     ('2026-03-01T10:00:00Z', 'duplicate', 'e.f', 2), ('2026-03-01T09:00:00Z', 'refetch', 'c.d', 3),
     ('2026-03-01T10:00:00Z', 'refused', '', 4)`,
  );
  const nothing = {
    duplicate: 0,
    failed: 0,
    dead: 0,
    quarantined: 0,
    pending: 0,
    refetched: 0,
    refetches: 0,
    refused: 0,
  };
  const ab = {
    ...nothing,
    received: 101,
    duplicate: 7,
    handled: 100,
    pending: 1,
    success_rate: 1,
    lag_ms: { p50: 500, p95: 950, p99: 990 },
    processing_ms: { p50: 100, p95: 190, p99: 198 },
  };
  const cd = {
    ...nothing,
    received: 2,
    handled: 1,
    failed: 2,
    dead: 1,
    refetched: 1,
    refetches: 3,
    success_rate: 0.5,
    lag_ms: { p50: 5000, p95: 5000, p99: 5000 },
    processing_ms: { p50: 700, p95: 700, p99: 700 },
  };
  const none = { ...nothing, received: 0, handled: 0, success_rate: null, lag_ms: null, processing_ms: null };
  const total = {
    received: 104,
    duplicate: 9,
    handled: 101,
    failed: 2,
    dead: 1,
    quarantined: 1,
    pending: 1,
    refetched: 1,
    refetches: 3,
    refused: 4,
    success_rate: 101 / 102,
    lag_ms: { p50: 510, p95: 960, p99: 1000 },
  };
  const byType = await metrics(`${WINDOW}&by=type`);
  expect(byType).toMatchObject({ from: '2026-03-01T08:00:00.000Z', to: '2026-03-01T11:00:00.000Z', by: 'type', total });
  expect(byType.data).toEqual([
    { key: '', ...none, refused: 4 },
    { key: 'a.b', ...ab },
    { key: 'c.d', ...cd },
    { key: 'e.f', ...none, duplicate: 2 },
    { key: 'raw', ...none, received: 1, quarantined: 1 },
  ]);
  const byHour = await metrics(`${WINDOW}&by=hour`);
  expect(byHour.total).toEqual(byType.total);
  expect(byHour.data).toMatchObject([
    { key: '2026-03-01T08:00:00.000Z', received: 100, duplicate: 7, lag_ms: ab.lag_ms },
    { key: '2026-03-01T09:00:00.000Z', ...cd },
    { key: '2026-03-01T10:00:00.000Z', received: 2, duplicate: 2, quarantined: 1, pending: 1, refused: 4 },
  ]);
  expect(await metrics(WINDOW)).toMatchObject({ by: null, total: byType.total, data: [] });
});

test('a window is widened to whole hours; without one it is the last day', async () => {
  const narrow = '?from=2026-03-01T10:15:00%2B02:00&to=2026-03-01T10:59:59Z';
  expect(await metrics(narrow)).toMatchObject({ from: '2026-03-01T08:00:00.000Z', to: '2026-03-01T11:00:00.000Z' });
  const { from, to } = await metrics();
  expect(new Date(to).getTime() - new Date(from).getTime()).toBeLessThanOrEqual(25 * 3_600_000);
  expect(new Date(to).getTime()).toBeGreaterThanOrEqual(Date.now());
});

test('an empty window is all zero', async () => {
  const query = '?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z&by=type';
  expect(await metrics(query)).toMatchObject({
    total: { received: 0, duplicate: 0, success_rate: null, lag_ms: null, processing_ms: null },
    data: [],
  });
});

test.each([
  ['from', '?from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z'],
  ['to', '?from=2021-01-01T00:00:00Z&to=2020-01-01T00:00:00Z'],
  ['by', '?by=customer'],
])('refuses a window by its %s', async (pointer, query) => {
  const { status, body } = await world.api.get(`/v1/webhooks/metrics${query}`);
  expect([status, body]).toMatchObject([422, { errors: [{ pointer }] }]);
});

test('what really comes is counted: new, doubled, refused, and how long it took', async () => {
  const before = (await metrics()).total;
  const object = customerFixture({ id: 'cus_counted' });
  const body = eventBody({ id: 'evt_counted', type: 'customer.created', created: 1_768_467_600, object });
  const post = (secret: string) =>
    fetch(`${world.house.url}/webhooks/stripe`, { method: 'POST', body, headers: signed(body, secret) });
  const secret = world.runtime.stripe.webhookSecrets[0] ?? '';
  for (const by of [secret, secret, secret, 'whsec_forged']) await post(by);
  await world.sandbox.settle();
  await world.get(InboundTallies).flush();
  const { total } = await metrics();
  const more = (name: string) => Number(total[name]) - Number(before[name]);
  expect(['received', 'duplicate', 'handled', 'refused', 'dead'].map(more)).toEqual([1, 2, 1, 1, 0]);
  expect(total).toMatchObject({ success_rate: 1, lag_ms: expect.anything(), processing_ms: expect.anything() });
});
