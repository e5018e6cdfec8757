import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import type Stripe from 'stripe';
import { Customer } from '../../src/customers/customer.entity.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import type { WrittenRow } from '../../src/mirror/mirror-registry.js';
import type { FetchedSnapshot } from '../../src/mirror/mirror.js';
import type { EventSnapshot } from '../../src/mirror/mirror.js';
import { customerFixture } from '../customers/fixtures.js';
import { invoiceFixture } from '../payments/fixtures.js';
import { MirrorRoom, NOW, wireOfTheOrm } from './mirror-room.js';

let house: MirrorRoom;
let derive: (rows: WrittenRow[]) => Promise<void> = async () => {};

beforeAll(async () => {
  house = await MirrorRoom.open();
  house.room.get(MirrorRegistry).derive((_em, rows) => derive(rows));
});
afterEach(() => {
  jest.restoreAllMocks();
  derive = async () => {};
});
afterAll(() => house.close());

function answer(object: Stripe.Customer, over: Partial<FetchedSnapshot> = {}): FetchedSnapshot {
  return {
    object: object.object,
    id: object.id,
    snapshot: object,
    as_of: NOW,
    as_of_max: NOW,
    revision: null,
    cause: 'rec_1',
    ...over,
  };
}

function write(...answers: FetchedSnapshot[]): Promise<FetchedSnapshot[]> {
  return house.run((em) => house.mirror.writeFetched(em, answers));
}

function moment(after: number): Date {
  return new Date(NOW.getTime() + after * 1000);
}

describe('events', () => {
  test('become the row: its data as it came, the columns read out of it, and when it was true', async () => {
    const ada = customerFixture({ id: 'cus_row' });
    const created = house.event('customer.created', ada, 10);
    expect(await house.apply(created)).toEqual(['apply']);
    expect(await house.customer('cus_row')).toMatchObject({
      data: ada,
      email: ada.email,
      name: 'Ada',
      as_of: moment(10),
      as_of_max: moment(10),
      revision: 1,
      deleted: false,
      cause: created.event,
    });
    const [told] = await house.reader().find(DomainEventRow, { object: 'cus_row' });
    expect(told).toMatchObject({
      type: 'customer.created',
      customer: 'cus_row',
      cause: created.event,
      occurred_at: moment(10),
    });
  });

  test('a history in one batch is walked forwards, whatever order it came in', async () => {
    const ada = customerFixture({ id: 'cus_history', name: 'First' });
    const [second, third] = [
      { ...ada, name: 'Second' },
      { ...ada, name: 'Third' },
    ];
    const verdicts = await house.apply(
      house.event('customer.updated', third, 60, { previous_attributes: { name: 'Second' } }),
      house.event('customer.created', ada, 0),
      house.event('customer.updated', second, 30, { previous_attributes: { name: 'First' } }),
    );
    expect(verdicts).toEqual(['apply', 'apply', 'apply']);
    expect(await house.customer('cus_history')).toMatchObject({ name: 'Third', revision: 3, as_of: moment(60) });
    expect(await house.told('cus_history')).toEqual(['customer.created', 'customer.updated', 'customer.updated']);
  });

  test('what created an object is older than what is held of it, within one second too', async () => {
    const ada = customerFixture({ id: 'cus_created_late', name: 'First' });
    const renamed = { ...ada, name: 'Second' };
    await house.apply(house.event('customer.updated', renamed, 10, { previous_attributes: { name: 'First' } }));
    expect(await house.apply(house.event('customer.created', ada, 10))).toEqual(['ignore']);
    expect(await house.customer('cus_created_late')).toMatchObject({ name: 'Second' });
  });

  test('so is what began the phase that the object is in', async () => {
    const ada = customerFixture({ id: 'cus_phase', currency: null, delinquent: false });
    const billed = { ...ada, currency: 'eur' };
    const late = { ...billed, delinquent: true };
    await house.apply(house.event('customer.created', ada, 0));
    const verdicts = [
      await house.apply(house.event('customer.updated', late, 10, { previous_attributes: { delinquent: false } })),
      await house.apply(house.event('customer.updated', billed, 10, { previous_attributes: { currency: null } })),
    ];
    expect(verdicts).toEqual([['apply'], ['ignore']]);
    expect((await house.customer('cus_phase'))?.data).toMatchObject({ currency: 'eur', delinquent: true });
  });

  test('what came before need not be readable', async () => {
    const was = house.event('customer.updated', customerFixture({ id: 'cus_odd' }), 10, {
      previous_attributes: { created: 'never', currency: null, invoice_settings: null },
    });
    expect(await house.apply(was)).toEqual(['apply']);
  });

  test('once an object is in doubt, the rest of its batch is too', async () => {
    const ada = customerFixture({ id: 'cus_doubt', name: 'First' });
    await house.apply(house.event('customer.created', ada, 0));
    const verdicts = await house.apply(
      house.event('customer.updated', { ...ada, name: 'Third' }, 10, { previous_attributes: { name: 'Second' } }),
      house.event('customer.updated', { ...ada, name: 'Fourth' }, 20, { previous_attributes: { name: 'First' } }),
    );
    expect(verdicts).toEqual(['refetch', 'refetch']);
    expect(await house.customer('cus_doubt')).toMatchObject({ name: 'First', revision: 1 });
  });

  test('a batch of sixty objects takes as many statements as one of two', async () => {
    const wire = wireOfTheOrm();
    const statements: number[] = [];
    for (const size of [2, 60]) {
      const sent = [jest.spyOn(wire, 'query'), jest.spyOn(wire, 'bind')];
      const customers = Array.from({ length: size }, (_, index) =>
        customerFixture({ id: `cus_bulk_${size}_${index}` }),
      );
      await house.apply(...customers.map((customer) => house.event('customer.created', customer, 0)));
      statements.push(sent.reduce((sum, spy) => sum + spy.mock.calls.length, 0));
      jest.restoreAllMocks();
    }
    expect(await house.reader().count(Customer, { id: { $like: 'cus_bulk_60_%' } })).toBe(60);
    // Begin, lock, read, write, tell, commit.
    expect(statements).toEqual([6, 6]);
  });

  test('two transactions with the first event of one object wait for each other', async () => {
    const ada = customerFixture({ id: 'cus_race', name: 'First' });
    const gate = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const first = house.run(async (em) => {
      await house.mirror.applyEvents(em, [house.event('customer.created', ada, 0)]);
      written.resolve();
      await gate.promise;
    });
    await written.promise;
    const second = house.apply(
      house.event('customer.updated', { ...ada, name: 'Second' }, 60, { previous_attributes: { name: 'First' } }),
    );
    await waitingForALock();
    gate.resolve();
    await first;
    expect(await second).toEqual(['apply']);
    expect(await house.customer('cus_race')).toMatchObject({ name: 'Second', revision: 2 });
    expect(await house.told('cus_race')).toEqual(['customer.created', 'customer.updated']);
  });

  test('transactions with some of the same objects, in any order, do not lock each other out', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `cus_circle_${index}`);
    const batches = fc.sample(fc.shuffledSubarray(ids, { minLength: 2 }), { numRuns: 60, seed: 7 });
    const applied = await Promise.allSettled(
      batches.map((some, after) =>
        house.apply(...some.map((id) => house.event('customer.created', customerFixture({ id }), after))),
      ),
    );
    expect(applied.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await house.reader().count(Customer, { id: { $like: 'cus_circle_%' } })).toBe(60);
  });
});

