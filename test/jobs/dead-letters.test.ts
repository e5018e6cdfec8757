import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Settling } from '../../src/database/settling.js';
import { Transactions } from '../../src/database/transactions.js';
import { Boss, DEAD_LETTERS } from '../../src/jobs/boss.js';
import { DeadLettersController } from '../../src/jobs/dead-letters.controller.js';
import { SLICE } from '../../src/jobs/dead-letters.js';
import { GiveUp } from '../../src/jobs/give-up.js';
import { Worker } from '../../src/jobs/worker.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

const ONCE = { limit: 0, delaySeconds: 0, maxDelaySeconds: 0 };

let room: Room;
let letters: DeadLettersController;
/** What the jobs of both queues say of a name; those it knows nothing of succeed. */
const fails = new Map<string, Error>();
let tried: string[] = [];

beforeAll(async () => {
  room = await openRoom();
  letters = room.get(DeadLettersController);
  await room.get(Boss).start();
  for (const queue of ['test.one', 'test.other']) {
    await room.get(Boss).ensureQueues([{ name: queue, retry: ONCE }]);
    await room.get(Worker).work(queue, { batchSize: 100, concurrency: 10 }, async (data) => {
      const { name } = data as { name: string };
      tried.push(name);
      const failure = fails.get(name);
      if (failure) throw failure;
    });
  }
});
beforeEach(async () => {
  fails.clear();
  tried = [];
  await run(sql`delete from pgboss.job`);
});
afterAll(async () => {
  await room.get(Boss).stop();
  await room.close();
});

async function run<T>(statement: ReturnType<typeof sql<T>>): Promise<T[]> {
  return (await statement.execute(room.get(Transactions).reader().getKysely())).rows;
}

/** Gives a queue these jobs one after the other, and lets each fail for good. */
async function bury(queue: string, jobs: string[], error: Error = new Error('broken')): Promise<void> {
  for (const name of jobs) {
    fails.set(name, error);
    await room.get(Transactions).run((em) => room.get(Boss).insert(em, queue, [{ data: { name } }]));
    await room.get(Settling).settle();
  }
}

async function list(query: { limit?: number; starting_after?: string; ending_before?: string; queue?: string } = {}) {
  return letters.list({ limit: 10, ...query });
}

async function names(query: Parameters<typeof list>[0] = {}): Promise<unknown[]> {
  return (await list(query)).data.map(({ data }) => data['name']);
}

async function idOf(name: string): Promise<string> {
  const letter = (await list({ limit: 100 })).data.find(({ data }) => data['name'] === name);
  if (!letter) throw new Error(`${name} is no dead letter`);
  return letter.id;
}

test('a dead letter tells what failed, with what, why, how often and since when', async () => {
  const begun = Date.now();
  await bury('test.one', ['a'], new GiveUp('there is no such thing'));
  const { data } = await list();
  expect(data).toEqual([
    {
      object: 'dead_letter',
      id: expect.any(String),
      queue: 'test.one',
      data: { name: 'a' },
      error: 'there is no such thing',
      attempts: 1,
      enqueued_at: expect.any(String),
      created_at: expect.any(String),
    },
  ]);
  const [letter] = data;
  expect(Math.abs(Date.parse(String(letter?.created_at)) - begun)).toBeLessThan(60_000);
  expect(await letters.retrieve(String(letter?.id))).toEqual(letter);
});

test('a job whose workers died each time is one, too', async () => {
  await room.get(Boss).ensureQueues([{ name: 'test.deadly', retry: ONCE }]);
  await run(sql`
    insert into pgboss.job (name, data, state, retry_limit, retry_count, heartbeat_seconds, heartbeat_on, dead_letter)
    values ('test.deadly', '{"name":"d"}', 'active', 2, 2, 20, now() - interval '1 minute', ${DEAD_LETTERS})`);
  await run(sql`update pgboss.queue set monitor_on = null`);
  await room.get(Boss).pgBoss.supervise();
  expect((await list()).data).toMatchObject([{ queue: 'test.deadly', attempts: 3, error: 'job heartbeat timeout' }]);
});

