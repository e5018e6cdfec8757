import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { readEnv } from '../../../config/env.js';
import { ormConfig } from '../../../config/mikro-orm.config.js';
import { Transactions } from '../../../src/database/transactions.js';
import { Pace } from '../../../src/jobs/pace.js';
import { InboxUnavailable } from '../../../src/webhooks/inbound/inbound.errors.js';
import { InboundTallies } from '../../../src/webhooks/inbound/inbound-tallies.js';
import { INBOX_CHANNEL } from '../../../src/webhooks/inbound/inbox-queue.js';
import { Inbox } from '../../../src/webhooks/inbound/inbox.js';
import type { Envelope } from '../../../src/webhooks/inbound/read-envelope.js';
import { cuttable } from '../../access/cuttable-database.js';
import { cloneDatabase } from '../../support/database.js';
import type { TestDatabase } from '../../support/database.js';
import { until } from '../../support/query.js';

let database: TestDatabase;
let network: Awaited<ReturnType<typeof cuttable>>;
let direct: pg.Client;
let orm: MikroORM;
let tallies: InboundTallies;
let inbox: Inbox;
const opened: Inbox[] = [];

beforeAll(async () => {
  Logger.overrideLogger(false);
  database = await cloneDatabase();
  network = await cuttable(database.url);
  direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
  orm = await MikroORM.init(ormConfig(database.url));
  tallies = new InboundTallies(new Transactions(orm));
  inbox = openInbox();
});
afterEach(() => {
  jest.restoreAllMocks();
  network.mend();
});
afterAll(async () => {
  for (const one of opened) await one.onApplicationShutdown();
  await tallies.beforeApplicationShutdown();
  await orm.close();
  await direct.end();
  await network.close();
});

function openInbox(url = network.url): Inbox {
  const env = readEnv({ NODE_ENV: 'test' });
  const stripe = { ...env.stripe, secretKey: 'sk_test_inbox', sandboxUrl: null };
  const one = new Inbox({ ...env, database: { url }, stripe }, tallies, new Pace());
  opened.push(one);
  return one;
}

function envelope(id: string, over: Partial<Envelope> = {}): Envelope {
  return {
    id,
    type: 'customer.created',
    api_version: null,
    livemode: false,
    object: 'cus_1',
    customer: 'cus_1',
    account: null,
    created: new Date('2026-01-15T09:00:00Z'),
    payload: `{"id":"${id}"}`,
    quarantine: null,
    ...over,
  };
}

async function stored(like: string): Promise<Array<{ id: string; status: string; error: string | null }>> {
  const statement = 'select id, status, error, payload from inbound_events where id like $1 order by id';
  return (await direct.query(statement, [like])).rows;
}

/** How many INSERTs the inbox has sent since, and how many rows each held. */
function watchInserts(): () => number[] {
  const query = jest.spyOn(pg.Client.prototype, 'query');
  return () =>
    query.mock.calls.flatMap(([config]) => {
      const { name } = config as unknown as { name?: string };
      return name?.startsWith('inbox_') && name !== 'inbox_notify' ? [Number.parseInt(name.slice(6), 10)] : [];
    });
}

/** Copies by type, as they stand in the database. */
async function counted(): Promise<Record<string, number>> {
  const { rows } = await direct.query<{ type: string; count: number }>(
    "select type, sum(count)::int as count from inbound_tallies where kind = 'duplicate' group by type",
  );
  return Object.fromEntries(rows.map(({ type, count }) => [type, count]));
}

describe('group commit', () => {
  test('what arrives while a commit is under way shares the next ones', async () => {
    const inserts = watchInserts();
    const ids = Array.from({ length: 300 }, (_, index) => `evt_group_${String(index).padStart(3, '0')}`);
    const fresh = await Promise.all(ids.map((id) => inbox.store(envelope(id))));
    expect(fresh.every(Boolean)).toBe(true);
    expect(inserts()).toEqual([1, 128, 128, 43]);
    expect((await stored('evt_group_%')).map(({ id }) => id)).toEqual(ids);
  });

  test('alone, an event is written at once', async () => {
    const inserts = watchInserts();
    expect(await inbox.store(envelope('evt_alone_1'))).toBe(true);
    expect(await inbox.store(envelope('evt_alone_2'))).toBe(true);
    expect(inserts()).toEqual([1, 1]);
  });

  test('copies of one event within a group and later are one row, new once', async () => {
    const copies = await Promise.all(Array.from({ length: 50 }, () => inbox.store(envelope('evt_copy'))));
    expect(copies.filter(Boolean)).toHaveLength(1);
    const group = [...Array(20).fill('evt_copy'), ...Array(20).fill('evt_other')].map((id: string) => envelope(id));
    const fresh = await Promise.all(group.map((one) => inbox.store(one)));
    expect(fresh.indexOf(true)).toBe(20);
    expect(fresh.filter(Boolean)).toHaveLength(1);
    expect(await stored('evt_copy')).toHaveLength(1);
  });

  test('a copy does not touch what is stored', async () => {
    await inbox.store(envelope('evt_kept'));
    await direct.query("update inbound_events set status = 'handled' where id = 'evt_kept'");
    expect(await inbox.store(envelope('evt_kept', { payload: 'another', quarantine: 'why' }))).toBe(false);
    expect(await stored('evt_kept')).toEqual([
      { id: 'evt_kept', status: 'handled', error: null, payload: '{"id":"evt_kept"}' },
    ]);
  });

  test('what is quarantined is stored with its reason', async () => {
    await inbox.store(envelope('evt_aside', { quarantine: 'unreadable' }));
    expect(await stored('evt_aside')).toMatchObject([{ status: 'quarantined', error: 'unreadable' }]);
  });
});

