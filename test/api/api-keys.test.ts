import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readEnv } from '../../config/env.js';
import { ApiKey } from '../../src/api/api-key.entity.js';
import { newApiKey } from '../../src/api/api-key-format.js';
import { ApiKeyUsage } from '../../src/api/api-key-usage.js';
import { ApiKeys } from '../../src/api/api-keys.js';
import { Transactions } from '../../src/database/transactions.js';
import { startApiApp } from './support.js';
import type { Answer, ApiApp } from './support.js';

let api: ApiApp;
/** How far the machine's monotonic clock was put forward; it never goes back. */
let aheadMs = 0;
beforeAll(async () => {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
  api = await startApiApp();
});
afterAll(() => api.close());

async function create(body: object = { name: 'Shop' }): Promise<{ id: string; key: string; answer: Answer }> {
  const answer = await api.call('POST', '/v1/api_keys', { body });
  expect(answer.status).toBe(201);
  return { id: String(answer.json['id']), key: String(answer.json['key']), answer };
}

describe('authentication', () => {
  test.each([
    ['no key', {}, 'Send an API key'],
    ['an odd header', { authorization: 'Token abc' }, 'Send an API key'],
    ['an unknown key', { authorization: `Bearer ${newApiKey('test')}` }, 'unknown or revoked'],
    ['something else', { authorization: 'Bearer sk_test_123' }, 'unknown or revoked'],
  ])('%s: 401', async (_what, headers, detail) => {
    const answer = await api.call('GET', '/v1/api_keys', { key: null, headers });
    expect(answer.json).toMatchObject({
      status: 401,
      code: 'unauthenticated',
      detail: expect.stringContaining(detail),
    });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="Good Standing"');
  });

  test('a typo is told apart from an unknown key, without a look-up', async () => {
    const reader = jest.spyOn(api.get(Transactions), 'reader');
    const last = api.key.endsWith('a') ? 'b' : 'a';
    const answer = await api.call('GET', '/v1/api_keys', { key: api.key.slice(0, -1) + last });
    expect(answer.json).toMatchObject({ status: 401, detail: expect.stringContaining('mistyped') });
    expect(reader).not.toHaveBeenCalled();
    reader.mockRestore();
  });

  test('Basic with the key as user name', async () => {
    const authorization = `Basic ${Buffer.from(`${api.key}:`).toString('base64')}`;
    expect((await api.call('GET', '/v1/api_keys', { key: null, headers: { authorization } })).status).toBe(200);
  });

  test('public routes need none', async () => {
    expect((await api.call('POST', '/echo', { key: null, body: {} })).status).toBe(200);
  });

  test('a known key costs no query for some seconds', async () => {
    await api.call('GET', '/v1/things');
    const reader = jest.spyOn(api.get(Transactions), 'reader');
    expect((await api.call('GET', '/v1/things')).status).toBe(200);
    expect(reader).not.toHaveBeenCalled();
    reader.mockRestore();
  });
});

describe('scopes', () => {
  test('read may read, and nothing else', async () => {
    const { key } = await create({ name: 'Reader', scopes: ['read'] });
    expect((await api.call('GET', '/v1/things', { key })).status).toBe(200);
    const refused = await api.call('POST', '/v1/things', { key, body: { name: 'x' } });
    expect(refused.json).toMatchObject({ status: 403, code: 'insufficient_scope', required_scope: 'write' });
  });

  test('write may not read, nor make a key that may', async () => {
    const { key } = await create({ name: 'Writer', scopes: ['write'] });
    expect((await api.call('POST', '/v1/things', { key, body: { name: 'x' } })).status).toBe(201);
    expect((await api.call('GET', '/v1/things', { key })).json).toMatchObject({ required_scope: 'read' });
    const greedy = await api.call('POST', '/v1/api_keys', { key, body: { name: 'More', scopes: ['write', 'read'] } });
    expect(greedy.json).toMatchObject({ status: 403, required_scope: 'read' });
  });
});

