import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { Settling } from '../../src/database/settling.js';
import { Transactions } from '../../src/database/transactions.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

let room: Room;
let settling: Settling;

beforeAll(async () => {
  room = await openRoom();
});
beforeEach(() => {
  settling = new Settling(room.get(Transactions));
});
afterEach(async () => {
  await execute('delete from external_ids');
});
afterAll(() => room.close());

async function execute(statement: string): Promise<void> {
  await room.get(Transactions).reader().getConnection().execute(statement);
}

/** Busy while there is such a row. */
function whileThereIs(id: string) {
  return () => sql<boolean>`exists (select from external_ids where external_id = ${id})`;
}

test('where nobody has anything to do it is quiet at once', async () => {
  expect(await settling.settle()).toBe(true);
});

test('stays busy as long as one of all has something to do', async () => {
  for (const id of ['a', 'b', 'c']) settling.register(whileThereIs(id));
  await execute("insert into external_ids (external_id) values ('a'), ('c')");
  expect(await settling.settle(20)).toBe(false);
  await execute("delete from external_ids where external_id = 'a'");
  expect(await settling.settle(20)).toBe(false);
  await execute("delete from external_ids where external_id = 'c'");
  expect(await settling.settle(20)).toBe(true);
});

test('resolves when the last work ends', async () => {
  settling.register(whileThereIs('a'));
  await execute("insert into external_ids (external_id) values ('a')");
  let ended = false;
  const settled = settling.settle().then((quiet) => ({ quiet, ended }));
  await execute("select 'meanwhile'");
  ended = true;
  await execute("delete from external_ids where external_id = 'a'");
  expect(await settled).toEqual({ quiet: true, ended: true });
});

test('asks everything of one moment, so that work on its way from room to room is never missed', async () => {
  const gate = new pg.Client({ connectionString: room.runtime.database.url });
  await gate.connect();
  await gate.query('select pg_advisory_lock(42)');
  await gate.query("insert into external_ids (external_id) values ('b')");
  // The first room is asked, then the work moves from the second one into it, then the second one is asked.
  settling.register(() => sql`(${whileThereIs('a')()} or pg_advisory_xact_lock_shared(42) is null)`);
  settling.register(whileThereIs('b'));
  const settled = settling.settle(0);
  let waiting = 0;
  while (waiting === 0) {
    const found = await gate.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    waiting = found.rows.length;
  }
  await gate.query("update external_ids set external_id = 'a' where external_id = 'b'");
  await gate.query('select pg_advisory_unlock(42)');
  expect(await settled).toBe(false);
  await gate.end();
});

test('is given up when nobody waits any more', async () => {
  settling.register(whileThereIs('a'));
  await execute("insert into external_ids (external_id) values ('a')");
  expect(await settling.settle(60_000, AbortSignal.abort())).toBe(false);
});
