import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Settling } from '../../src/database/settling.js';
import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import type { DomainEvent, DomainEventDraft, DomainEventType } from '../../src/events/domain-events.js';
import { EventBus } from '../../src/events/event-bus.js';
import { Listeners } from '../../src/events/listeners.js';
import { OnDomainEvent } from '../../src/events/on-domain-event.js';
import { Boss } from '../../src/jobs/boss.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

const heard: string[] = [];
let failures = 0;

@Injectable()
class Calm {
  @OnDomainEvent({ listener: 'test.calm', to: ['customer.deleted', 'customer.created'] })
  async hear(_em: EntityManager, event: DomainEvent): Promise<void> {
    heard.push(`calm ${event.type} ${event.customer} ${event.cause}`);
  }
}

@Injectable()
class Failing {
  @OnDomainEvent({ listener: 'test.failing', to: ['customer.deleted'] })
  async hear(em: EntityManager, event: DomainEvent): Promise<void> {
    await em
      .getKysely<{ external_ids: { external_id: string; customer: string | null } }>()
      .insertInto('external_ids')
      .values({ external_id: `heard ${event.customer}`, customer: null })
      .execute();
    failures++;
    throw new Error('this listener always fails');
  }
}

/** Leaves a row per event, and fails for those whose customer is at fault. */
@Injectable()
class Together {
  static atFault = '';
  static batches: string[][] = [];

  @OnDomainEvent({ listener: 'test.together', to: ['customer.updated'], together: true })
  async hear(em: EntityManager, events: DomainEvent[]): Promise<void> {
    const customers = events.map(({ customer }) => String(customer));
    Together.batches.push(customers);
    await em
      .getKysely<{ external_ids: { external_id: string; customer: string | null } }>()
      .insertInto('external_ids')
      .values(customers.map((customer) => ({ external_id: `together ${customer}`, customer: null })))
      .execute();
    if (customers.includes(Together.atFault)) throw new Error('this one fails');
  }
}

/** Wants what it is told to want. */
@Injectable()
class Wanting {
  static wanted: DomainEventType[] = [];
  static asked: DomainEventType[][] = [];
  static heard: string[] = [];

  @OnDomainEvent({
    listener: 'test.wanting',
    to: ['subscription.renewed', 'subscription.paused'],
    wanted: (_em, types) => {
      Wanting.asked.push(types);
      return Promise.resolve(types.filter((type) => Wanting.wanted.includes(type)));
    },
  })
  async hear(_em: EntityManager, event: DomainEvent): Promise<void> {
    Wanting.heard.push(event.type);
  }
}

let room: Room;

beforeAll(async () => {
  room = await openRoom([Calm, Failing, Together, Wanting]);
  await room.get(Boss).start();
  room.get(Listeners).route();
  await room.get(Listeners).ensureQueues();
  await room.get(Listeners).start();
});

afterAll(async () => {
  await room.get(Boss).stop();
  await room.close();
});

function deleted(customer: string, key?: string): DomainEventDraft {
  return {
    type: 'customer.deleted',
    customer,
    object: customer,
    data: {},
    occurred_at: new Date('2030-01-01T00:00:00Z'),
    cause: 'evt_1',
    ...(key && { key }),
  };
}

function publish(...drafts: DomainEventDraft[]): Promise<void> {
  return room.get(Transactions).run((em) => room.get(EventBus).publish(em, drafts));
}

test('a listener that fails is retried alone: the other hears once, and nothing of the failed one stays', async () => {
  await publish(deleted('cus_1'));
  await room.get(Settling).settle();
  expect(heard).toEqual(['calm customer.deleted cus_1 evt_1']);
  expect(failures).toBe(1);
  const { rows } = await sql<{
    name: string;
    state: string;
  }>`select name, state from pgboss.job where name like 'on.%' order by name`.execute(
    room.get(Transactions).reader().getKysely(),
  );
  expect(rows).toEqual([
    { name: 'on.test.calm', state: 'completed' },
    { name: 'on.test.failing', state: 'retry' },
  ]);
  const { rows: left } = await sql`select * from external_ids`.execute(room.get(Transactions).reader().getKysely());
  expect(left).toEqual([]);
});

