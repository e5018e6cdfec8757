import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { failpoints } from '../../src/failpoints/failpoint.js';
import type { Failpoint } from '../../src/failpoints/failpoint.js';
import { until } from '../support/query.js';
import { expectAllIsWell } from './aftermath.js';
import type { Server } from './server.js';
import { BEGINNING, Setting } from './setting.js';

jest.setTimeout(300_000);

/** How a moment is come to, and gone on from: what it does once more finds done what was done before. */
interface Way {
  go: (setting: Setting, house: Server) => Promise<unknown>;
  /** The how-manieth time it comes by is the last; the first if left out. */
  passing?: number;
  /** What was before. */
  begin?: () => Promise<Setting>;
  emails?: string[];
}

const REMINDED = ['payment_failed', 'payment_failed', 'payment_reminder', 'receipt', 'welcome'];

/** A new failpoint needs one here; one that is never come to fails. */
const ways: Record<Failpoint, Way> = {
  'migration.locked': { go: subscribe, begin: bare },
  'migration.applied': { go: subscribe, begin: bare },
  'recovery.freed': { go: subscribe, begin: brokenOff },
  'inbox.received': { go: subscribe },
  'inbox.stored': { go: subscribe, passing: 2 },
  'projection.claimed': { go: subscribe },
  'projection.written': { go: subscribe, passing: 2 },
  'projection.committed': { go: subscribe },
  'refetch.answered': { go: subscribe, begin: inDoubt },
  'refetch.written': { go: subscribe, begin: inDoubt },
  'request.claimed': { go: subscribe, passing: 2 },
  'request.done': { go: subscribe, passing: 2 },
  'request.kept': { go: subscribe },
  'command.recorded': { go: subscribe },
  'command.answered': { go: subscribe, passing: 4 },
  'command.written': { go: subscribe, passing: 3 },
  'listener.heard': { go: subscribe, passing: 3 },
  'job.done': { go: subscribe, passing: 5 },
  'due.taken': { go: remind, begin: inArrears, emails: REMINDED },
  'email.begun': { go: subscribe },
  'email.accepted': { go: subscribe },
  'delivery.answered': { go: subscribe },
  'reconciliation.paged': { go: reconcile },
  'reconciliation.found': { go: reconcile },
  'reconciliation.repaired': { go: reconcile },
  'replay.brought': { go: replay },
};

const DAY_MS = 86_400_000;
const LONGEST_WAY_MS = 60_000;

let furnished: Setting;
let furniture: Awaited<ReturnType<Setting['still']>>;

beforeAll(async () => {
  furnished = await Setting.bare();
  await furnished.start(true);
  furniture = await furnished.still();
});

afterAll(() => furnished.clear());

test.concurrent.each(Object.entries(failpoints) as Array<[Failpoint, string]>)('killed at %s: %s', async (name) => {
  const { go, passing = 1, begin = () => Setting.furnished(furniture), emails = ['receipt', 'welcome'] } = ways[name];
  const setting = await begin();
  try {
    const victim = setting.spawn({ FAILPOINT: `${name}:${passing}` });
    const gone = victim.ready().then((house) => go(setting, house));
    await gone.catch(() => undefined);
    expect(await Promise.race([victim.ended, wait(LONGEST_WAY_MS, 'never came to it', { ref: false })])).toBe(
      'SIGKILL',
    );

    const house = await setting.start(begin === bare);
    await go(setting, house);
    await expectAllIsWell(setting, house, { emails });
    await expectSubscribedOnce(setting, house);
  } finally {
    await setting.close();
  }
});

function bare(): Promise<Setting> {
  return Setting.bare();
}

/** Events are written in another API version, so that every object has to be asked for. */
async function inDoubt(): Promise<Setting> {
  const setting = await Setting.furnished(furniture);
  await setting.controls.mischief({ deliveries: { api_version: '2020-08-27' } });
  return setting;
}

/** Somebody was killed without knowing where, in the middle of it. */
async function brokenOff(): Promise<Setting> {
  const setting = await Setting.furnished(furniture);
  const house = await setting.start();
  const gone = subscribe(setting, house).catch(() => undefined);
  await until(async () => (await setting.query('select from operations where customer is not null')).length > 0);
  await house.kill();
  await gone;
  return setting;
}

async function subscribe({ controls }: Setting, house: Server): Promise<void> {
  await post(house, '/v1/customers', { external_id: 'ada', email: 'ada@example.com' });
  const subscription = {
    customer: 'ada',
    plan: 'pro',
    interval: 'month',
    trial_days: 0,
    payment_method: 'pm_card_visa',
  };
  await post(house, '/v1/subscriptions', subscription);
  await controls.settle();
}

/** As every client of the API has it, by the same Idempotency-Key when it asks again. */
async function post(house: Server, path: string, body: object): Promise<{ id: string }> {
  const answer = await house.api.post<{ id: string }>(path, body, { 'idempotency-key': path });
  if (answer.status >= 300) throw new Error(`${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A renewal has failed; Stripe's second attempt and the first reminder are still to come. */
async function inArrears(): Promise<Setting> {
  const setting = await Setting.furnished(furniture);
  const house = await setting.start();
  await subscribe(setting, house);
  await post(house, '/v1/customers/ada/payment_methods', { payment_method: 'pm_card_chargeCustomerFail' });
  await advance(setting, 33);
  await house.kill();
  return setting;
}

/** Access would end 38 days from the beginning, and the reminder comes three days before. */
function remind(setting: Setting): Promise<void> {
  return advance(setting, 35.5);
}

async function advance({ controls }: Setting, days: number): Promise<void> {
  const moment = new Date(BEGINNING.getTime() + days * DAY_MS);
  const { now } = await controls.settle();
  if (new Date(now) < moment) await controls.post('clock/advance', { to: moment.toISOString() });
}

/** A row was changed behind the mirror's back. */
async function reconcile(setting: Setting, house: Server): Promise<void> {
  await subscribe(setting, house);
  await setting.query(
    `update customers set email = 'nobody@example.com' where not exists (select from reconciliations)`,
  );
  const { id } = await post(house, '/v1/reconciliations', { kind: 'objects' });
  await ended(house, `/v1/reconciliations/${id}`);
}

async function replay(setting: Setting, house: Server): Promise<void> {
  await subscribe(setting, house);
  const { id } = await post(house, '/v1/webhooks/replays', { all: true });
  await ended(house, `/v1/webhooks/replays/${id}`);
}

async function ended({ api }: Server, path: string): Promise<void> {
  await until(async () => (await api.get(path)).body['status'] !== 'running');
}

async function expectSubscribedOnce(setting: Setting, { api }: Server): Promise<void> {
  const customers = await setting.stripes<{ id: string; email: string }>('customers');
  expect(customers.map(({ email }) => email)).toEqual(['ada@example.com']);
  expect(await setting.stripes('subscriptions?status=all')).toHaveLength(1);
  expect((await api.get('/v1/access/check?customer=ada&feature=api_access')).body).toMatchObject({ allowed: true });
}
