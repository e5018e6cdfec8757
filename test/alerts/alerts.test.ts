import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { AlertCheckJob } from '../../src/alerts/alert-check.job.js';
import { readReadings } from '../../src/alerts/alert-readings.js';
import { readAlertsFile } from '../../src/alerts/alerts-file.js';
import { Boss } from '../../src/jobs/boss.js';
import { Transactions } from '../../src/database/transactions.js';
import { World } from '../support/world.js';
import { startReceiver } from '../webhooks/outbound/receiver.js';
import type { Receiver } from '../webhooks/outbound/receiver.js';

interface AlertBody {
  id: string;
  name: string;
  status: string;
  text: string;
  value: number;
  resolved_at: string | null;
}

let world: World;
let receiver: Receiver;

beforeAll(async () => {
  world = await World.open({ env: { ALERT_EMAIL: 'ops@example.com' } });
  receiver = await startReceiver();
  await world.api.post('/v1/webhook_endpoints', { url: receiver.url, events: ['alert.*'] });
});
afterAll(async () => {
  await world.close();
  await receiver.close();
});
beforeEach(async () => {
  for (const table of ['alerts', 'inbound_events', 'inbound_tallies', 'reconciliations'])
    await rows(`delete from ${table}`);
  await rows(`delete from pgboss.job where name = 'dead_letters'`);
});

function rows<T = Record<string, unknown>>(statement: string, values: unknown[] = []): Promise<T[]> {
  return world.get(MikroORM).em.fork().execute<T[]>(statement, values);
}

async function check(): Promise<void> {
  await world.get(AlertCheckJob).check();
  await world.sandbox.settle();
}

async function alerts(query = ''): Promise<AlertBody[]> {
  const { status, body } = await world.api.get<{ data: AlertBody[] }>(`/v1/alerts${query}`);
  expect(status).toBe(200);
  return body.data;
}

/** What was told since the last time: subjects of e-mails, types of webhooks. */
const told = (() => {
  let [mails, hooks] = [0, 0];
  return () => {
    const subjects = world.smtp.messages.slice(mails).map(({ subject }) => subject);
    const types = receiver.received.slice(hooks).map(({ body }) => (JSON.parse(body) as { type: string }).type);
    mails += subjects.length;
    hooks += types.length;
    return { subjects, types };
  };
})();

function event(id: string, status: string, receivedAgo = '1 minute'): Promise<unknown> {
  return rows(
    `insert into inbound_events (id, type, livemode, created, payload, status, received_at, next_attempt_at)
     values (?, 'x.y', false, now(), '{}', ?, now() - ?::interval, now() - ?::interval)`,
    [id, status, receivedAgo, receivedAgo],
  );
}

const NOTHING = { subjects: [], types: [] };

test('is told once when it begins and once when it is over, by e-mail and by webhook', async () => {
  await check();
  expect([await alerts(), told()]).toEqual([[], NOTHING]);

  await event('evt_dead_1', 'dead');
  await check();
  const [raised] = await alerts('?status=open');
  expect(raised).toMatchObject({ name: 'dead_letters', status: 'open', value: 1, resolved_at: null });
  expect(told()).toEqual({ subjects: ['Alert: dead letters'], types: ['alert.raised'] });
  expect(world.smtp.messages.at(-1)).toMatchObject({ to: [{ address: 'ops@example.com' }] });
  expect(world.smtp.messages.at(-1)?.text).toContain(
    "Given up, and waiting for a person: 1 event of Stripe's, 0 jobs.",
  );
  expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toMatchObject({
    type: 'alert.raised',
    customer: null,
    data: { alert: raised?.id, name: 'dead_letters', value: 1, resolved_at: null },
  });

  await event('evt_dead_2', 'dead');
  await Promise.all([check(), check(), check()]);
  expect(await alerts()).toMatchObject([{ id: raised?.id, value: 2, text: expect.stringContaining('2 events') }]);
  expect(told()).toEqual(NOTHING);

  await rows(`update inbound_events set status = 'handled', handled_at = now()`);
  await check();
  expect([(await alerts())[0]?.status, told()]).toEqual(['open', NOTHING]);
  await rows(`update alerts set last_true_at = now() - interval '15 minutes'`);
  await check();
  await check();
  expect(await alerts('?status=resolved')).toMatchObject([{ id: raised?.id, resolved_at: expect.any(String) }]);
  expect(await alerts('?status=open')).toEqual([]);
  expect(told()).toEqual({ subjects: ['Over: dead letters'], types: ['alert.resolved'] });

  await event('evt_dead_3', 'dead');
  await check();
  expect((await alerts()).map(({ status }) => status)).toEqual(['open', 'resolved']);
  expect(told()).toEqual({ subjects: ['Alert: dead letters'], types: ['alert.raised'] });
});

