import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { eventBody, signed } from '../support/stripe-event.js';
import { until } from '../support/query.js';
import { expectAllIsWell } from './aftermath.js';
import { Balancer } from './balancer.js';
import type { Server } from './server.js';
import { SECRET, Setting } from './setting.js';
import { startTraffic } from './traffic.js';

jest.setTimeout(300_000);

const REPLICAS = 5;

let setting: Setting;
let balancer: Balancer;
let fleet: Server[];

beforeAll(async () => {
  setting = await Setting.bare();
  balancer = await Balancer.open(setting.port);
  const first = await start(true);
  fleet = [first, ...(await Promise.all(Array.from({ length: REPLICAS - 1 }, () => start())))];
});

afterAll(async () => {
  await setting.close();
  await balancer.close();
});

async function start(first = false): Promise<Server> {
  const replica = await setting.start(first, { PORT: '0' });
  await balancer.add(replica);
  return replica;
}

test('five replicas race for the same requests, events and schedules: each is done once', async () => {
  await setting.controls.mischief({ deliveries: { duplicate: 1, reorder: true } });
  const names = ['ada', 'bob', 'cleo'];
  await Promise.all(names.map((name) => raceToSubscribe(name)));
  for (let minute = 0; minute < 5; minute++) await setting.controls.advance('1m');
  await setting.controls.behave();

  const emails = ['receipt', 'receipt', 'receipt', 'welcome', 'welcome', 'welcome'];
  await expectAllIsWell(setting, oneOf(fleet), { emails, most: 1 });
  expect(await setting.stripes('customers')).toHaveLength(names.length);
  expect(await setting.stripes('subscriptions?status=all')).toHaveLength(names.length);
  const slots = await setting.query<{ count: number }>(
    `select count(*)::int as count from pgboss.job where name = 'operation.resume' and not data ? 'begun_before'`,
  );
  expect(slots).toEqual([{ count: 5 }]);
});

/** Every replica is asked at once, by the same Idempotency-Key. */
async function raceToSubscribe(name: string): Promise<void> {
  await race('/v1/customers', { external_id: name, email: `${name}@example.com` });
  const subscription = {
    customer: name,
    plan: 'pro',
    interval: 'month',
    trial_days: 0,
    payment_method: 'pm_card_visa',
  };
  await race('/v1/subscriptions', subscription);
}

async function race(path: string, body: object): Promise<void> {
  const key = `${path} ${Object.values(body)[0]}`;
  const ids = await Promise.all(
    fleet.map(async ({ api }) => {
      let answer = await api.post(path, body, { 'idempotency-key': key });
      await until(async () => {
        if (answer.status === 409) answer = await api.post(path, body, { 'idempotency-key': key });
        return answer.status !== 409;
      });
      expect(answer.status).toBe(201);
      return answer.body['id'];
    }),
  );
  expect(new Set(ids).size).toBe(1);
}

test('replaced one after the other under load: every request is answered as ever, and each ends in good order', async () => {
  for (const spare of fleet.splice(2)) expect(await spare.stop()).toBe(0);
  const events = startTraffic(urlOf(setting), 4, (number) => {
    const created = Math.floor(Date.now() / 1000);
    const body = eventBody({
      id: `evt_roll${number}`,
      type: 'balance.available',
      created,
      object: { object: 'balance' },
    });
    return { path: '/webhooks/stripe', headers: signed(body, SECRET), body };
  });
  const { key } = oneOf(fleet).api;
  const creations = startTraffic(urlOf(setting), 1, (number) => ({
    path: '/v1/customers',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ external_id: `rolled-${number}` }),
  }));
  for (const old of fleet.splice(0)) {
    fleet.push(await start());
    await events.reaches(answered(events.answers) + 50);
    balancer.remove(old);
    expect(await old.stop()).toBe(0);
    await events.reaches(answered(events.answers) + 50);
  }
  await balancer.close();
  await Promise.all([events.ended, creations.ended]);
  expect([...events.answers.keys()]).toEqual([200]);
  expect([...creations.answers.keys()]).toEqual([201]);

  balancer = await Balancer.open(setting.port);
  await Promise.all(fleet.map((replica) => balancer.add(replica)));
  const emails = ['receipt', 'receipt', 'receipt', 'welcome', 'welcome', 'welcome'];
  await expectAllIsWell(setting, oneOf(fleet), { emails, most: 1 });
  const [stored] = await setting.query<{ count: number }>(
    `select count(*)::int as count from inbound_events where id like 'evt_roll%'`,
  );
  expect(stored?.count).toBeGreaterThanOrEqual(answered(events.answers));
});

function oneOf([first]: Server[]): Server {
  if (!first) throw new Error('Nobody is left.');
  return first;
}

function urlOf({ port }: Setting): string {
  return `http://127.0.0.1:${port}`;
}

function answered(answers: Map<number, unknown[]>): number {
  return [...answers.values()].flat().length;
}
