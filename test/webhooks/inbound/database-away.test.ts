import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { readEnv } from '../../../config/env.js';
import { openHouse } from '../../../src/boot/house.js';
import type { House } from '../../../src/boot/house.js';
import { startSandbox } from '../../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import { cuttable } from '../../access/cuttable-database.js';
import { customerFixture } from '../../customers/fixtures.js';
import { cloneDatabase } from '../../support/database.js';
import type { TestDatabase } from '../../support/database.js';
import { eventBody, signed } from '../../support/stripe-event.js';

const SECRET = 'whsec_database_away';
const NOW = new Date('2026-01-15T09:00:00Z');

let database: TestDatabase;
let network: Awaited<ReturnType<typeof cuttable>>;
let direct: pg.Client;
let sandbox: Sandbox;
let house: House;

beforeAll(async () => {
  database = await cloneDatabase();
  network = await cuttable(database.url);
  direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
  sandbox = await startSandbox({ port: 0, seed: 7, frozen: true, now: NOW });
  const env = readEnv({ NODE_ENV: 'test', PORT: '0', STRIPE_WEBHOOK_SECRET: SECRET, LOG_LEVEL: 'silent' });
  house = await openHouse({
    ...env,
    database: { url: network.url },
    stripe: { ...env.stripe, secretKey: 'sk_test_away', sandboxUrl: sandbox.url },
  });
});
afterAll(async () => {
  await house.close();
  await sandbox.close();
  await direct.end();
  await network.close();
});

function deliver(name: string): Promise<Response> {
  const object = customerFixture({ id: `cus_${name}`, name });
  const body = eventBody({ id: `evt_${name}`, type: 'customer.created', created: NOW.getTime() / 1000, object });
  return fetch(`${house.url}/webhooks/stripe`, { method: 'POST', body, headers: signed(body, SECRET) });
}

async function until(statement: string): Promise<void> {
  while ((await direct.query(statement)).rows.length === 0);
}

async function expectRefused(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
  expect(await response.json()).toMatchObject({ code: 'inbox_unavailable', status: 503 });
}

test('while PostgreSQL is away events are answered 503; when it is back they are taken and projected, unaided', async () => {
  expect((await deliver('before')).status).toBe(200);
  network.cut();
  for (const response of await Promise.all(['a', 'b', 'c'].map(deliver))) await expectRefused(response);
  network.mend();
  for (const name of ['a', 'b', 'c']) expect((await deliver(name)).status).toBe(200);
  for (const name of ['before', 'a', 'b', 'c']) await until(`select from customers where id = 'cus_${name}'`);
});

test('a connection cut while it commits is no acknowledgement; sent again, the event is there once', async () => {
  await direct.query('begin; lock table inbound_events in access exclusive mode');
  const answer = deliver('cut');
  await until(
    `select from pg_stat_activity where datname = current_database()
     and application_name = 'good-standing inbox' and wait_event_type = 'Lock'`,
  );
  network.cut();
  await expectRefused(await answer);
  network.mend();
  await direct.query('commit');
  expect((await deliver('cut')).status).toBe(200);
  await until("select from inbound_events where id = 'evt_cut' and status = 'handled'");
  const { rows } = await direct.query("select type from domain_events where object = 'cus_cut'");
  expect(rows).toEqual([{ type: 'customer.created' }]);
});
