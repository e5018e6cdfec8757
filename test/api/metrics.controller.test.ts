import { afterEach, expect, test } from '@jest/globals';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  STRIPE_SECRET_KEY: 'sk_test_metrics',
  STRIPE_WEBHOOK_SECRET: 'whsec_metrics',
  SMTP_URL: 'smtp://127.0.0.1:1',
};
const TOKEN = 'scrape-me-0123456789';

let api: ApiApp;
afterEach(() => api.close());

async function scrape(headers: Record<string, string> = {}): Promise<[number, string | undefined]> {
  const { status, headers: answered } = await api.call('GET', '/metrics', { headers, key: null });
  return [status, answered['content-type']];
}

const OPEN = [200, 'text/plain; version=0.0.4; charset=utf-8'];
const CLOSED = [404, 'application/problem+json; charset=utf-8'];

test('in production it is closed until there is a token', async () => {
  api = await startApiApp(PRODUCTION);
  expect(await scrape()).toEqual(CLOSED);
  expect(await scrape({ authorization: 'Bearer anything' })).toEqual(CLOSED);
  // An API key is another thing.
  expect((await api.call('GET', '/metrics')).status).toBe(404);
});

test('with a token it is open to whoever has it, from everywhere', async () => {
  api = await startApiApp({ ...PRODUCTION, METRICS_TOKEN: TOKEN });
  expect(await scrape({ authorization: `Bearer ${TOKEN}`, 'x-forwarded-for': '203.0.113.9' })).toEqual(OPEN);
  expect(await scrape()).toEqual([401, 'application/problem+json; charset=utf-8']);
  expect(await scrape({ authorization: `Bearer ${TOKEN}x` })).toEqual([401, 'application/problem+json; charset=utf-8']);
});

test('elsewhere it is open to this machine alone', async () => {
  api = await startApiApp();
  expect(await scrape()).toEqual(OPEN);
  expect(await scrape({ 'x-forwarded-for': '203.0.113.9' })).toEqual(CLOSED);
});
