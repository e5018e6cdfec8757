import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Transactions } from '../../src/database/transactions.js';
import type { DomainEvent, DomainEventDraft } from '../../src/events/domain-events.js';
import { EventBus } from '../../src/events/event-bus.js';
import { Listeners } from '../../src/events/listeners.js';
import { OnDomainEvent } from '../../src/events/on-domain-event.js';
import { Boss } from '../../src/jobs/boss.js';
import { DeadLettersController } from '../../src/jobs/dead-letters.controller.js';
import { GiveUp } from '../../src/jobs/give-up.js';
import { until } from '../support/query.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

/** `cus_1 3`: the third of the first customer. */
let heard: string[] = [];
const running = new Map<string, number>();
let overlaps = 0;
/** How an attempt at an event ends, by what is said of it. */
let act: (said: string, attempt: number) => Promise<void> = async () => {};
const attempts = new Map<string, number>();

@Injectable()
class InOrder {
  @OnDomainEvent({ listener: 'test.in_order', to: ['customer.updated', 'customer.deleted'], ordered: 'customer' })
  async hear(_: EntityManager, event: DomainEvent): Promise<void> {
    const customer = event.customer ?? event.id;
    const said = event.type === 'customer.updated' ? `${event.customer} ${event.data.changed[0]}` : event.id;
    if (running.has(customer)) overlaps++;
    running.set(customer, 1);
    const attempt = (attempts.get(said) ?? 0) + 1;
    attempts.set(said, attempt);
    try {
      await act(said, attempt);
      heard.push(said);
    } finally {
      running.delete(customer);
    }
  }
}

let room: Room;
let replica: Room;
beforeAll(async () => {
  room = await openRoom([InOrder]);
  replica = await openRoom([InOrder], room.runtime.database);
  for (const one of [room, replica]) {
    await one.get(Boss).start();
    one.get(Listeners).route();
    await one.get(Listeners).ensureQueues();
    await one.get(Listeners).start();
  }
});
beforeEach(() => {
  heard = [];
  overlaps = 0;
  attempts.clear();
  act = () => new Promise((resolve) => setImmediate(resolve));
});
afterAll(async () => {
  for (const one of [replica, room]) {
    await one.get(Boss).stop();
    await one.close();
  }
});

function updated(customer: string, number: number): DomainEventDraft {
  const common = { customer, object: customer, occurred_at: new Date('2030-01-01T00:00:00Z'), cause: null };
  return { ...common, type: 'customer.updated', data: { changed: [String(number)] } };
}