describe('counting', () => {
  test('copies takes no round trip more than storing what is new: they are written later, elsewhere', async () => {
    await tallies.flush();
    const query = jest.spyOn(pg.Client.prototype, 'query');
    const trips = () => query.mock.calls.filter(([asked]) => !JSON.stringify(asked).includes('inbox_notify')).length;
    const group = Array.from({ length: 100 }, (_, index) => envelope(`evt_counted_${index}`, { type: 'a.new' }));
    await Promise.all(group.map((one) => inbox.store(one)));
    // One INSERT for each of two groups: the first event, and all who came meanwhile.
    expect(trips()).toBe(2);
    await Promise.all(group.map((one) => inbox.store(one)));
    expect(trips()).toBe(4);
    await tallies.flush();
    // On the house's own connections, not the inbox's.
    expect(trips()).toBe(4);
    expect(await counted()).toMatchObject({ 'a.new': 100 });
  });

  test('adds up over processes and time, by type', async () => {
    const other = new InboundTallies(new Transactions(orm));
    for (const one of [tallies, other, tallies]) {
      one.note('duplicate', 'b.seen');
      one.note('duplicate', 'c.seen');
      one.note('duplicate', 'b.seen');
      await one.flush();
    }
    expect(await counted()).toMatchObject({ 'b.seen': 6, 'c.seen': 3 });
  });

  test('writes by itself within a second or so', async () => {
    tallies.note('duplicate', 'd.seen');
    while ((await counted())['d.seen'] !== 1);
  });

  test('what could not be written is written later', async () => {
    await direct.query('alter table inbound_tallies rename to elsewhere');
    tallies.note('duplicate', 'e.seen');
    await tallies.flush();
    await direct.query('alter table elsewhere rename to inbound_tallies');
    tallies.note('duplicate', 'e.seen');
    await tallies.flush();
    expect(await counted()).toMatchObject({ 'e.seen': 2 });
  });
});

describe('telling the projector', () => {
  afterEach(() => void direct.removeAllListeners('notification'));

  test('in the same process by a call, once for each commit', async () => {
    const told = jest.fn(() => true);
    inbox.whenStored(told);
    await Promise.all(['evt_call_1', 'evt_call_2', 'evt_call_3', 'evt_call_1'].map((id) => inbox.store(envelope(id))));
    expect(told).toHaveBeenCalledTimes(2);
    await inbox.store(envelope('evt_call_1'));
    expect(told).toHaveBeenCalledTimes(2);
  });

  test('in another process by NOTIFY, when it is not projected here, and only of what is new', async () => {
    const web = openInbox();
    const standby = openInbox();
    standby.whenStored(() => false);
    const heard: string[] = [];
    direct.on('notification', ({ channel }) => heard.push(channel));
    await direct.query(`listen ${INBOX_CHANNEL}`);
    await web.store(envelope('evt_web'));
    await web.store(envelope('evt_web'));
    await standby.store(envelope('evt_standby'));
    await inbox.store(envelope('evt_here'));
    // A query's answer comes after the notifications that were sent before it.
    await direct.query('select 1');
    expect(heard).toEqual([INBOX_CHANNEL, INBOX_CHANNEL]);
    await direct.query('unlisten *');
  });

  test('by NOTIFY as soon as it is not projected here any more', async () => {
    let holding = true;
    const former = openInbox();
    former.whenStored(() => holding);
    await former.store(envelope('evt_former_1'));
    holding = false;
    const heard: string[] = [];
    direct.on('notification', ({ channel }) => heard.push(channel));
    await direct.query(`listen ${INBOX_CHANNEL}`);
    await former.store(envelope('evt_former_2'));
    await until(() => heard.length > 0);
    await direct.query('unlisten *');
  });

  test('a rush is told of at once and then now and then, and its last event too', async () => {
    const web = openInbox();
    const seen: number[] = [];
    const count = async () => seen.push((await stored('evt_rush_%')).length);
    let heard = 0;
    direct.on('notification', () => {
      heard++;
      void count();
    });
    await direct.query(`listen ${INBOX_CHANNEL}`);
    await web.store(envelope('evt_rush_0'));
    await direct.query('select 1');
    expect(heard).toBe(1);
    const began = performance.now();
    for (let number = 1; number < 50; number++) await web.store(envelope(`evt_rush_${number}`));
    const took = performance.now() - began;
    await until(() => seen.includes(50));
    expect(heard).toBeLessThanOrEqual(2 + took / 10 + 1);
    await direct.query('unlisten *');
  });
});

