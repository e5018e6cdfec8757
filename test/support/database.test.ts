import { expect, test } from '@jest/globals';
import { cloneDatabase } from './database.js';
import { query } from './query.js';

test('every clone has the migrations and the job tables, and nothing of another clone', async () => {
  const [one, other] = await Promise.all([cloneDatabase(), cloneDatabase()]);
  await query(one.url, 'create table only_here ()');

  const tables = `select schemaname, tablename from pg_tables where schemaname in ('public', 'pgboss')`;
  const inOther = await query(other.url, tables);
  expect(inOther).toContainEqual({ schemaname: 'public', tablename: 'mikro_orm_migrations' });
  expect(inOther).toContainEqual({ schemaname: 'pgboss', tablename: 'job' });
  expect(inOther).not.toContainEqual({ schemaname: 'public', tablename: 'only_here' });
  expect(await query(one.url, tables)).toContainEqual({ schemaname: 'public', tablename: 'only_here' });
});