test('two that check at once raise it once', async () => {
  await event('evt_dead', 'dead');
  await Promise.all(Array.from({ length: 5 }, () => world.get(AlertCheckJob).check()));
  await world.sandbox.settle();
  expect(await alerts()).toHaveLength(1);
  expect(told()).toEqual({ subjects: ['Alert: dead letters'], types: ['alert.raised'] });
});

test('is found by its id; an unknown one is not', async () => {
  await event('evt_dead', 'dead');
  await check();
  const [alert] = await alerts();
  expect(await world.api.get(`/v1/alerts/${alert?.id}`)).toMatchObject({ status: 200, body: alert });
  expect(await world.api.get('/v1/alerts/alt_none')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  told();
});

const { alerts: rules } = readAlertsFile();
const readings = () => readReadings(world.get(Transactions).reader(), rules);

test('what it is judged by is read from the database', async () => {
  expect(await readings()).toMatchObject({ dead_events: 0, dead_jobs: 0, hours_since_last_event: null, refused: 0 });
  await event('evt_quarantined', 'quarantined', '3 hours');
  await rows(`insert into pgboss.job (name, source_name) values ('dead_letters', 'email.send')`);
  await rows(
    `insert into inbound_tallies (hour, kind, type, count)
     select date_trunc('hour', now()) - make_interval(hours => ago), kind, '', 10
     from generate_series(0, 2) as ago, (values ('refused'), ('duplicate')) as kinds (kind)`,
  );
  const seen = await readings();
  expect(seen).toMatchObject({ dead_jobs: 1, refused: 20, usually_busy: false, event_wait: 0 });
  expect(seen.hours_since_last_event).toBeCloseTo(3, 1);
});

test('how long the first that is due has waited; what waits for its next attempt is not late', async () => {
  await rows(
    `insert into inbound_events (id, type, livemode, created, payload, next_attempt_at)
     values ('evt_later', 'x.y', false, now(), '{}', now() + interval '1 hour')`,
  );
  await world.get(Boss).pgBoss.createQueue('nobody.works');
  await rows(
    `insert into pgboss.job (name, created_on, start_after)
     values ('nobody.works', now() - interval '20 minutes', now() - interval '10 minutes'),
            ('nobody.works', now() - interval '20 minutes', now() + interval '10 minutes')`,
  );
  const seen = await readings();
  expect(seen.event_wait).toBe(0);
  expect(seen.job_wait).toBeGreaterThanOrEqual(600);
  expect(seen.job_wait).toBeLessThan(660);
  await rows(`delete from pgboss.job where name = 'nobody.works'`);
});

async function received(daysAgo: number, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await event(`evt_${daysAgo}_${n}`, 'handled', `${daysAgo} days 3 hours`);
}

test('the hours that end now count as busy when both weeks before had the usual number', async () => {
  await received(7, 10);
  expect((await readings()).usually_busy).toBe(false);
  await received(14, 9);
  expect((await readings()).usually_busy).toBe(false);
  await received(14.0001, 1);
  expect((await readings()).usually_busy).toBe(true);
});

function run(n: number, found: number, kind = 'objects', status = 'done', dry = false): Promise<unknown> {
  return rows(
    `insert into reconciliations (id, kind, status, dry_run, found, created_at)
       values ('rec_' || ?, ?, ?, ?, ?, now() - make_interval(hours => ?))`,
    [`${kind}${n}`, kind, status, dry, found, n],
  );
}

test('a reconciliation is compared with the median of those before it, dry runs and failed ones aside', async () => {
  await Promise.all(
    [
      [5, 2],
      [4, 90],
      [3, 4],
      [2, 1],
    ].map(([n = 0, found = 0]) => run(n, found)),
  );
  await run(1, 40);
  await run(0, 1000, 'objects', 'failed');
  await run(6, 1000, 'objects', 'done', true);
  expect((await readings()).reconciliations).toEqual([{ kind: 'objects', found: 40, usual: 2 }]);
});