test('retried, it is a job again; when it succeeds nothing is left of it', async () => {
  await bury('test.one', ['a', 'b']);
  fails.clear();
  expect(await letters.retry(await idOf('a'))).toMatchObject({ data: { name: 'a' } });
  await room.get(Settling).settle();
  expect(tried).toEqual(['a', 'b', 'a']);
  expect(await names()).toEqual(['b']);
});

test('retried in vain, it comes back', async () => {
  await bury('test.one', ['a']);
  const id = await idOf('a');
  fails.set('a', new Error('broken otherwise'));
  await letters.retry(id);
  await room.get(Settling).settle();
  expect((await list()).data).toMatchObject([{ error: 'broken otherwise', data: { name: 'a' } }]);
  await expect(letters.retry(id)).rejects.toMatchObject({ code: 'not_found' });
});

test('all of one queue are retried, each once, and no others', async () => {
  await bury('test.one', ['a', 'b']);
  await bury('test.other', ['c']);
  fails.delete('a');
  expect(await letters.retryAll({ queue: 'test.one' })).toMatchObject({ queue: 'test.one', retried: 2 });
  await room.get(Settling).settle();
  expect(tried.toSorted()).toEqual(['a', 'a', 'b', 'b', 'c']);
  expect(await names()).toEqual(['b', 'c']);
  expect(await names({ queue: 'test.other' })).toEqual(['c']);
});

test('more than go in one step', async () => {
  const many = SLICE + 1;
  await run(sql`
    insert into pgboss.job (name, data, source_name, source_id, source_created_on, source_retry_count)
    select ${DEAD_LETTERS}, '{"name":"many"}', 'test.one', gen_random_uuid(), now(), 0 from generate_series(1, ${many})`);
  expect(await letters.retryAll({ queue: 'test.one' })).toMatchObject({ retried: many });
  await room.get(Settling).settle();
  expect(tried).toHaveLength(many);
});

test('what nobody would take up stays, and says so', async () => {
  await bury('test.one', ['a']);
  // As a version of the house before this one may have left it.
  await room.get(Boss).pgBoss.createQueue('test.gone');
  await run(sql`update pgboss.job set source_name = 'test.gone' where name = ${DEAD_LETTERS}`);
  await expect(letters.retry(await idOf('a'))).rejects.toMatchObject({ code: 'dead_letter_unroutable' });
  await expect(letters.retryAll({ queue: 'test.gone' })).rejects.toMatchObject({ code: 'dead_letter_unroutable' });
  expect(await names()).toEqual(['a']);
});

test('seen to, it is deleted', async () => {
  await bury('test.one', ['a', 'b']);
  const id = await idOf('a');
  expect(await letters.delete(id)).toEqual({ object: 'dead_letter', id, deleted: true });
  expect(await names()).toEqual(['b']);
});

test.each(['retrieve', 'retry', 'delete'] as const)('%s: one that is not there is not found', async (act) => {
  for (const id of ['a', '00000000-0000-4000-8000-000000000000'])
    await expect(letters[act](id)).rejects.toMatchObject({ code: 'not_found' });
});

test('page by page, each once, youngest first', async () => {
  await bury('test.one', ['a', 'b', 'c', 'd']);
  expect(await names()).toEqual(['d', 'c', 'b', 'a']);
  const first = await list({ limit: 3 });
  expect(first.has_more).toBe(true);
  expect(await names({ limit: 3, starting_after: await idOf('b') })).toEqual(['a']);
  expect(await names({ limit: 2, ending_before: await idOf('a') })).toEqual(['c', 'b']);
  await expect(list({ starting_after: 'x' })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(list({ starting_after: 'x', ending_before: 'y' })).rejects.toMatchObject({ code: 'invalid_input' });
});

test('jobs that have ended are deleted within minutes, so that their table stays small; dead letters stay', async () => {
  await bury('test.one', ['a', 'b']);
  await run(sql`update pgboss.job set completed_on = now() - interval '11 minutes' where state = 'failed'`);
  await run(sql`update pgboss.queue set maintain_on = now() - interval '6 minutes'`);
  await room.get(Boss).pgBoss.supervise();
  expect(await run(sql`select id from pgboss.job where name = 'test.one'`)).toEqual([]);
  expect(await names()).toEqual(['b', 'a']);
});
