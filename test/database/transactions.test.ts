import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { Transactions } from '../../src/database/transactions.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

let room: Room;
let transactions: Transactions;
beforeAll(async () => {
  room = await openRoom([]);
  transactions = room.get(Transactions);
  await sql`create table noted (word text)`.execute(transactions.reader().getKysely());
});
afterAll(() => room.close());

async function noted(): Promise<string[]> {
  const { rows } = await sql<{ word: string }>`select word from noted order by ctid`.execute(
    transactions.reader().getKysely(),
  );
  return rows.map(({ word }) => word);
}

test('what is left for the end is done last, in the same transaction', async () => {
  const answer = await transactions.run(async (em) => {
    const note = async (word: string) => void (await sql`insert into noted values (${word})`.execute(em.getKysely()));
    transactions.beforeCommit(em, () => note('second'));
    transactions.beforeCommit(em, () => note('third'));
    await note('first');
    expect(await noted()).toEqual([]);
    return 'answer';
  });
  expect(answer).toBe('answer');
  expect(await noted()).toEqual(['first', 'second', 'third']);
});

test('an end that fails undoes the whole', async () => {
  const before = await noted();
  const work = transactions.run(async (em) => {
    await sql`insert into noted values ('undone')`.execute(em.getKysely());
    transactions.beforeCommit(em, () => Promise.reject(new Error('the end failed')));
  });
  await expect(work).rejects.toThrow('the end failed');
  expect(await noted()).toEqual(before);
});

test('nothing is left for the end where there is none', () => {
  expect(() => transactions.beforeCommit(transactions.reader(), async () => {})).toThrow('not inside of a transaction');
});
