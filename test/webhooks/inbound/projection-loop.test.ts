import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { PgListener } from '../../../src/database/pg-listener.js';
import { Settling } from '../../../src/database/settling.js';
import { Transactions } from '../../../src/database/transactions.js';
import { Mirror } from '../../../src/mirror/mirror.js';
import { MirrorRegistry } from '../../../src/mirror/mirror-registry.js';
import { Refetch } from '../../../src/mirror/refetch.js';
import { InboundEvent } from '../../../src/webhooks/inbound/inbound-event.entity.js';
import { InboundTallies } from '../../../src/webhooks/inbound/inbound-tallies.js';
import { Inbox } from '../../../src/webhooks/inbound/inbox.js';
import { ProjectionLoop } from '../../../src/webhooks/inbound/projection-loop.js';
import { Pace } from '../../../src/jobs/pace.js';
import { Projector } from '../../../src/webhooks/inbound/projector.js';
import { readEnvelope } from '../../../src/webhooks/inbound/read-envelope.js';
import { customerFixture } from '../../customers/fixtures.js';
import { MirrorRoom, NOW } from '../../mirror/mirror-room.js';
import { eventBody } from '../../support/stripe-event.js';

/** One process of several on the same database. */
class Replica {
  readonly inbox: Inbox;
  readonly projector: Projector;
  readonly loop: ProjectionLoop;
  readonly settling: Settling;
  private readonly listener: PgListener;
  private readonly pace = new Pace();

  constructor() {
    const { room } = house;
    this.inbox = new Inbox(room.runtime, room.get(InboundTallies), this.pace);
    this.listener = new PgListener(room.runtime);
    this.settling = new Settling(room.get(Transactions));
    this.projector = new Projector(
      room.get(Transactions),
      room.get(Mirror),
      room.get(Refetch),
      room.get(MirrorRegistry),
      room.get(InboundTallies),
    );
    this.loop = new ProjectionLoop(room.runtime, this.inbox, this.listener, this.projector, this.settling, this.pace);
    replicas.push(this);
  }

  /** How often it has looked into the inbox. */
  get looked(): number {
    return this.looks.mock.calls.length;
  }

  private get looks() {
    return jest.spyOn(this.projector, 'projectBatch');
  }

  async start(): Promise<this> {
    void this.looks;
    await this.loop.start();
    return this;
  }

  async end(): Promise<void> {
    await this.loop.stop();
    await this.inbox.onApplicationShutdown();
    await this.listener.onApplicationShutdown();
  }
}

let house: MirrorRoom;
let direct: pg.Client;
const replicas: Replica[] = [];
let events = 0;

beforeAll(async () => {
  Logger.overrideLogger(false);
  house = await MirrorRoom.open([InboundTallies]);
  direct = new pg.Client({ connectionString: house.room.runtime.database.url });
  await direct.connect();
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const replica of replicas.splice(0)) await replica.end();
});
afterAll(async () => {
  await direct.end();
  await house.close();
});

/** @returns the event's id */
async function store(inbox: Inbox): Promise<string> {
  const id = `evt_${++events}`;
  const object = customerFixture({ id: `cus_${events}` });
  const body = eventBody({ id, type: 'customer.created', created: NOW.getTime() / 1000, object });
  await inbox.store(readEnvelope(Buffer.from(body), false));
  return id;
}

async function handled(id: string): Promise<void> {
  while ((await house.reader().findOne(InboundEvent, id))?.status !== 'handled');
}

/** The connections of the loops: which of them holds the lock, and which wait for it. */
async function locks(): Promise<{ holder: number | null; waiting: number[] }> {
  const { rows } = await direct.query<{ pid: number; granted: boolean }>(
    `select l.pid, l.granted from pg_locks l join pg_stat_activity a using (pid)
     where a.datname = current_database() and a.application_name = 'good-standing projector' and locktype = 'advisory'`,
  );
  return {
    holder: rows.find(({ granted }) => granted)?.pid ?? null,
    waiting: rows.filter(({ granted }) => !granted).map(({ pid }) => pid),
  };
}

async function untilStandby(count = 1): Promise<void> {
  for (;;) {
    const { holder, waiting } = await locks();
    if (holder !== null && waiting.length === count) return;
  }
}

async function killHolder(): Promise<void> {
  await direct.query('select pg_terminate_backend($1)', [(await locks()).holder]);
}

/** A holder, and a standby that waits. */
async function pair(): Promise<[Replica, Replica]> {
  const holder = await new Replica().start();
  while ((await locks()).holder === null);
  const standby = await new Replica().start();
  await untilStandby();
  return [holder, standby];
}