describe('keys over the API', () => {
  test('a key is shown once; only its hash is stored', async () => {
    const { id, key, answer } = await create({ name: 'Shop' });
    expect(answer.json).toEqual({
      id: expect.stringMatching(/^key_[0-9a-f]{32}$/),
      object: 'api_key',
      name: 'Shop',
      prefix: 'gs_test_',
      last4: key.slice(-4),
      scopes: ['read', 'write'],
      created_at: expect.stringMatching(/Z$/),
      last_used_at: null,
      revoked_at: null,
      expires_at: null,
      key: expect.stringMatching(/^gs_test_[0-9A-Za-z]{38}$/),
    });
    const list = await api.call('GET', '/v1/api_keys?limit=100');
    expect(list.text).toContain(id);
    expect(list.text).not.toContain(key);
    const row = await api.get(Transactions).reader().findOneOrFail(ApiKey, { id });
    expect(JSON.stringify(row)).not.toContain(key);
  });

  test('a revoked key is refused at once where it was revoked; revoking again changes nothing', async () => {
    const { id, key } = await create();
    expect((await api.call('GET', '/v1/things', { key })).status).toBe(200);
    const revoked = await api.call('DELETE', `/v1/api_keys/${id}`);
    expect(revoked.json).toMatchObject({ id, revoked_at: expect.stringMatching(/Z$/) });
    expect((await api.call('GET', '/v1/things', { key })).json).toMatchObject({ code: 'unauthenticated' });
    expect((await api.call('DELETE', `/v1/api_keys/${id}`)).json).toEqual(revoked.json);
  });

  test('a key that was revoked elsewhere is taken for 5 seconds at most', async () => {
    const { id, key } = await create();
    expect((await api.call('GET', '/v1/things', { key })).status).toBe(200);
    await api.get(Transactions).reader().nativeUpdate(ApiKey, { id }, { revoked_at: new Date() });
    aheadMs += 5001;
    expect((await api.call('GET', '/v1/things', { key })).status).toBe(401);
  });

  test('an expired key is refused', async () => {
    const { id, key } = await create({ name: 'Short', expires_at: '2999-01-01T00:00:00Z' });
    await api
      .get(Transactions)
      .reader()
      .nativeUpdate(ApiKey, { id }, { expires_at: new Date('2020-01-01T00:00:00Z') });
    const answer = await api.call('GET', '/v1/things', { key });
    expect(answer.json).toMatchObject({ status: 401, detail: 'This API key expired on 2020-01-01T00:00:00.000Z.' });
    const past = await api.call('POST', '/v1/api_keys', { body: { name: 'Past', expires_at: '2020-01-01T00:00:00Z' } });
    expect(past.json).toMatchObject({ status: 422, errors: [{ pointer: '/expires_at' }] });
  });

  test('an unknown id is not found', async () => {
    expect((await api.call('DELETE', '/v1/api_keys/key_none')).json).toMatchObject({ code: 'not_found' });
  });
});

test('the last use is noted, and again only a minute later', async () => {
  const { id, key } = await create();
  const usage = api.get(ApiKeyUsage);
  const lastUse = async () => {
    await api.call('GET', '/v1/things', { key });
    await usage.drain();
    return (await api.get(Transactions).reader().findOneOrFail(ApiKey, { id })).last_used_at?.getTime() ?? 0;
  };
  const first = await lastUse();
  expect(Math.abs(Date.now() - first)).toBeLessThan(10_000);
  expect(await lastUse()).toBe(first);
  aheadMs += 61_000;
  expect(await lastUse()).toBe(first);
  const aMinuteAgo = new Date(first - 61_000);
  await api.get(Transactions).reader().nativeUpdate(ApiKey, { id }, { last_used_at: aMinuteAgo });
  aheadMs += 61_000;
  expect(await lastUse()).toBeGreaterThanOrEqual(first);
});

function ensure(key: string): Promise<void> {
  return api.get(ApiKeys).ensureBootstrapKey(readEnv({ BOOTSTRAP_API_KEY: key }));
}

describe('BOOTSTRAP_API_KEY', () => {
  test.each(['gs_container_key_0123456789abcdef', `gs_test_${'0'.repeat(38)}`])(
    'exists after boot, taken as it is: %s',
    async (key) => {
      await ensure(key);
      await ensure(key);
      expect((await api.call('POST', '/v1/things', { key, body: { name: 'x' } })).status).toBe(201);
    },
  );

  test('without one there is nothing to do', async () => {
    const before = (await api.call('GET', '/v1/api_keys?limit=100')).text;
    await api.get(ApiKeys).ensureBootstrapKey(readEnv({}));
    expect((await api.call('GET', '/v1/api_keys?limit=100')).json['data']).toHaveLength(
      (JSON.parse(before) as { data: unknown[] }).data.length,
    );
  });

  test('one that was revoked does not come back by a restart', async () => {
    const key = 'gs_leaked_key_0123456789abcdef01';
    await ensure(key);
    await api.get(Transactions).reader().nativeUpdate(ApiKey, { last4: 'ef01' }, { revoked_at: new Date() });
    await ensure(key);
    expect(api.logLines.at(-1)).toContain('BOOTSTRAP_API_KEY was revoked');
    expect((await api.call('GET', '/v1/things', { key })).status).toBe(401);
  });
});
