import { once } from 'node:events';
import { request } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

let api: ApiApp;
let port: number;
beforeAll(async () => {
  api = await startApiApp();
  await api.app.listen(0, '127.0.0.1');
  port = Number(new URL(await api.app.getUrl()).port);
});
afterAll(() => api.close());

/** Sends bytes as they are, and gives back everything that comes until the server hangs up. */
async function sendBytes(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('utf8');
}

/** A body of exactly so many bytes. */
function ofSize(bytes: number): string {
  return JSON.stringify({ name: 'x'.repeat(bytes - 11) });
}

describe('bodies', () => {
  test.each([
    ['/v1/things', 256 * 1024, 201],
    ['/v1/things', 256 * 1024 + 1, 413],
  ])('%s takes %i bytes: %i', async (url, bytes, status) => {
    const answer = await api.call('POST', url, { rawBody: ofSize(bytes) });
    expect(answer.status).toBe(status);
    if (status === 413) expect(answer.json).toMatchObject({ code: 'payload_too_large' });
  });

  test('a body that does not say its size is counted as it comes', async () => {
    const sent = request({ port, method: 'POST', path: '/v1/things', headers: { 'content-type': 'application/json' } });
    sent.on('error', () => undefined);
    const answered = once(sent, 'response');
    sent.write(ofSize(300 * 1024));
    sent.end();
    const [response] = (await answered) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(413);
  });
});

describe('what is no HTTP request', () => {
  test.each([
    ['nonsense', 'nonsense\r\n\r\n', 400, 'bad_request'],
    ['headers too large', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('%s is answered by a problem too', async (_what, bytes, status, code) => {
    const answer = await sendBytes(bytes);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code, request_id: expect.stringMatching(/^req_/) });
    expect(head).toContain(`Request-Id: ${(JSON.parse(body) as { request_id: string }).request_id}`);
  });

  test('a client that sends its headers or body too slowly is cut off within 10 seconds', async () => {
    const server = api.app.getHttpServer() as { headersTimeout: number; requestTimeout: number };
    expect(server).toMatchObject({ headersTimeout: 7_000, requestTimeout: 7_000 });
    Object.assign(server, { headersTimeout: 100, requestTimeout: 100 });
    const [headers, body] = await Promise.all([
      sendBytes('GET /health/live HTTP/1.1\r\nHost: x\r\n'),
      sendBytes('POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{'),
    ]);
    expect(headers).toMatch(/^HTTP\/1.1 408 [^]*"code":"request_timeout"/);
    expect(body).toMatch(/^HTTP\/1.1 408 [^]*"code":"request_timeout"/);
    Object.assign(server, { headersTimeout: 7_000, requestTimeout: 7_000 });
  });
});

test('a connection that has brought nothing does not hold up the end', async () => {
  const other = await startApiApp();
  await other.app.listen(0, '127.0.0.1');
  const server: Server = other.app.getHttpServer();
  const accepted = once(server, 'connection');
  const silent = connect(Number(new URL(await other.app.getUrl()).port), '127.0.0.1');
  await accepted;
  const begun = performance.now();
  await Promise.all([other.close(), once(silent, 'close')]);
  expect(performance.now() - begun).toBeLessThan(5000);
});

describe('headers', () => {
  test('security headers on every answer, errors too', async () => {
    for (const url of ['/health/live', '/v1/nothing', '/v1/things']) {
      const { headers } = await api.call('GET', url, { key: null });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'content-security-policy': expect.stringContaining("default-src 'self'"),
        'strict-transport-security': expect.stringContaining('max-age='),
      });
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  test('CORS is closed', async () => {
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' };
    const preflight = await api.call('OPTIONS', '/v1/things', { headers });
    const simple = await api.call('GET', '/v1/things', { headers });
    expect(preflight.status).toBe(404);
    for (const answer of [preflight, simple]) {
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});