describe('facts', () => {
  const failed = invoiceFixture({ id: 'in_fact', attempt_count: 1 });

  test('are told once, and also by an event that comes too late to change the row', async () => {
    const paid = invoiceFixture({ id: 'in_fact', status: 'paid', amount_paid: 4900 });
    await house.apply(house.event('invoice.paid', paid, 100));
    const late = house.event('invoice.payment_failed', failed, 0);
    expect(await house.apply(late)).toEqual(['ignore']);
    expect(await house.apply(house.event('invoice.payment_failed', failed, 0))).toEqual(['ignore']);
    expect(await house.told('in_fact')).toEqual(['invoice.paid', 'invoice.payment_failed']);
    const facts = await house.reader().find(DomainEventRow, { type: 'invoice.payment_failed', object: 'in_fact' });
    expect(facts).toEqual([expect.objectContaining({ cause: late.event, occurred_at: moment(0) })]);
  });

  test('of another API version are not read off the payload, but off the object that was fetched', async () => {
    const foreign = house.event('invoice.payment_failed', { ...failed, id: 'in_foreign' }, 0, {
      api_version: '2020-08-27',
    });
    expect(await house.apply(foreign)).toEqual(['refetch']);
    expect(await house.told('in_foreign')).toEqual([]);
    const fetched = house.event('invoice.payment_failed', { ...failed, id: 'in_foreign' }, 0);
    await house.run((em) => house.mirror.tellFacts(em, [fetched]));
    expect(await house.told('in_foreign')).toEqual(['invoice.payment_failed']);
  });
});

