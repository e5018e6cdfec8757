import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Clock } from '../../src/database/clock.js';
import { Settling } from '../../src/database/settling.js';
import { Transactions } from '../../src/database/transactions.js';
import { Boss, DEAD_LETTERS } from '../../src/jobs/boss.js';
import { DueSweep } from '../../src/jobs/due-sweep.js';
import { Due } from '../../src/jobs/due.js';
import { GiveUp } from '../../src/jobs/give-up.js';
import { JobQueue } from '../../src/jobs/job-queue.js';
import { JobWorkers } from '../../src/jobs/job-workers.js';
import { Ticker } from '../../src/jobs/ticker.js';
import { Worker } from '../../src/jobs/worker.js';
import { until } from '../support/query.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

let room: Room;
const done: object[] = [];
let fail: Error | null = null;

beforeAll(async () => {
  room = await openRoom();
  await room.get(Boss).start();
  await room.get(JobWorkers).ensureQueues();
  await room.get(Worker).work('email.send', { batchSize: 10, concurrency: 5 }, async (data) => {
    if (fail) throw fail;
    done.push(data);
  });
});

afterAll(async () => {
  await room.get(DueSweep).stop();
  await room.get(Boss).stop();
  await room.close();
});

async function rows(queue: string): Promise<Array<{ data: object; state: string }>> {
  const { rows: found } = await sql<{ data: object; state: string }>`
    select data, state from pgboss.job where name = ${queue} order by created_on`.execute(
    room.get(Transactions).reader().getKysely(),
  );
  return found;
}

test('a job enqueued in a transaction runs after its commit', async () => {
  await room.get(Transactions).run((em) => room.get(JobQueue).enqueue(em, 'email.send', { email: 'eml_1' }));
  await room.get(Settling).settle();
  expect(done).toEqual([{ email: 'eml_1' }]);
});

test('a job enqueued in a transaction that is rolled back is gone', async () => {
  const work = room.get(Transactions).run(async (em) => {
    await room.get(JobQueue).enqueue(em, 'access.recompute', { customer: 'cus_1' });
    throw new Error('rolled back');
  });
  await expect(work).rejects.toThrow('rolled back');
  expect(await rows('access.recompute')).toEqual([]);
});

test('outside a transaction nothing can be enqueued', async () => {
  const em = room.get(Transactions).reader();
  await expect(room.get(JobQueue).enqueue(em, 'email.send', { email: 'eml_2' })).rejects.toThrow(
    'inside a transaction',
  );
});

test('a payload that the catalogue does not know is refused', async () => {
  const work = room
    .get(Transactions)
    .run((em) => room.get(JobQueue).enqueue(em, 'email.send', JSON.parse('{"emial":"x"}')));
  await expect(work).rejects.toThrow('email');
});

test('a job that gives up lies in the dead letters with its reason', async () => {
  fail = new GiveUp('the address does not exist');
  await room.get(Transactions).run((em) => room.get(JobQueue).enqueue(em, 'email.send', { email: 'eml_3' }));
  await room.get(Settling).settle();
  fail = null;
  expect(await rows(DEAD_LETTERS)).toEqual([expect.objectContaining({ data: { email: 'eml_3' } })]);
  const failed = (await rows('email.send')).find(({ state }) => state === 'failed');
  expect(failed?.data).toEqual({ email: 'eml_3' });
});

test('boot fails on jobs without a handler, naming each', () => {
  expect(() => room.get(JobWorkers).route()).toThrow(/job 'email.send' has no @OnJob handler/);
});

describe('business time', () => {
  test('what is due becomes a job when the clock passes it, not before', async () => {
    const [clock, due, sweep] = [room.get(Clock), room.get(Due), room.get(DueSweep)];
    clock.turn(new Date('2030-01-01T00:00:00Z'), 'frozen');
    await sweep.start();
    const at = new Date('2030-01-08T00:00:00Z');
    await room
      .get(Transactions)
      .run((em) => due.set(em, { job: 'access.recompute', key: 'cus_2', data: { customer: 'cus_2' }, at }));
    await room.get(Settling).settle();
    expect(await rows('access.recompute')).toEqual([]);
    expect(await sweep.next()).toEqual(at);

    clock.turn(at, 'frozen');
    sweep.wake();
    await until(async () => (await rows('access.recompute')).length === 1);
    expect(await sweep.next()).toBeNull();
  });

  test('setting it again moves it, clearing it removes it', async () => {
    const [due, transactions] = [room.get(Due), room.get(Transactions)];
    const thing = { job: 'access.recompute' as const, key: 'cus_3', data: { customer: 'cus_3' } };
    await transactions.run((em) => due.set(em, { ...thing, at: new Date('2031-01-01T00:00:00Z') }));
    await transactions.run((em) => due.set(em, { ...thing, at: new Date('2032-01-01T00:00:00Z') }));
    expect(await room.get(DueSweep).next()).toEqual(new Date('2032-01-01T00:00:00Z'));
    await transactions.run((em) => due.clear(em, 'access.recompute', 'cus_3'));
    expect(await room.get(DueSweep).next()).toBeNull();
  });

  test('a slot makes one job over two replicas, and a month turned at once makes one', async () => {
    const clock = room.get(Clock);
    clock.turn(new Date('2033-01-01T00:00:30Z'), 'frozen');
    const replicas = [room.get(Ticker), new Ticker(clock, room.get(Transactions), room.get(JobQueue))];
    for (const replica of replicas) replica.start();
    clock.turn(new Date('2033-01-31T00:00:30Z'), 'frozen');
    await Promise.all(replicas.map((replica) => replica.tick()));
    for (const replica of replicas) replica.stop();
    expect(await rows('reconciliation.sweep_objects')).toHaveLength(1);
    expect(await rows('operation.resume')).toHaveLength(1);
  });
});
