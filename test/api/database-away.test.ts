import { expect, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { ormConfig } from '../../config/mikro-orm.config.js';
import { isDatabaseAway } from '../../src/api/database-away.js';
import { problemOf } from '../../src/api/problem.js';
import { freePort } from '../../src/database/free-port.js';

test('a refused connection, of pg and of MikroORM, is the database being away: 503, come again', async () => {
  const url = `postgresql://127.0.0.1:${await freePort(0)}/none`;
  const ofPg = await new pg.Client({ connectionString: url }).connect().catch((error: unknown) => error);
  const orm = await MikroORM.init(ormConfig(url));
  const ofOrm = await orm.em
    .fork()
    .execute('select 1')
    .catch((error: unknown) => error);
  await orm.close();
  for (const error of [ofPg, ofOrm]) {
    expect(isDatabaseAway(error)).toBe(true);
    const problem = problemOf(error, { id: 'req_1', method: 'GET', url: '/', is404: false });
    expect(problem).toMatchObject({ status: 503, code: 'database_unavailable', retryable: true });
  }
});

test.each([
  ['PostgreSQL is being stopped', Object.assign(new Error('terminating connection'), { code: '57P01' }), true],
  ['a row is there twice', Object.assign(new Error('duplicate key'), { code: '23505' }), false],
  ['another server is away', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }), false],
  ['what was thrown is no error', 'ECONNREFUSED', false],
])('%s', (_what, error, away) => {
  expect(isDatabaseAway(error)).toBe(away);
});