test('what lay in the inbox before is projected when it starts', async () => {
  const receiver = new Replica();
  const ids = [await store(receiver.inbox), await store(receiver.inbox)];
  await new Replica().start();
  for (const id of ids) await handled(id);
});

test('wakes for what this process stores, and for what another one does', async () => {
  const [worker, web] = [await new Replica().start(), new Replica()];
  await handled(await store(worker.inbox));
  await handled(await store(web.inbox));
  // Its own pause between two looks is 5 s.
  const begun = performance.now();
  for (let round = 0; round < 10; round++) await handled(await store(round % 2 ? worker.inbox : web.inbox));
  expect(performance.now() - begun).toBeLessThan(4000);
});

test('of two only one projects, and learns at once of what the other stores', async () => {
  const [holder, standby] = await pair();
  const begun = performance.now();
  for (let round = 0; round < 5; round++) await handled(await store(standby.inbox));
  expect(performance.now() - begun).toBeLessThan(4000);
  expect(standby.looked).toBe(0);
  expect(holder.looked).toBeGreaterThanOrEqual(1);
});

test('when the holder loses its connection the standby takes over within a second, and the holder waits', async () => {
  const [holder, standby] = await pair();
  await killHolder();
  const begun = performance.now();
  const id = await store(holder.inbox);
  await handled(id);
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(standby.looked).toBeGreaterThanOrEqual(1);

  await untilStandby();
  const looked = holder.looked;
  for (let round = 0; round < 5; round++) await handled(await store(holder.inbox));
  expect(holder.looked).toBe(looked);
  await killHolder();
  await handled(await store(standby.inbox));
  expect(holder.looked).toBeGreaterThan(looked);
});

test('a holder that stops hands over at once', async () => {
  const [holder, standby] = await pair();
  await holder.loop.stop();
  await handled(await store(standby.inbox));
  expect(standby.looked).toBeGreaterThanOrEqual(1);
});

test('a projector that fails is no end: it looks again', async () => {
  const replica = new Replica();
  jest.spyOn(replica.projector, 'projectBatch').mockRejectedValueOnce(new Error('the database is away'));
  await replica.start();
  await handled(await store(replica.inbox));
});

/** One that has found nothing to do, and pauses. */
async function idle(): Promise<Replica> {
  const [holder] = await pair();
  const nothing = jest.spyOn(holder.projector, 'projectBatch').mockResolvedValue(0);
  nothing.mockClear();
  holder.loop.wake();
  while (nothing.mock.calls.length === 0) await wait(0);
  return holder;
}

test.each<[string, () => Promise<Replica>]>([
  ['while it waits for something to do', idle],
  ['while it waits for the lock', async () => (await pair())[1]],
])('stops at once %s, and leaves no connection', async (_, open) => {
  const replica = await open();
  const others = replicas.filter((one) => one !== replica);
  const begun = performance.now();
  await replica.loop.stop();
  expect(performance.now() - begun).toBeLessThan(1000);
  for (const other of others) await other.loop.stop();
  for (;;) {
    const { holder, waiting } = await locks();
    if (holder === null && waiting.length === 0) break;
  }
});

test('a batch that is under way is ended before it stops', async () => {
  const replica = new Replica();
  const gate = Promise.withResolvers<void>();
  const project = replica.projector.projectBatch.bind(replica.projector);
  const begun = Promise.withResolvers<void>();
  jest.spyOn(replica.projector, 'projectBatch').mockImplementation(async () => {
    begun.resolve();
    await gate.promise;
    return project();
  });
  const id = await store(replica.inbox);
  await replica.start();
  await begun.promise;
  let stopped = false;
  const stopping = replica.loop.stop().then(() => (stopped = true));
  const before = await house.reader().findOne(InboundEvent, id);
  const early = stopped;
  gate.resolve();
  await stopping;
  expect({ early, before }).toMatchObject({ early: false, before: { status: 'pending' } });
  expect(await house.reader().findOne(InboundEvent, id)).toMatchObject({ status: 'handled' });
});

test('the house is at rest only when nothing is due in the inbox', async () => {
  const replica = await new Replica().start();
  jest.spyOn(replica.projector, 'projectBatch').mockResolvedValue(0);
  await wait(0);
  const id = await store(replica.inbox);
  expect(await replica.settling.settle(0)).toBe(false);
  await direct.query("update inbound_events set next_attempt_at = now() + interval '1 hour' where id = $1", [id]);
  expect(await replica.settling.settle(0)).toBe(true);
});
