import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { prepareRepeated } from '../../src/database/prepared-statements.js';
import { cloneDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  prepareRepeated(pool);
});
afterAll(() => pool.end());

async function prepared(): Promise<string[]> {
  const { rows } = await pool.query<{ statement: string }>('select statement from pg_prepared_statements');
  return rows.map(({ statement }) => statement);
}

test('a statement is prepared when it has come five times, and answers the same', async () => {
  const statement = 'select $1::int * 2 as twice';
  for (let time = 1; time <= 7; time++) {
    expect((await pool.query<object>(statement, [time])).rows).toEqual([{ twice: 2 * time }]);
    expect(await prepared()).toEqual(time < 5 ? [] : [statement]);
  }
});

test('one without parameters never is', async () => {
  const before = await prepared();
  for (let time = 1; time <= 7; time++) await pool.query('select 1 as one');
  expect(await prepared()).toEqual(before);
});

test('however many there are, a connection keeps no more than 300', async () => {
  for (let number = 0; number < 310; number++)
    for (let time = 1; time <= 5; time++) await pool.query(`select $1::int + ${number} as sum`, [1]);
  expect(await prepared()).toHaveLength(300);
  expect((await pool.query<object>('select $1::int + 309 as sum', [1])).rows).toEqual([{ sum: 310 }]);
});

test('a new connection prepares them anew', async () => {
  await pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
  expect((await pool.query<object>('select $1::int * 2 as twice', [4])).rows).toEqual([{ twice: 8 }]);
  expect(await prepared()).toEqual(['select $1::int * 2 as twice']);
});
