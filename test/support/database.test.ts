import { afterAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { cloneDatabase, type TestDatabase } from './database.js';

const databases: TestDatabase[] = [];
const clone = async () => {
  const database = await cloneDatabase();
  databases.push(database);
  return database;
};

afterAll(() => Promise.all(databases.map((database) => database.drop())));

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

test('every clone has the migrations and the job tables, and nothing of another clone', async () => {
  const [one, other] = await Promise.all([clone(), clone()]);
  await query(one.url, 'create table only_here ()');

  const tables = `select schemaname, tablename from pg_tables where schemaname in ('public', 'pgboss')`;
  const inOther = await query(other.url, tables);
  expect(inOther).toContainEqual({ schemaname: 'public', tablename: 'mikro_orm_migrations' });
  expect(inOther).toContainEqual({ schemaname: 'pgboss', tablename: 'job' });
  expect(inOther).not.toContainEqual({ schemaname: 'public', tablename: 'only_here' });
  expect(await query(one.url, tables)).toContainEqual({ schemaname: 'public', tablename: 'only_here' });
});

test('dropping a clone ends connections to it', async () => {
  const database = await clone();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  // The server's reason comes first, then the socket's end.
  const ended = new Promise((resolve) => client.on('error', resolve));
  await database.drop();
  expect(await ended).toMatchObject({ code: '57P01' });
  await expect(query(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
});