/** @returns their verdicts, in order */
function bringAgain(replay: string, ...events: EventSnapshot[]): Promise<unknown[]> {
  return house
    .run((em) => house.mirror.applyEvents(em, events, { replay }))
    .then((verdicts) => events.map(({ event }) => verdicts.get(event)));
}

describe('events that a replay brings again', () => {
  test('are passed over by a row that is as new, also within its second, and the row stays byte for byte', async () => {
    const ada = customerFixture({ id: 'cus_again', name: 'A' });
    const first = house.event('customer.created', ada, 0);
    const second = house.event('customer.updated', { ...ada, name: 'B' }, 60, { previous_attributes: { name: 'A' } });
    await house.apply(first, second);
    const before = await house.customer(ada.id);
    const between = house.event('customer.updated', { ...ada, name: 'C' }, 60);
    expect(await bringAgain('rpl_1', first, second, between)).toEqual(['ignore', 'ignore', 'ignore']);
    expect(await house.customer(ada.id)).toEqual(before);
  });

  test('make a row that was lost, where doubt is doubt as ever, and nobody is told', async () => {
    const bob = customerFixture({ id: 'cus_lost', name: 'A' });
    const [first, second, third] = [
      house.event('customer.created', bob, 0),
      house.event('customer.updated', { ...bob, name: 'B' }, 60, { previous_attributes: { name: 'A' } }),
      house.event('customer.updated', { ...bob, name: 'C' }, 60, { previous_attributes: { name: 'B' } }),
    ];
    expect(await bringAgain('rpl_2', first, second)).toEqual(['apply', 'apply']);
    expect(await bringAgain('rpl_2', first, second, third)).toEqual(['ignore', 'ignore', 'refetch']);
    expect(await house.customer(bob.id)).toMatchObject({ name: 'B', cause: 'rpl_2', revision: 2 });
    expect(await house.told(bob.id)).toEqual([]);
    // To a later replay the row is as settled as any.
    expect(await bringAgain('rpl_3', third)).toEqual(['ignore']);
  });

  test('tell no facts either', async () => {
    const invoice = invoiceFixture({ id: 'in_again' });
    expect(await bringAgain('rpl_4', house.event('invoice.payment_failed', invoice, 0))).toEqual(['apply']);
    expect(await house.told('in_again')).toEqual([]);
  });
});

describe('a deleted object', () => {
  test('stays as a tombstone with its last data, and nothing brings it back', async () => {
    const ada = customerFixture({ id: 'cus_gone', name: 'Ada' });
    await house.apply(house.event('customer.created', ada, 0));
    const gone = { id: 'cus_gone', object: 'customer', deleted: true };
    await write(answer(ada, { snapshot: null, revision: 1, as_of: moment(50), as_of_max: moment(50) }));
    expect(await house.apply(house.event('customer.deleted', { ...ada, ...gone }, 50))).toEqual(['ignore']);
    expect(await house.apply(house.event('customer.updated', { ...ada, name: 'Late' }, 90))).toEqual(['ignore']);
    expect(await write(answer(ada, { revision: 2, as_of: moment(900), as_of_max: moment(900) }))).toEqual([]);
    expect(await house.customer('cus_gone')).toMatchObject({ deleted: true, name: 'Ada', data: ada, revision: 2 });
    expect(await house.told('cus_gone')).toEqual(['customer.created', 'customer.deleted']);
  });

  test('whose deletion is the first that is heard of it never appears', async () => {
    const ada = customerFixture({ id: 'cus_never' });
    expect(await house.apply(house.event('customer.deleted', ada, 50))).toEqual(['apply']);
    expect(await house.apply(house.event('customer.created', ada, 0))).toEqual(['ignore']);
    expect(await house.customer('cus_never')).toMatchObject({ deleted: true, revision: 1 });
    expect(await house.told('cus_never')).toEqual([]);
  });

  test('that was never known and that Stripe does not know leaves nothing', async () => {
    expect(await write(answer(customerFixture({ id: 'cus_unknown' }), { snapshot: null }))).toEqual([]);
    expect(await house.customer('cus_unknown')).toBeNull();
  });
});

