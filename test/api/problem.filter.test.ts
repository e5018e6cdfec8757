import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

let api: ApiApp;
beforeAll(async () => {
  api = await startApiApp();
});
afterAll(() => api.close());

describe('problem+json', () => {
  test('a failure: its members, the request id, and the page of its type', async () => {
    const answer = await api.call('GET', '/v1/things/thing_9');
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json).toEqual({
      type: '/docs/errors#not_found',
      title: 'No such object',
      status: 404,
      detail: "There is no thing 'thing_9'.",
      code: 'not_found',
      request_id: answer.headers['request-id'],
      retryable: false,
    });
  });

  test('extension members, and Retry-After of a failure that a retry can help', async () => {
    const declined = await api.call('POST', '/v1/things', { body: { name: 'declined' } });
    expect(declined.json).toMatchObject({ status: 402, decline_code: 'insufficient_funds' });
    const away = await api.call('POST', '/v1/things', { body: { name: 'away' } });
    expect(away.json).toMatchObject({ status: 503, retryable: true });
    expect(away.headers['retry-after']).toBe('7');
  });

  test.each([
    ['GET', '/v1/nothing?token=x', 'There is no GET /v1/nothing.'],
    ['POST', '/', 'There is no POST /.'],
    ['PATCH', '/v1/things', 'There is no PATCH /v1/things.'],
  ] as const)('an unknown route: %s %s', async (method, url, detail) => {
    const answer = await api.call(method, url, { key: null });
    expect(answer.json).toMatchObject({ status: 404, code: 'route_not_found', detail });
    expect(answer.headers['request-id']).toBe(answer.json['request_id']);
  });

  test.each(['{"name": ', '', '{"__proto__": {"x": 1}}', 'name=x'])('malformed JSON: %j', async (rawBody) => {
    const answer = await api.call('POST', '/v1/things', { rawBody });
    expect(answer.json).toMatchObject({ status: 400, code: 'malformed_json' });
  });

  test('a URL that cannot be decoded', async () => {
    const answer = await api.call('GET', '/v1/things/%zz');
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({ status: 400, code: 'bad_request', request_id: answer.headers['request-id'] });
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data; boundary=x'])(
    'the media type %s',
    async (type) => {
      const answer = await api.call('POST', '/v1/things', { rawBody: 'name', headers: { 'content-type': type } });
      expect(answer.json).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    },
  );

  test('an unforeseen error shows nothing of itself, and is logged with its stack under the request id', async () => {
    const answer = await api.call('POST', '/v1/things', { body: { name: 'crash at table_of_secrets' } });
    expect(answer.json).toMatchObject({ status: 500, code: 'internal_error', retryable: true });
    expect(answer.text).not.toContain('table_of_secrets');
    const logged = api.logLines.find((line) => line.includes('table_of_secrets'));
    expect(JSON.parse(logged ?? '')).toMatchObject({
      level: 'error',
      request_id: answer.json['request_id'],
      err: { stack: expect.stringContaining('things.controller') },
    });
  });

  test('every answer has a request id; a sane one of the caller is taken, another is not', async () => {
    const own = await api.call('GET', '/health/live');
    expect(own.headers['request-id']).toMatch(/^req_[0-9a-f]{32}$/);
    const given = await api.call('GET', '/health/live', { headers: { 'x-request-id': 'trace-1.a:b_c' } });
    expect(given.headers['request-id']).toBe('trace-1.a:b_c');
    const odd = await api.call('GET', '/health/live', { headers: { 'x-request-id': 'a b<script>' } });
    expect(odd.headers['request-id']).toMatch(/^req_/);
    const long = await api.call('GET', '/health/live', { headers: { 'x-request-id': 'x'.repeat(129) } });
    expect(long.headers['request-id']).toMatch(/^req_/);
  });
});