test('of many that are heard together the one at fault is retried alone, and the others are heard once', async () => {
  const customers = Array.from({ length: 20 }, (_, index) => `cus_t${index + 10}`);
  Together.atFault = 'cus_t17';
  // In no order, as they may come.
  await publish(
    ...customers
      .toReversed()
      .map((customer): DomainEventDraft => ({ ...deleted(customer), type: 'customer.updated', data: { changed: [] } })),
  );
  await room.get(Settling).settle();
  const { rows } = await sql<{ external_id: string }>`select external_id from external_ids order by 1`.execute(
    room.get(Transactions).reader().getKysely(),
  );
  expect(rows.map(({ external_id }) => external_id)).toEqual(
    customers.filter((customer) => customer !== Together.atFault).map((customer) => `together ${customer}`),
  );
  expect(Together.batches[0]).toEqual(customers);
  // Halved each time, never one by one; the one at fault, alone, may have been tried again by now.
  expect(Together.batches.filter(({ length }) => length > 1).length).toBeLessThanOrEqual(10);
  const { rows: jobs } = await sql<{ customer: string }>`
    select data->>'customer' as customer from pgboss.job where name = 'on.test.together' and state <> 'completed'`.execute(
    room.get(Transactions).reader().getKysely(),
  );
  expect(jobs).toEqual([{ customer: Together.atFault }]);
  await sql`delete from external_ids`.execute(room.get(Transactions).reader().getKysely());
});

test('of what nobody wants at present no job is made', async () => {
  const told = (type: 'subscription.renewed' | 'subscription.paused'): DomainEventDraft => ({
    ...deleted('cus_5'),
    type,
    data: { subscription: 'sub_1', status: 'active', plan: 'pro', quantity: 1, current_period_end: null },
  });
  await publish(
    told('subscription.renewed'),
    deleted('cus_5'),
    told('subscription.paused'),
    told('subscription.paused'),
  );
  // Once for all that are published together, and only of what it hears.
  expect(Wanting.asked).toEqual([['subscription.renewed', 'subscription.paused']]);
  Wanting.wanted = ['subscription.paused'];
  await publish(told('subscription.renewed'), told('subscription.paused'));
  await publish(deleted('cus_5'));
  expect(Wanting.asked).toHaveLength(2);
  await room.get(Settling).settle();
  expect(Wanting.heard).toEqual(['subscription.paused']);
  const { rows } = await sql`select * from pgboss.job where name = 'on.test.wanting'`.execute(
    room.get(Transactions).reader().getKysely(),
  );
  expect(rows).toHaveLength(1);
});

test('what is rolled back was never published', async () => {
  heard.length = 0;
  const work = room.get(Transactions).run(async (em) => {
    await room.get(EventBus).publish(em, [deleted('cus_2')]);
    throw new Error('rolled back');
  });
  await expect(work).rejects.toThrow('rolled back');
  await room.get(Settling).settle();
  expect(heard).toEqual([]);
  expect(await room.get(Transactions).reader().count(DomainEventRow, { customer: 'cus_2' })).toBe(0);
});

test('an event with a key happens once, also when it is published concurrently', async () => {
  heard.length = 0;
  await Promise.all(Array.from({ length: 10 }, () => publish(deleted('cus_3', 'only once'))));
  await room.get(Settling).settle();
  expect(heard).toEqual(['calm customer.deleted cus_3 evt_1']);
});

test('a payload that the catalogue does not know is refused', async () => {
  const draft: DomainEventDraft = { ...deleted('cus_4'), type: 'payment.canceled', data: JSON.parse('{"amount":1.5}') };
  await expect(publish(draft)).rejects.toThrow(/payment/);
});

test('two listeners of one name are refused at boot', async () => {
  const doubled = await openRoom([Calm, { provide: 'again', useClass: Calm }]);
  expect(() => doubled.get(Listeners).route()).toThrow("Two listeners are named 'test.calm'");
  await doubled.close();
});
