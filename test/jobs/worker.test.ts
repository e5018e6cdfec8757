import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { Transactions } from '../../src/database/transactions.js';
import { Boss, DEAD_LETTERS } from '../../src/jobs/boss.js';
import { GiveUp } from '../../src/jobs/give-up.js';
import { Worker } from '../../src/jobs/worker.js';
import { until } from '../support/query.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

/** So short that a test need not wait, and long enough to be a wait. */
const TINY = { limit: 2, delaySeconds: 1, maxDelaySeconds: 1 };

let room: Room;
let queues = 0;

beforeAll(async () => {
  Logger.overrideLogger(false);
  room = await openRoom();
  await room.get(Boss).start();
});
afterAll(async () => {
  await room.get(Boss).stop();
  await room.close();
});

interface Call {
  name: string;
}

async function openQueue({ laned = false } = {}): Promise<string> {
  const name = `test.queue_${++queues}`;
  await room.get(Boss).ensureQueues([{ name, retry: TINY, laned }]);
  return name;
}

function enqueue(queue: string, jobs: Array<Call & { group?: string }>): Promise<void> {
  const inserts = jobs.map(({ name, group }) => ({ data: { name }, ...(group && { group: { id: group } }) }));
  return room.get(Transactions).run((em) => room.get(Boss).insert(em, queue, inserts));
}

async function states(queue: string): Promise<Array<{ name: string; state: string; retries: number }>> {
  const { rows } = await sql<{ name: string; state: string; retries: number }>`
    select data->>'name' as name, state::text as state, retry_count as retries from pgboss.job
    where name = ${queue} order by data->>'name'`.execute(room.get(Transactions).reader().getKysely());
  return rows;
}

async function deadLetters(queue: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select data->>'name' as name from pgboss.job where name = ${DEAD_LETTERS} and source_name = ${queue}`.execute(
    room.get(Transactions).reader().getKysely(),
  );
  return rows.map(({ name }) => name);
}

async function run(statement: RawBuilder<unknown>): Promise<void> {
  await statement.execute(room.get(Transactions).reader().getKysely());
}

function named(count: number, prefix: string): Call[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}` }));
}

test('in lanes a slow group holds up itself alone, and goes on as soon as it can', async () => {
  const queue = await openQueue({ laned: true });
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  let slow = 0;
  await room.get(Worker).work(queue, { lanes: 10, groupConcurrency: 2 }, async (data) => {
    const { name } = data as Call;
    if (name.startsWith('slow')) {
      slow++;
      await gate.promise;
    }
    done.push(name);
  });
  await enqueue(
    queue,
    named(20, 'slow').map((job) => ({ ...job, group: 'a' })),
  );
  await until(() => slow >= 2);
  await enqueue(
    queue,
    named(12, 'quick').map((job) => ({ ...job, group: 'b' })),
  );
  await until(() => done.length === 12);
  expect(done.every((name) => name.startsWith('quick'))).toBe(true);
  // Lanes that look at the same moment may each take one, but pg-boss has six connections.
  expect(slow).toBeLessThanOrEqual(6);
  gate.resolve();
  // Polling alone would come a pair at a time, seconds apart.
  await until(() => done.length === 32);
}, 9000);

test('a lane takes one job after the other', async () => {
  const queue = await openQueue({ laned: true });
  const running = { now: 0, most: 0, done: 0 };
  await room.get(Worker).work(queue, { lanes: 3, groupConcurrency: 10 }, async () => {
    running.most = Math.max(running.most, ++running.now);
    await new Promise((resolve) => setImmediate(resolve));
    running.now--;
    running.done++;
  });
  await enqueue(queue, named(15, 'job'));
  await until(() => running.done === 15);
  expect(running.most).toBeLessThanOrEqual(3);
}, 9000);

test('a job for lanes wakes one of them, and the one that finds it the next', async () => {
  const queue = await openQueue({ laned: true });
  const woken = jest.spyOn(room.get(Boss).pgBoss, 'notifyWorker');
  let done = 0;
  await room.get(Worker).work(queue, { lanes: 10, groupConcurrency: 10 }, async () => void done++);
  for (let job = 1; job <= 3; job++) {
    woken.mockClear();
    await enqueue(queue, [{ name: 'one' }]);
    await until(async () => (await states(queue)).filter(({ state }) => state === 'completed').length === job);
    // By the notification, for the next lane, and to look again after it.
    expect(woken).toHaveBeenCalledTimes(3);
  }
  // pg-boss itself notifies of nothing: it would wake all ten.
  expect(await room.get(Boss).pgBoss.getQueue(queue)).toMatchObject({ notify: false });
  expect(done).toBe(3);
  woken.mockRestore();
});

