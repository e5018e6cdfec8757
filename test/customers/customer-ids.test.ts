import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { CustomerIds } from '../../src/customers/customer-ids.js';
import { UNBOUND_CHANNEL } from '../../src/customers/external-ids.js';
import { PgListener } from '../../src/database/pg-listener.js';
import { Transactions } from '../../src/database/transactions.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

let room: Room;
let other: pg.Client;
let ids: CustomerIds;

beforeAll(async () => {
  room = await openRoom([CustomerIds]);
  other = new pg.Client({ connectionString: room.runtime.database.url ?? '' });
  await other.connect();
  ids = room.get(CustomerIds);
});
afterAll(async () => {
  await other.end();
  await room.close();
});

const resolve = (reference: string) => ids.resolve(room.get(Transactions).reader(), reference);

async function bind(external_id: string): Promise<void> {
  const row = [external_id, `cus_of_${external_id}`];
  await other.query('insert into external_ids (external_id, customer, claimed_at) values ($1, $2, now())', row);
}

/** Resolves when every process's notice has been heard here. */
async function unbound(external_id: string): Promise<void> {
  const heard = new Promise<void>((done) => {
    void room.get(PgListener).listen(UNBOUND_CHANNEL, (told) => told === external_id && done());
  });
  await other.query('select pg_notify($1, $2)', [UNBOUND_CHANNEL, external_id]);
  await heard;
}

test('an id is remembered until it is nobody’s any more', async () => {
  await bind('ada');
  expect(await resolve('ada')).toBe('cus_of_ada');
  await other.query(`delete from external_ids where external_id = 'ada'`);
  expect(await resolve('ada')).toBe('cus_of_ada');
  await unbound('ada');
  await expect(resolve('ada')).rejects.toThrow(/ada/);
});

test('an id that ends while it is being read is not remembered', async () => {
  await bind('grace');
  const holder = new pg.Client({ connectionString: room.runtime.database.url ?? '' });
  await holder.connect();
  await holder.query('begin; lock table external_ids in access exclusive mode');
  const reading = resolve('grace');
  await untilSomebodyWaits();
  await unbound('grace');
  await holder.query('commit');
  expect(await reading).toBe('cus_of_grace');
  await holder.end();

  await other.query(`delete from external_ids where external_id = 'grace'`);
  await expect(resolve('grace')).rejects.toThrow(/grace/);
});

async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rowCount } = await other.query(
      `select from pg_locks where relation = 'external_ids'::regclass and not granted`,
    );
    if (rowCount) return;
  }
}