function publish(...drafts: DomainEventDraft[]): Promise<void> {
  return room.get(Transactions).run((em) => room.get(EventBus).publish(em, drafts));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function heardOf(customer: string): string[] {
  return heard.filter((said) => said.startsWith(`${customer} `));
}

test('a customer’s events are heard one after the other in their order, over two processes', async () => {
  const customers = numbers(5).map((index) => `cus_${index}`);
  // Some in one transaction, some each in its own.
  await publish(...numbers(4).flatMap((number) => customers.map((customer) => updated(customer, number))));
  for (const number of [5, 6]) for (const customer of customers) await publish(updated(customer, number));
  await until(() => heard.length === 30);
  for (const customer of customers)
    expect(heardOf(customer)).toEqual(numbers(6).map((number) => `${customer} ${number}`));
  expect(overlaps).toBe(0);
}, 15_000);

test('while one is tried again the later wait, and other customers go on', async () => {
  act = async (said, attempt) => {
    if (said === 'cus_a 1' && attempt < 3) throw new Error('not yet');
  };
  await publish(updated('cus_a', 1), updated('cus_a', 2), updated('cus_b', 1), updated('cus_b', 2));
  await until(() => heard.length === 4);
  expect(heard.slice(0, 2)).toEqual(['cus_b 1', 'cus_b 2']);
  expect(heard.slice(2)).toEqual(['cus_a 1', 'cus_a 2']);
}, 20_000);

test('once one is a dead letter the later go on; retried, it comes after them', async () => {
  const letters = room.get(DeadLettersController);
  act = async (said, attempt) => {
    if (said === 'cus_c 1' && attempt === 1) throw new GiveUp('never');
  };
  await publish(updated('cus_c', 1), updated('cus_c', 2));
  await until(() => heard.length === 1);
  const { data } = await letters.list({ limit: 10 });
  expect(data).toMatchObject([{ queue: 'on.test.in_order', error: 'never', attempts: 1, data: { customer: 'cus_c' } }]);
  expect(heard).toEqual(['cus_c 2']);
  await letters.retry(String(data[0]?.id));
  await until(() => heard.length === 2);
  expect(heard).toEqual(['cus_c 2', 'cus_c 1']);
  expect((await letters.list({ limit: 10 })).data).toEqual([]);
}, 15_000);

test('one that fails each time is given up after its attempts', async () => {
  act = async (said) => {
    if (said === 'cus_d 1') throw new Error(`attempt ${attempts.get(said)}`);
  };
  await publish(updated('cus_d', 1), updated('cus_d', 2));
  // So that the pauses between the attempts need not be waited for.
  const hurry = () =>
    sql`update pgboss.job set start_after = now() where state = 'retry'`.execute(
      room.get(Transactions).reader().getKysely(),
    );
  await until(async () => {
    await hurry();
    return heard.length === 1;
  });
  expect(heard).toEqual(['cus_d 2']);
  expect(attempts.get('cus_d 1')).toBe(6);
  const { data } = await room.get(DeadLettersController).list({ limit: 10 });
  expect(data).toMatchObject([{ error: 'attempt 6', attempts: 6 }]);
}, 30_000);

test('one whose worker died on its last attempt holds up the later ones for some minutes at most', async () => {
  const run = (statement: ReturnType<typeof sql>) => statement.execute(room.get(Transactions).reader().getKysely());
  await run(sql`
    insert into pgboss.job (name, data, state, policy, singleton_key, retry_limit, retry_count, deletion_seconds,
      heartbeat_seconds, heartbeat_on, dead_letter)
    select name, '{"id":"dev_f"}', 'active', policy, 'cus_f', retry_limit, retry_limit, deletion_seconds,
      heartbeat_seconds, now() - interval '1 minute', dead_letter
    from pgboss.queue where name = 'on.test.in_order'`);
  await publish(updated('cus_f', 2));
  await run(sql`update pgboss.queue set monitor_on = null, maintain_on = now() - interval '6 minutes'`);
  await room.get(Boss).pgBoss.supervise();
  const { data } = await room.get(DeadLettersController).list({ limit: 1 });
  expect(data).toMatchObject([{ data: { id: 'dev_f' }, error: 'job heartbeat timeout' }]);
  await run(sql`update pgboss.job set completed_on = now() - interval '2 seconds' where state = 'failed'`);
  await run(sql`update pgboss.queue set maintain_on = now() - interval '6 minutes'`);
  await room.get(Boss).pgBoss.supervise();
  room.get(Boss).wakeIn('on.test.in_order', 0);
  await until(() => heard.length === 1);
  expect(heard).toEqual(['cus_f 2']);
}, 15_000);

test('events of no customer wait for nobody', async () => {
  let first = '';
  act = async (said) => {
    first ||= said;
    if (said === first && heard.length < 2) throw new Error('not before the others');
  };
  const none: DomainEventDraft = { ...updated('cus_e', 1), customer: null, type: 'customer.deleted', data: {} };
  await publish(none, none, none);
  await until(() => heard.length === 3);
  expect(heard[2]).toBe(first);
}, 15_000);

test('a queue keeps its order: another is refused under the same name', async () => {
  const queues = [{ name: 'on.test.in_order', retry: { limit: 1, delaySeconds: 1, maxDelaySeconds: 1 } }];
  await expect(room.get(Boss).ensureQueues(queues)).rejects.toThrow('Give the new one another name');
});