test('of a batch no more run at once than may, and each job stands or falls alone', async () => {
  const queue = await openQueue();
  const running = { now: 0, most: 0 };
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  await room.get(Worker).work(queue, { batchSize: 10, concurrency: 3 }, async (data) => {
    const { name } = data as Call;
    running.most = Math.max(running.most, ++running.now);
    await gate.promise;
    running.now--;
    if (name === 'job4') throw new GiveUp('never');
    done.push(name);
  });
  await enqueue(queue, named(10, 'job'));
  await until(() => running.now === 3);
  gate.resolve();
  await until(async () => (await deadLetters(queue)).length === 1);
  expect(running.most).toBe(3);
  expect(done.toSorted()).toEqual(
    named(10, 'job')
      .map(({ name }) => name)
      .filter((name) => name !== 'job4'),
  );
  await until(async () => (await states(queue)).every(({ state }) => state === 'completed' || state === 'failed'));
  expect((await states(queue)).filter(({ state }) => state === 'failed')).toEqual([
    { name: 'job4', state: 'failed', retries: 0 },
  ]);
  expect(await deadLetters(queue)).toEqual(['job4']);
});

test('with the database away a batch is not halved: all of it is tried again', async () => {
  const queue = await openQueue();
  const heard: number[] = [];
  await room.get(Worker).workTogether(queue, { batchSize: 10 }, async (batch) => {
    heard.push(batch.length);
    if (heard.length === 1) throw Object.assign(new Error('terminating connection'), { code: '57P01' });
  });
  await enqueue(queue, named(8, 'job'));
  await until(async () => (await states(queue)).every(({ state }) => state === 'completed'));
  expect(heard[0]).toBe(8);
  expect((await states(queue)).map(({ retries }) => retries)).toEqual(Array.from({ length: 8 }, () => 1));
  expect(heard.slice(1).reduce((sum, count) => sum + count, 0)).toBe(8);
}, 9000);

test('a job that fails is tried again when its time has come', async () => {
  const queue = await openQueue();
  let attempts = 0;
  await room.get(Worker).work(queue, { batchSize: 10, concurrency: 5 }, async () => {
    if (++attempts === 1) throw new Error('not yet');
  });
  await enqueue(queue, [{ name: 'twice' }]);
  await until(async () => (await states(queue))[0]?.state === 'completed');
  expect(await states(queue)).toEqual([{ name: 'twice', state: 'completed', retries: 1 }]);
  expect(attempts).toBe(2);
}, 9000);

test('so is one whose end could not be written, when connections were lost', async () => {
  const queue = await openQueue();
  let attempts = 0;
  await room.get(Worker).work(queue, { batchSize: 10, concurrency: 5 }, async () => void attempts++);
  await run(
    sql`create function cut_off() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$`,
  );
  await run(sql`create trigger cut_off before update on pgboss.job_common
    for each row when (new.name = ${sql.lit(queue)} and new.state = 'completed') execute function cut_off()`);
  await enqueue(queue, [{ name: 'twice' }]);
  await until(async () => (await states(queue))[0]?.state === 'retry');
  await run(sql`drop function cut_off cascade`);
  await run(sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'good-standing listen'`);
  await until(async () => (await states(queue))[0]?.state === 'completed');
  expect(attempts).toBe(2);
  // Polling comes round every ten seconds.
}, 9000);

test('one that always fails ends in the dead letters after its attempts, with its last reason', async () => {
  const queue = await openQueue();
  const tried: string[] = [];
  await room.get(Worker).work(queue, { batchSize: 10, concurrency: 5 }, async (data) => {
    const { name } = data as Call;
    tried.push(name);
    if (name === 'bad') throw new Error(`attempt ${tried.filter((one) => one === 'bad').length}`);
  });
  await enqueue(queue, [{ name: 'bad' }, { name: 'good' }]);
  await until(async () => (await deadLetters(queue)).length > 0);
  expect(tried.toSorted()).toEqual(['bad', 'bad', 'bad', 'good']);
  expect(await states(queue)).toEqual([
    { name: 'bad', state: 'failed', retries: 2 },
    { name: 'good', state: 'completed', retries: 0 },
  ]);
  expect(await deadLetters(queue)).toEqual(['bad']);
  const { rows } = await sql<{ output: { message: string } }>`
    select output from pgboss.job where name = ${queue} and data->>'name' = 'bad'`.execute(
    room.get(Transactions).reader().getKysely(),
  );
  expect(rows[0]?.output.message).toBe('attempt 3');
}, 9000);

test('a job whose worker died without a word is tried again within 90 s', async () => {
  const queue = await openQueue();
  await enqueue(queue, [{ name: 'orphan' }]);
  const { pgBoss } = room.get(Boss);
  expect(await pgBoss.fetch(queue)).toHaveLength(1);
  const pass = async (seconds: number) => {
    await run(sql`update pgboss.job set heartbeat_on = heartbeat_on - make_interval(secs => ${seconds})`);
    await run(sql`update pgboss.queue set monitor_claim_on = monitor_claim_on - make_interval(secs => ${seconds})`);
    await pgBoss.supervise();
  };
  await pass(15);
  expect(await states(queue)).toMatchObject([{ name: 'orphan', state: 'active' }]);
  // The rest of the 90 s is for its retry's delay and a look into the queue.
  await pass(15);
  expect(await states(queue)).toMatchObject([{ name: 'orphan', state: 'retry' }]);
});
