import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { AttemptLimiter } from '../../src/api/attempt-limiter.js';
import { RateLimited } from '../../src/api/api.errors.js';
import { Transactions } from '../../src/database/transactions.js';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

const FIVE = { limit: 5, windowSeconds: 900 };

let api: ApiApp;
let attempts: AttemptLimiter;
let database: pg.Client;
beforeAll(async () => {
  api = await startApiApp();
  attempts = api.get(AttemptLimiter);
  database = new pg.Client({ connectionString: api.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await api.close();
});

/** Lets the attempts of a key be so much older. */
function age(key: string, seconds: number): Promise<unknown> {
  return database.query(
    `update attempts set taken_at = array(select t - make_interval(secs => $2) from unnest(taken_at) t),
     forgotten_at = forgotten_at - make_interval(secs => $2) where key = $1`,
    [key, seconds],
  );
}

test('5 in 15 minutes; the sixth is told to wait until the oldest is forgotten', async () => {
  for (let taken = 0; taken < 5; taken += 1) {
    await attempts.take('a', FIVE);
    if (taken === 0) await age('a', 600);
  }
  const refused = await attempts.take('a', FIVE).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RateLimited);
  expect(refused).toMatchObject({ status: 429, retryable: true });
  const { retryAfterSeconds } = refused as RateLimited;
  expect(retryAfterSeconds).toBeGreaterThan(290);
  expect(retryAfterSeconds).toBeLessThanOrEqual(300);
  await attempts.take('b', FIVE);
});

test('the window slides: what was refused does not count, what is old is forgotten', async () => {
  await age('a', 301);
  await attempts.take('a', FIVE);
  await expect(attempts.take('a', FIVE)).rejects.toBeInstanceOf(RateLimited);
});

test('of many at once, from any replica, no more than the limit get through', async () => {
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => attempts.take('c', FIVE)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
});

test('an attempt counts although the transaction around it is rolled back', async () => {
  const one = { limit: 1, windowSeconds: 900 };
  const failing = api.get(Transactions).run(async () => {
    await attempts.take('d', one);
    throw new Error('declined');
  });
  await expect(failing).rejects.toThrow('declined');
  await expect(attempts.take('d', one)).rejects.toBeInstanceOf(RateLimited);
});

test('pruning forgets what no window reaches back to', async () => {
  await attempts.take('old', FIVE);
  await age('old', 901);
  expect(await attempts.prune()).toBe(1);
  const { rows } = await database.query('select key from attempts order by key');
  expect(rows).toEqual([{ key: 'a' }, { key: 'b' }, { key: 'c' }, { key: 'd' }]);
});
