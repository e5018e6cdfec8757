import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { rateLimits } from '../../src/api/rate-limits.js';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

let api: ApiApp;
let nowMs = 1_000_000;
beforeAll(async () => {
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  api = await startApiApp();
});
afterAll(() => api.close());

test('a key that asks too often is told when to come again; another one is not held up', async () => {
  const other = String((await api.call('POST', '/v1/api_keys', { body: { name: 'Other' } })).json['key']);
  nowMs += 60_000;
  const { burst, perSecond } = rateLimits.apiKey;
  const first = await api.call('GET', '/v1/things');
  expect(first.headers).toMatchObject({
    'ratelimit-limit': String(burst),
    'ratelimit-remaining': String(burst - 1),
    'ratelimit-reset': '1',
  });
  for (let sent = 1; sent < burst; sent += 1) await api.call('GET', '/v1/things');
  const refused = await api.call('GET', '/v1/things');
  expect(refused.json).toMatchObject({ status: 429, code: 'rate_limited', retryable: true });
  expect(refused.headers).toMatchObject({
    'retry-after': '1',
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(burst / perSecond),
  });
  expect((await api.call('GET', '/v1/things', { key: other })).status).toBe(200);
  nowMs += 1000 / perSecond;
  expect((await api.call('GET', '/v1/things')).status).toBe(200);
});

test('an address that tries without a key is limited too, while webhooks and health are not', async () => {
  nowMs += 60_000;
  const statuses = [];
  for (let sent = 0; sent <= rateLimits.address.burst; sent += 1) {
    statuses.push((await api.call('GET', '/v1/things', { key: null })).status);
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(rateLimits.address.burst);
  expect(statuses.at(-1)).toBe(429);
  expect((await api.call('POST', '/echo', { key: null, body: {} })).status).toBe(200);
  expect((await api.call('GET', '/health/live', { key: null })).status).toBe(200);
  const proxied = await api.call('GET', '/v1/things', { headers: { 'x-forwarded-for': '203.0.113.7' } });
  expect(proxied.status).toBe(200);
});
