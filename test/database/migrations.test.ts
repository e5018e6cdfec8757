import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { ormConfig } from '../../config/mikro-orm.config.js';
import { cloneDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';

let database: TestDatabase;
let orm: MikroORM;

beforeAll(async () => {
  database = await cloneDatabase();
  orm = await MikroORM.init(ormConfig(database.url));
});

afterAll(async () => {
  await orm.close();
});

test('the migrations make exactly what the entities describe', async () => {
  expect(await orm.schema.getUpdateSchemaSQL()).toBe('');
});

test('the bytes of events are stored outside the row, uncompressed', async () => {
  // Compression costs more than it saves on the way in, and the projector reads each payload once.
  const { rows } = await sql<{ storage: string }>`
    select attstorage as storage from pg_attribute
    where attrelid = 'inbound_events'::regclass and attname = 'payload'`.execute(orm.em.fork().getKysely());
  expect(rows).toEqual([{ storage: 'e' }]);
});

test('the tables that change with every event are vacuumed by a small share of them', async () => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relkind = 'r' and array_to_string(reloptions, ',') like '%autovacuum_vacuum_scale_factor=0%'`.execute(
    orm.em.fork().getKysely(),
  );
  const names = rows.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['inbound_events', 'domain_events', 'access', 'subscriptions', 'due', 'job_common']),
  );
});
