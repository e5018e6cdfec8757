import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Readiness } from '../../src/api/readiness.js';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

let api: ApiApp;
beforeAll(async () => {
  api = await startApiApp();
});
afterAll(() => api.close());

function health(which: 'live' | 'ready') {
  return api.call('GET', `/health/${which}`, { key: null });
}

test('ready names each check', async () => {
  expect((await health('ready')).json).toEqual({ status: 'ok', checks: { database: 'ok' } });
  api.get(Readiness).register('jobs', async () => undefined);
  expect((await health('ready')).json).toEqual({ status: 'ok', checks: { database: 'ok', jobs: 'ok' } });
});

test('one check that fails, or does not answer within a second, makes it 503; live it is still', async () => {
  const readiness = api.get(Readiness);
  readiness.register('jobs', () => Promise.reject(new Error('not started, password hunter2')));
  readiness.register('stuck', () => new Promise(() => undefined));
  const began = performance.now();
  const answer = await health('ready');
  expect(performance.now() - began).toBeLessThan(2000);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.headers['retry-after']).toBe('1');
  expect(answer.json).toMatchObject({
    status: 503,
    code: 'not_ready',
    retryable: true,
    checks: { database: 'ok', jobs: 'failed', stuck: 'failed' },
  });
  expect(answer.text).not.toContain('hunter2');
  expect(api.logLines.join('')).toContain('Not ready: stuck: no answer within 1000 ms');
  expect((await health('live')).json).toEqual({ status: 'ok' });
  for (const name of ['jobs', 'stuck']) readiness.register(name, async () => undefined);
});
