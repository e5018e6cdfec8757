import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { PruneHistoryJob } from '../../src/boot/prune-history.job.js';
import { newId } from '../../src/database/ids.js';
import { eventBody, signed } from '../support/stripe-event.js';
import { World } from '../support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ schedules: true });
});
beforeEach(async () => {
  for (const table of [
    'inbound_events',
    'inbound_tallies',
    'domain_events',
    'webhook_deliveries',
    'differences',
    'reconciliations',
  ])
    await rows(`delete from ${table}`);
});
afterAll(() => world.close());

function rows<T = Record<string, unknown>>(statement: string, values: unknown[] = []): Promise<T[]> {
  return world.get(MikroORM).em.fork().execute<T[]>(statement, values);
}

async function ids(table: string, where = 'true'): Promise<unknown[]> {
  return (await rows(`select id from ${table} where ${where} order by id`)).map(({ id }) => id);
}

async function inbound(id: string, daysAgo: number, status = 'handled', handledDaysAgo = daysAgo): Promise<void> {
  await rows(
    `insert into inbound_events (id, type, livemode, created, payload, status, received_at, handled_at)
     values (?, 'x.y', false, now(), '{}', ?, now() - make_interval(days => ?),
       case when ? = 'handled' then now() - make_interval(days => ?) end)`,
    [id, status, daysAgo, status, handledDaysAgo],
  );
}

/** The id of a domain event that was made so long ago. */
function madeAt(daysAgo: number): string {
  const time = (Date.now() - daysAgo * 86_400_000).toString(16).padStart(12, '0');
  return `dev_${time}${newId('dev').slice('dev_'.length + 12)}`;
}

function prune(): Promise<void> {
  return world.get(PruneHistoryJob).prune();
}

test('of handled events the bytes go after 90 days; what was never handled keeps them', async () => {
  await inbound('evt_1', 89);
  await inbound('evt_2', 91);
  await inbound('evt_3', 91, 'dead');
  await inbound('evt_4', 91, 'quarantined');
  await inbound('evt_5', 91, 'pending');
  await inbound('evt_6', 91, 'handled', 2);
  await prune();
  expect(await ids('inbound_events', 'payload is null')).toEqual(['evt_2']);
  expect(await ids('inbound_events')).toHaveLength(6);
});

test('an id whose bytes are pruned is still known: when it comes again it is a duplicate', async () => {
  await inbound('evt_again', 399);
  await prune();
  const body = eventBody({ id: 'evt_again', type: 'x.y', created: 1, object: { id: 'x_1', object: 'x' } });
  const headers = signed(body, world.runtime.stripe.webhookSecrets[0] ?? '');
  const { status } = await fetch(`${world.house.url}/webhooks/stripe`, { method: 'POST', body, headers });
  expect(status).toBe(200);
  expect(await rows("select status, payload from inbound_events where id = 'evt_again'")).toEqual([
    { status: 'handled', payload: null },
  ]);
});

test('ids go after 400 days, save those that somebody has still to see to', async () => {
  for (const status of ['handled', 'quarantined', 'dead', 'pending']) await inbound(`evt_${status}`, 401, status);
  await inbound('evt_kept', 399);
  await inbound('evt_late', 401, 'handled', 10);
  await prune();
  expect(await ids('inbound_events')).toEqual(['evt_dead', 'evt_kept', 'evt_late', 'evt_pending']);
});

test('more than a slice goes at once', async () => {
  await rows(
    `insert into inbound_events (id, type, livemode, created, payload, status, received_at, handled_at)
     select 'evt_' || n, 'x.y', false, now(), '{}', 'handled', now() - interval '91 days', now() - interval '91 days'
     from generate_series(1, 2500) as n`,
  );
  await prune();
  expect(await ids('inbound_events', 'payload is not null')).toEqual([]);
});

test('domain events go after 400 days, by their ids', async () => {
  const [old, young, now] = [madeAt(401), madeAt(399), newId('dev')];
  for (const id of [old, young, now])
    await rows(`insert into domain_events (id, type, object, data, occurred_at) values (?, 'x.y', 'x', '{}', now())`, [
      id,
    ]);
  await prune();
  expect(await ids('domain_events')).toEqual([young, now]);
});

test('reconciliations go after 90 days with what they found, but the last that ended well stays', async () => {
  const run = (id: string, daysAgo: number, status = 'done') =>
    rows(
      `insert into reconciliations (id, kind, status, dry_run, alive_at, created_at)
       values (?, 'objects', ?, false, now() - make_interval(days => ?), now() - make_interval(days => ?))`,
      [id, status, daysAgo, daysAgo],
    );
  await run('rec_1', 200);
  await run('rec_2', 150, 'failed');
  await run('rec_3', 100);
  await run('rec_4', 95, 'failed');
  await rows(
    `insert into differences (id, reconciliation, class, object_type, object_id, detail, takes_access, repair, created_at)
     select 'drf_' || n, 'rec_1', 'stale', 'customer', 'cus_' || n, '{}', false, 'repaired', now()
     from generate_series(1, 1200) as n`,
  );
  await prune();
  expect(await ids('reconciliations')).toEqual(['rec_3', 'rec_4']);
  expect(await ids('differences')).toEqual([]);
  await run('rec_5', 1);
  await prune();
  expect(await ids('reconciliations')).toEqual(['rec_5']);
});

test('counts go with the events, after 400 days', async () => {
  await rows(
    `insert into inbound_tallies (hour, kind, type, count) select now() - make_interval(days => days), 'duplicate', 'x', 1
     from unnest(array[401, 399]) as days`,
  );
  await prune();
  expect(await rows('select 1 from inbound_tallies')).toHaveLength(1);
});

test('happens every night by itself', async () => {
  await inbound('evt_nightly', 91);
  await world.sandbox.advance('1d');
  expect(await ids('inbound_events', "payload is null and id = 'evt_nightly'")).toEqual(['evt_nightly']);
});

test('deliveries go 90 days after their last attempt, save those that are on their way', async () => {
  const insert = (name: string, madeDaysAgo: number, status: string, attemptDaysAgo: number | null) =>
    rows(
      `insert into webhook_deliveries (id, endpoint, event, event_type, status, attempts, request_body, last_attempt_at)
       values (?, 'whe_1', ?, 'customer.deleted', ?, 1, '{}', now() - make_interval(days => ?::int))`,
      [madeAt(madeDaysAgo).replace('dev_', 'whd_'), name, status, attemptDaysAgo],
    );
  await insert('recent', 89, 'delivered', 89);
  await insert('delivered', 91, 'delivered', 91);
  await insert('failed', 94, 'failed', 91);
  await insert('skipped', 91, 'skipped', null);
  await insert('again', 91, 'delivered', 2);
  await insert('pending', 91, 'pending', 91);
  await prune();
  const left = await rows('select event from webhook_deliveries order by event');
  expect(left.map(({ event }) => event)).toEqual(['again', 'pending', 'recent']);
});
