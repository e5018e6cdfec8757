import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { eventBody, signed } from '../support/stripe-event.js';
import { until } from '../support/query.js';
import { expectAllIsWell } from './aftermath.js';
import { SECRET, Setting } from './setting.js';

jest.setTimeout(300_000);

const TEN_MINUTES = 600;
const preload = new URL('skewed-clock.mjs', import.meta.url).href;

let setting: Setting;

beforeEach(async () => {
  setting = await Setting.bare();
});

afterEach(async () => {
  await setting.close();
});

function clockOffBy(seconds: number): Record<string, string> {
  return { SKEW_MS: String(seconds * 1000), NODE_OPTIONS: `--import=${preload}` };
}

test.each([-TEN_MINUTES, TEN_MINUTES])(
  'a clock that is off by %i s: genuine events are refused, and found where they are missed',
  async (skew) => {
    const house = await setting.start(true, clockOffBy(skew));
    const ada = { external_id: 'ada', email: 'ada@example.com' };
    expect((await house.api.post('/v1/customers', ada)).status).toBe(201);
    const subscription = {
      customer: 'ada',
      plan: 'pro',
      interval: 'month',
      trial_days: 0,
      payment_method: 'pm_card_visa',
    };
    expect((await house.api.post('/v1/subscriptions', subscription)).status).toBe(201);
    expect(await setting.query('select from inbound_events')).toEqual([]);
    expect(await deliver(0)).toBe(400);
    expect(await deliver(skew + 299)).toBe(200);
    expect(await deliver(skew - 299)).toBe(200);

    await setting.controls.advance('10m');
    await expectAllIsWell(setting, house, { emails: ['receipt', 'welcome'] });
  },
);

/** An event of nothing that is mirrored, stamped by a clock so many seconds off. */
async function deliver(skew: number): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const body = eventBody({ type: 'balance.available', created: now, object: { object: 'balance' } });
  const url = `http://127.0.0.1:${setting.port}/webhooks/stripe`;
  const headers = signed(body, SECRET, now + skew);
  // On a crowded machine PostgreSQL may be too slow once; Stripe sends again too.
  for (;;) {
    const { status } = await fetch(url, { method: 'POST', headers, body });
    if (status !== 503) return status;
  }
}

test('a worker whose clock is 10 minutes behind takes up what another has left after 90 seconds all the same', async () => {
  const worker = await setting.start(true, { ...clockOffBy(-TEN_MINUTES), ROLE: 'worker', PORT: '0' });
  const web = await setting.spawn({ ROLE: 'web', FAILPOINT: 'command.answered' }).ready();
  await web.api.post('/v1/customers', { external_id: 'ada', email: 'ada@example.com' }).catch(() => undefined);
  expect(await web.ended).toBe('SIGKILL');
  await setting.query(`update operations set started_at = started_at - interval '91 seconds' where status = 'started'`);

  await setting.controls.advance('1m');
  await until(async () => (await setting.query(`select from operations where status = 'started'`)).length === 0);
  expect((await worker.api.get('/v1/customers')).body).toMatchObject({ data: [{ email: 'ada@example.com' }] });
  expect(await setting.stripes('customers')).toHaveLength(1);
});

test('a worker whose clock is 10 minutes ahead takes nothing out of the hands of another', async () => {
  const worker = await setting.start(true, { ...clockOffBy(TEN_MINUTES), ROLE: 'worker', PORT: '0' });
  const web = await setting.spawn({ ROLE: 'web' }).ready();
  await setting.controls.mischief({ requests: { delay_ms: 3000, match: 'POST /v1/customers' } });
  const asked = () => web.api.post('/v1/customers', { external_id: 'ada' }, { 'idempotency-key': 'ada' });
  const first = asked();
  await until(async () => (await setting.query(`select from operations where status = 'started'`)).length === 1);
  await setting.controls.advance('1m');
  const ada = { external_id: 'ada' };
  const beside = await worker.api.post('/v1/customers', ada, { 'idempotency-key': 'ada' });
  expect(beside).toMatchObject({ status: 409, body: { code: 'idempotency_key_in_use' } });
  expect(await first).toMatchObject({ status: 201 });

  const sent = (await setting.controls.requests()).filter(
    ({ method, path }) => `${method} ${path}` === 'POST /v1/customers',
  );
  expect(sent).toHaveLength(1);
  expect((await worker.api.post('/v1/customers', ada, { 'idempotency-key': 'ada' })).body).toEqual(
    (await asked()).body,
  );
});
