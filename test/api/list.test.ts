import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

let api: ApiApp;
let database: pg.Client;
beforeAll(async () => {
  api = await startApiApp();
  database = new pg.Client({ connectionString: api.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await api.close();
});

/** Seven keys; k3 to k5 of one moment, k6 and k7 a microsecond apart. The youngest is the one the tests use. */
beforeEach(async () => {
  await database.query(`delete from api_keys where name = 'Listed'`);
  await database.query(`
    insert into api_keys (id, name, hash, prefix, last4, scopes, created_at)
    select id, 'Listed', id, 'gs_test_', '0000', '["read"]', at::timestamptz from (values
      ('k1', '2026-01-01T00:00:00Z'), ('k2', '2026-01-02T00:00:00Z'), ('k3', '2026-01-03T00:00:00Z'),
      ('k4', '2026-01-03T00:00:00Z'), ('k5', '2026-01-03T00:00:00Z'),
      ('k7', '2026-01-04T00:00:00.000001Z'), ('k6', '2026-01-04T00:00:00.000002Z')) as v (id, at)`);
});

async function list(query: string): Promise<{ ids: string[]; has_more: unknown }> {
  const { json } = await api.call('GET', `/v1/api_keys?${query}`);
  expect(json).toMatchObject({ object: 'list', url: '/v1/api_keys' });
  return { ids: (json['data'] as Array<{ id: string }>).map(({ id }) => id), has_more: json['has_more'] };
}

describe('cursors', () => {
  test('forwards, youngest first: no object twice, none left out', async () => {
    const [newest] = (await list('limit=1')).ids;
    expect(await list(`limit=3&starting_after=${newest}`)).toEqual({ ids: ['k6', 'k7', 'k5'], has_more: true });
    expect(await list('limit=3&starting_after=k5')).toEqual({ ids: ['k4', 'k3', 'k2'], has_more: true });
    expect(await list('limit=3&starting_after=k2')).toEqual({ ids: ['k1'], has_more: false });
    expect(await list('limit=3&starting_after=k1')).toEqual({ ids: [], has_more: false });
  });

  test('backwards: the page right before the cursor, in the same order', async () => {
    expect(await list('limit=3&ending_before=k2')).toEqual({ ids: ['k5', 'k4', 'k3'], has_more: true });
    expect(await list('limit=2&ending_before=k7')).toMatchObject({ ids: [expect.any(String), 'k6'], has_more: false });
  });

  test('exactly as many as the limit are all there are', async () => {
    expect(await list('limit=5&starting_after=k7')).toEqual({ ids: ['k5', 'k4', 'k3', 'k2', 'k1'], has_more: false });
  });
});

test.each([
  ['limit=0', 'limit'],
  ['limit=101', 'limit'],
  ['limit=ten', 'limit'],
  ['starting_after=nobody', 'starting_after'],
  ['ending_before=nobody', 'ending_before'],
  ['starting_after=k1&ending_before=k2', 'ending_before'],
  ['page=2', 'page'],
])('%s is refused', async (query, pointer) => {
  const answer = await api.call('GET', `/v1/api_keys?${query}`);
  expect(answer.json).toMatchObject({ status: 422, code: 'invalid_input', errors: [{ pointer }] });
});