describe('answers', () => {
  test('are written when the row has not changed since before the request', async () => {
    const ada = customerFixture({ id: 'cus_answer', name: 'First' });
    expect(await write(answer(ada))).toEqual([]);
    expect(await write(answer({ ...ada, name: 'Second' }, { revision: 1 }))).toEqual([]);
    expect(await house.customer('cus_answer')).toMatchObject({ name: 'Second', revision: 2, cause: 'rec_1' });
  });

  test('that were overtaken are handed back, and the row stays', async () => {
    const ada = customerFixture({ id: 'cus_overtaken', name: 'By an event' });
    await house.apply(house.event('customer.created', ada, 0));
    const stale = answer({ ...ada, name: 'Stale' });
    expect(await write(stale)).toEqual([stale]);
    const lower = { ...stale, revision: 0 };
    expect(await write(lower)).toEqual([lower]);
    expect(await house.customer('cus_overtaken')).toMatchObject({ name: 'By an event', revision: 1 });
  });

  test('that tell the same as the event that was quicker are done', async () => {
    const ada = customerFixture({ id: 'cus_same' });
    await house.apply(house.event('customer.created', ada, 0));
    expect(await write(answer(ada))).toEqual([]);
    expect(await house.customer('cus_same')).toMatchObject({ revision: 1 });
  });

  test('that were true more than a second after the row was are news, whatever happened meanwhile', async () => {
    const ada = customerFixture({ id: 'cus_later', name: 'First' });
    await house.apply(house.event('customer.created', ada, 0));
    const at = (after: number) =>
      answer({ ...ada, name: `At ${after}` }, { as_of: moment(after), as_of_max: moment(after + 3) });
    expect(await write(at(1))).toHaveLength(1);
    expect(await write(at(2))).toEqual([]);
    expect(await house.customer('cus_later')).toMatchObject({
      name: 'At 2',
      as_of: moment(2),
      as_of_max: moment(5),
    });
  });

  test('never set back the moment of which the row is known to be true', async () => {
    const ada = customerFixture({ id: 'cus_moment', name: 'First' });
    await house.apply(house.event('customer.created', ada, 100));
    await write(answer({ ...ada, name: 'Read' }, { revision: 1 }));
    expect(await house.customer('cus_moment')).toMatchObject({ name: 'Read', as_of: moment(100) });
  });
});

describe('what is derived', () => {
  test('sees all written rows of a batch at once, as they were before it and as they are after', async () => {
    const [ada, bob] = [customerFixture({ id: 'cus_ada', name: 'Ada' }), customerFixture({ id: 'cus_bob' })];
    await house.apply(house.event('customer.created', ada, 0));
    const seen: WrittenRow[][] = [];
    derive = async (rows) => void seen.push(rows);
    const renamed = house.event('customer.updated', { ...ada, name: 'Eve' }, 60, {
      previous_attributes: { name: 'Ada' },
    });
    const again = house.event('customer.updated', { ...ada, name: 'Eva' }, 90, {
      previous_attributes: { name: 'Eve' },
    });
    const gone = house.event('customer.deleted', bob, 60);
    await house.apply(renamed, again, gone);
    expect(seen).toEqual([
      [
        {
          object: 'customer',
          id: 'cus_ada',
          customer: 'cus_ada',
          before: expect.objectContaining({ name: 'Ada' }),
          after: expect.objectContaining({ name: 'Eva' }),
          cause: again.event,
        },
        { object: 'customer', id: 'cus_bob', customer: 'cus_bob', before: null, after: null, cause: gone.event },
      ],
    ]);
    await house.apply({ ...renamed, event: 'evt_old' });
    expect(seen).toHaveLength(1);
  });

  test('fails with everything: rows, events and facts are rolled back', async () => {
    derive = () => Promise.reject(new Error('cannot derive'));
    const failed = invoiceFixture({ id: 'in_rolled_back' });
    const batch = [
      house.event('customer.created', customerFixture({ id: 'cus_rolled_back' }), 0),
      house.event('invoice.payment_failed', failed, 0),
    ];
    await expect(house.apply(...batch)).rejects.toThrow('cannot derive');
    await expect(write(answer(customerFixture({ id: 'cus_rolled_back' })))).rejects.toThrow('cannot derive');
    expect(await house.customer('cus_rolled_back')).toBeNull();
    expect([await house.told('cus_rolled_back'), await house.told('in_rolled_back')]).toEqual([[], []]);
    derive = async () => {};
    expect(await house.apply(...batch)).toEqual(['apply', 'apply']);
    expect(await house.told('in_rolled_back')).toEqual(['invoice.payment_failed']);
  });
});

test('an object is mirrored by one definition alone', () => {
  const registry = house.room.get(MirrorRegistry);
  expect(() => registry.mirror(registry.get('customer'))).toThrow("'customer' is mirrored twice");
  expect(() => registry.get('charge')).toThrow("No module mirrors 'charge'");
});

/** Resolves when a transaction of this database waits for another one. */
async function waitingForALock(): Promise<void> {
  const waiting = sql<{ n: number }>`
    select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while (((await waiting.execute(house.reader().getKysely())).rows[0]?.n ?? 0) === 0);
}
