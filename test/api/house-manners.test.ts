import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiKeys } from '../../src/api/api-keys.js';
import { ApiClient } from '../support/api-client.js';
import { World } from '../support/world.js';
import { post, send } from './wire.js';
import type { Sent } from './wire.js';

let world: World;
let customers = 0;

beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const sendBytes = (path: string, bytes: number) =>
  send(world, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'x'.repeat(bytes) }),
  });

async function newCustomer(): Promise<string> {
  const external_id = `guest-${++customers}`;
  await world.api.post('/v1/customers', { external_id });
  return external_id;
}

const subscription = { plan: 'pro', interval: 'month', trial_days: 0, payment_method: 'pm_card_visa' };
const payment = { amount: 4900, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };

const customerAtStripe = async (reference: unknown) =>
  (await world.api.get<{ id: string }>(`/v1/customers/${String(reference)}`)).body.id;

describe('limits', () => {
  test('each answer says what is left', async () => {
    const { headers } = await send(world, '/v1/customers');
    expect(Number(headers.get('ratelimit-limit'))).toBe(200);
    expect(Number(headers.get('ratelimit-remaining'))).toBeLessThan(200);
    expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThan(0);
  });

  test('a loop gone wild is told to wait, and other keys are not', async () => {
    const key = await world.get(ApiKeys).createForDevelopment();
    const headers = { 'x-forwarded-for': '203.0.113.1' };
    const answers: Sent[] = [];
    // However slow this machine is: tokens come back while it asks.
    while (!answers.some(({ status }) => status === 429) && answers.length < 5000) {
      const batch = Array.from({ length: 100 }, () => send(world, '/v1/access/check', { headers }, key));
      answers.push(...(await Promise.all(batch)));
    }
    const refused = answers.filter(({ status }) => status === 429);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([422, 429]));
    for (const { headers: told, problem } of refused) {
      expect(problem.code).toBe('rate_limited');
      expect(Number(told.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await send(world, '/v1/customers', { headers: { 'x-forwarded-for': '203.0.113.2' } })).status).toBe(200);
  });

  test('a webhook may have a megabyte, not two; an API body 256 KB', async () => {
    const answers = await Promise.all([
      sendBytes('/webhooks/stripe', 1_048_576),
      sendBytes('/webhooks/stripe', 2_097_152),
      sendBytes('/v1/customers', 262_144),
    ]);
    expect(answers.map(({ status, problem }) => [status, problem.code])).toEqual([
      [400, 'signature_invalid'],
      [413, 'payload_too_large'],
      [413, 'payload_too_large'],
    ]);
  });

  test('a body that is nested without end is refused, with an Idempotency-Key too', async () => {
    for (const key of [undefined, 'nested']) {
      const { status, problem } = await send(world, '/v1/customers', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
        body: `{"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      });
      expect([key, status, problem.code]).toEqual([key, 422, 'invalid_input']);
    }
  });
});

describe('headers', () => {
  const paths = ['/v1/customers', '/v1/nothing', '/docs', '/docs/errors', '/openapi.json', '/health/ready'];

  test('every answer has its Request-Id, one’s own when it is sane', async () => {
    for (const path of paths) expect((await send(world, path)).headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    const own = await Promise.all(
      ['order-42:retry.1', 'a b'].map((id) => send(world, '/v1/customers', { headers: { 'x-request-id': id } })),
    );
    expect(own.map(({ headers }) => headers.get('request-id'))).toEqual([
      'order-42:retry.1',
      expect.stringMatching(/^req_/),
    ]);
  });

  test('every answer is secured', async () => {
    for (const path of paths) {
      const { headers } = await send(world, path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': expect.stringContaining("default-src 'self'"),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': expect.stringContaining('max-age='),
      });
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('CORS is closed', async () => {
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' };
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const answer = await send(world, '/v1/customers', { method, headers });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  test('a path or method that is not there is told so', async () => {
    expect((await send(world, '/v1/nothing')).problem).toMatchObject({ status: 404, code: 'route_not_found' });
    const put = await send(world, '/v1/customers', { method: 'PUT' });
    expect(put.problem).toMatchObject({ status: 404, code: 'route_not_found' });
    expect(put.problem.detail).toContain('PUT /v1/customers');
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=Ada' };
    expect((await send(world, '/v1/customers', form)).problem).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
  });
});

describe('a card that is suspected of fraud', () => {
  const card = 'pm_card_chargeDeclinedFraudulent';
  const suspicion = /fraud|risk|stolen|lost_card|blocked|radar/i;
  const decline = {
    status: 402,
    code: 'card_declined',
    decline_code: 'generic_decline',
    advice: 'call_bank',
    retryable: false,
    detail: expect.stringMatching(/^The payment was declined\./),
  };

  test('is declined like any other, wherever one looks', async () => {
    const customer = await newCustomer();
    const paid = await post(world, '/v1/payments', { ...payment, customer, payment_method: card }, 'suspected payment');
    const subscribed = await post(
      world,
      '/v1/subscriptions',
      { ...subscription, customer, payment_method: card },
      'suspected',
    );
    expect([paid.problem, subscribed.problem]).toMatchObject([decline, decline]);
    await world.sandbox.settle();
    const id = await customerAtStripe(customer);
    const events = await send(world, `/v1/events?customer=${id}&limit=100`);
    expect(events.text).toContain('payment.failed');
    const elsewhere = [
      `/v1/payments?customer=${customer}`,
      `/v1/customers/${customer}/invoices`,
      `/v1/emails?customer=${customer}`,
    ];
    const shown = await Promise.all(elsewhere.map((path) => send(world, path)));
    expect(shown.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { text } of [paid, subscribed, events, ...shown]) expect(text).not.toMatch(suspicion);
  });

  test('and one without money is told what to do', async () => {
    const body = {
      ...payment,
      customer: await newCustomer(),
      payment_method: 'pm_card_chargeDeclinedInsufficientFunds',
    };
    const { problem } = await post(world, '/v1/payments', body, 'no money');
    expect(problem).toMatchObject({
      status: 402,
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      advice: 'other_card',
      retryable: true,
    });
  });
});

test('a key that was revoked is refused', async () => {
  const { body } = await world.api.post<{ id: string; key: string }>('/v1/api_keys', { name: 'Short' });
  const short = new ApiClient(world.house.url, body.key);
  expect((await short.get('/v1/customers')).status).toBe(200);
  await world.api.delete(`/v1/api_keys/${body.id}`);
  expect((await short.get('/v1/customers')).status).toBe(401);
});
