import { afterEach, expect, jest, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { signed } from '../support/stripe-event.js';
import { until } from '../support/query.js';
import { expectAllIsWell } from './aftermath.js';
import { CutAtCommit } from './cut-at-commit.js';
import { OwnPostgres } from './own-postgres.js';
import { seededRandom } from './random.js';
import type { Server } from './server.js';
import { SECRET, Setting } from './setting.js';

jest.setTimeout(300_000);

/** Another one is tried by `CUT_SEED=… npm run test:faults -- postgres`. */
const SEED = Number(process.env['CUT_SEED'] ?? 16);

const cleanUp: Array<() => Promise<void>> = [];

afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean();
});

async function open(database?: { url: string }): Promise<Setting> {
  const setting = await Setting.bare(database);
  cleanUp.push(() => setting.close());
  return setting;
}

async function ownPostgres(settings: Record<string, string> = {}): Promise<OwnPostgres> {
  const postgres = await OwnPostgres.start(settings);
  cleanUp.push(() => postgres.remove());
  return postgres;
}

test('PostgreSQL crashes under load: no event is acknowledged that is not kept, and soon after its return all goes on', async () => {
  const postgres = await ownPostgres();
  const setting = await open(postgres);
  const house = await setting.start(true);
  const stream = new Stream(setting, await eventsOfNewCustomers(setting, 300));
  const streaming = stream.run(6);
  await until(() => stream.acknowledged.size > 40);
  await postgres.crash();
  await until(() => stream.refused > 10);
  expect(await readiness(house)).toBe(503);
  const acknowledged = stream.acknowledged.size;

  await postgres.startAgain();
  const back = performance.now();
  await until(() => stream.acknowledged.size > acknowledged);
  await until(async () => (await readiness(house)) === 200);
  expect(performance.now() - back).toBeLessThan(10_000);

  await streaming;
  expect(new Set(stream.answers)).toEqual(new Set([200, 503]));
  await expectAllIsWell(setting, house, { emails: [] });
  expect(await keptLate(setting, stream)).toEqual([]);
});

test('its connections are exhausted: refused in time, not ready, and on again by itself', async () => {
  const postgres = await ownPostgres({ max_connections: '40' });
  const setting = await open(postgres);
  const house = await setting.start(true);
  const [event = ''] = await eventsOfNewCustomers(setting, 1);
  const crowd = await crowdOut(postgres.url);
  const begun = performance.now();
  expect(await deliver(setting, event)).toBe(503);
  expect(performance.now() - begun).toBeLessThan(6000);
  expect(await readiness(house)).toBe(503);

  await Promise.all(crowd.map((client) => client.end()));
  await until(async () => (await deliver(setting, event)) === 200, 10_000);
  await until(async () => (await readiness(house)) === 200, 10_000);
  await expectAllIsWell(setting, house, { emails: [] });
});

test(`connections are cut while they commit (seed ${SEED}): whether it was done or not, it is done once`, async () => {
  const setting = await open();
  const way = await CutAtCommit.open(setting.database.url, seededRandom(SEED));
  cleanUp.push(() => way.close());
  const house = await setting.start(true, { DATABASE_URL: way.url });
  way.share = 0.1;
  for (const name of ['ada', 'bob', 'cleo']) {
    await insist(setting, house, '/v1/customers', { external_id: name, email: `${name}@example.com` });
    const subscription = {
      customer: name,
      plan: 'pro',
      interval: 'month',
      trial_days: 0,
      payment_method: 'pm_card_visa',
    };
    await insist(setting, house, '/v1/subscriptions', subscription);
  }
  await until(() => way.cuts.unheard > 3 && way.cuts.unanswered > 3);
  way.share = 0;
  const hurry = setInterval(() => void setting.hasten(), 1000);
  try {
    await setting.controls.advance('2m');
    const emails = ['receipt', 'receipt', 'receipt', 'welcome', 'welcome', 'welcome'];
    await expectAllIsWell(setting, house, { emails, most: 10 });
  } finally {
    clearInterval(hurry);
  }
  expect(await setting.stripes('customers')).toHaveLength(3);
  expect(await setting.stripes('subscriptions?status=all')).toHaveLength(3);
});