describe('without its database', () => {
  test('nothing is acknowledged, and everything again as soon as it is back', async () => {
    await inbox.store(envelope('evt_before'));
    network.cut();
    const failures = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        inbox.store(envelope(`evt_away_${index}`)).catch((error: unknown) => error),
      ),
    );
    expect(failures.every((failure) => failure instanceof InboxUnavailable)).toBe(true);
    expect(failures[0]).toMatchObject({ status: 503, retryable: true, retryAfterSeconds: 5 });
    expect(await stored('evt_away_%')).toEqual([]);
    network.mend();
    expect(await inbox.store(envelope('evt_back'))).toBe(true);
  });

  test('that neither answers nor refuses, all who wait are told at its limit, however many', async () => {
    const other = openInbox();
    network.hang();
    const connecting = jest.spyOn(pg.Client.prototype, 'connect');
    const arrivals = Array.from({ length: 1000 }, (_, index) => other.store(envelope(`evt_hang_${index}`)));
    const settled = await Promise.allSettled(arrivals);
    expect(settled.every((one) => one.status === 'rejected' && one.reason instanceof InboxUnavailable)).toBe(true);
    // One after the other each group would have waited for a limit of its own.
    expect(connecting).toHaveBeenCalledTimes(1);
    network.mend();
    expect(await other.store(envelope('evt_hang_after'))).toBe(true);
  });

  test('a commit that does not end in time is not acknowledged, and the next one is', async () => {
    await direct.query('begin');
    await direct.query('lock table inbound_events in access exclusive mode');
    const stuck = inbox.store(envelope('evt_stuck')).catch((error: unknown) => error);
    const answer = await Promise.race([stuck, wait(15_000, 'none in 15 s', { ref: false })]);
    await direct.query('rollback');
    expect(answer).toBeInstanceOf(InboxUnavailable);
    expect(await inbox.store(envelope('evt_unstuck'))).toBe(true);
    // Nobody knows whether the stuck one was committed in the end: sent again, it is there once.
    await inbox.store(envelope('evt_stuck'));
    expect(await stored('evt_stuck')).toHaveLength(1);
  });
});

describe('when PostgreSQL takes no more', () => {
  test('because its connections are exhausted: refused at once, and stored as soon as there is one', async () => {
    const role = new URL(database.url).pathname.slice(1);
    await direct.query(`create role ${role} login password 'poor' connection limit 1`);
    await direct.query(`grant insert, select on inbound_events to ${role}`);
    const url = new URL(network.url);
    Object.assign(url, { username: role, password: 'poor' });
    const greedy = new pg.Client({ connectionString: url.href });
    await greedy.connect();
    const poor = openInbox(url.href);
    const begun = performance.now();
    await expect(poor.store(envelope('evt_exhausted'))).rejects.toThrow(InboxUnavailable);
    expect(performance.now() - begun).toBeLessThan(1000);
    await greedy.end();
    while (!(await poor.store(envelope('evt_exhausted')).catch(() => false)));
    expect(await stored('evt_exhausted')).toHaveLength(1);
    await poor.onApplicationShutdown();
    opened.pop();
    await direct.query(`drop owned by ${role}`);
    await direct.query(`drop role ${role}`);
  });

  test('because its disk is full: refused, and stored when there is room', async () => {
    await direct.query(
      `create function full_disk() returns trigger language plpgsql as
       $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`,
    );
    await direct.query('create trigger full_disk before insert on inbound_events execute function full_disk()');
    await expect(inbox.store(envelope('evt_full'))).rejects.toThrow(InboxUnavailable);
    await direct.query('drop trigger full_disk on inbound_events');
    expect(await inbox.store(envelope('evt_full'))).toBe(true);
  });
});

test('at the end what is under way is written', async () => {
  const ending = openInbox();
  opened.pop();
  const arrivals = Promise.allSettled(['evt_end_1', 'evt_end_2'].map((id) => ending.store(envelope(id))));
  await ending.onApplicationShutdown();
  const written = { status: 'fulfilled', value: true };
  expect(await arrivals).toEqual([written, written]);
});