/** As Stripe does with its events: each is sent again until it is acknowledged. */
class Stream {
  /** The moments at which events were acknowledged first. */
  readonly acknowledged = new Map<string, number>();
  readonly answers: number[] = [];

  constructor(
    private readonly setting: Setting,
    private readonly events: string[],
  ) {}

  get refused(): number {
    return this.answers.filter((status) => status === 503).length;
  }

  async run(lanes: number): Promise<void> {
    const left = this.events.values();
    await Promise.all(Array.from({ length: lanes }, () => this.lane(left)));
  }

  private async lane(left: Iterator<string> & Iterable<string>): Promise<void> {
    for (const event of left) {
      for (let status = 0; status !== 200; await wait(status === 200 ? 0 : 50)) {
        status = await deliver(this.setting, event);
        this.answers.push(status);
      }
      this.acknowledged.set((JSON.parse(event) as { id: string }).id, Date.now());
    }
  }
}

async function deliver({ port }: Setting, body: string): Promise<number> {
  const url = `http://127.0.0.1:${port}/webhooks/stripe`;
  const response = await fetch(url, { method: 'POST', headers: signed(body, SECRET), body });
  await response.arrayBuffer();
  return response.status;
}

/** Created by somebody else than the house; Stripe, which sends them too, has its trouble with that for now. */
async function eventsOfNewCustomers(setting: Setting, count: number): Promise<string[]> {
  const headers = { authorization: 'Bearer sk_test_setting' };
  await setting.controls.mischief({ deliveries: { drop: 1 } });
  for (let made = 0; made < count; made++)
    await fetch(`${setting.sandbox.url}/v1/customers`, { method: 'POST', headers });
  await setting.controls.behave();
  const events = await setting.stripes<object>('events?type=customer.created');
  return events.map((event) => JSON.stringify(event));
}

async function readiness(house: Server): Promise<number> {
  return (await fetch(`${house.told('API')}/health/ready`)).status;
}

/** Events that were acknowledged before they were kept. */
async function keptLate(setting: Setting, { acknowledged }: Stream): Promise<string[]> {
  const rows = await setting.query<{ id: string; received_at: Date }>('select id, received_at from inbound_events');
  const kept = new Map(rows.map(({ id, received_at }) => [id, received_at.getTime()]));
  return [...acknowledged].filter(([id, at]) => (kept.get(id) ?? Infinity) > at).map(([id]) => id);
}

/** Takes every connection there is, also those that the house lets go of. */
async function crowdOut(url: string): Promise<pg.Client[]> {
  const crowd: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: url, application_name: 'crowd' });
    client.on('error', () => undefined);
    const isIn = await client.connect().then(
      () => true,
      () => false,
    );
    if (isIn) crowd.push(client);
    else if ((await endTheHouses(crowd)) === 0) return crowd;
  }
}

async function endTheHouses([one]: pg.Client[]): Promise<number> {
  const result = await one?.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name <> 'crowd' and datname = current_database()`,
  );
  return result?.rowCount ?? 0;
}

/** A client whose request fails, or is under way still for all that is known, asks again by the same Idempotency-Key. */
async function insist(setting: Setting, house: Server, path: string, body: object): Promise<void> {
  const key = JSON.stringify(body);
  await until(async () => {
    const { status, body: answer } = await house.api.post(path, body, { 'idempotency-key': key.slice(0, 250) });
    if (status === 201) return true;
    if (status !== 409 && status < 500) throw new Error(`${path} was answered ${status}: ${JSON.stringify(answer)}`);
    await setting.hasten();
    return false;
  });
}
