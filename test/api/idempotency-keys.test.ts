import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { IdempotencyKeys } from '../../src/api/idempotency-keys.js';
import { startApiApp } from './support.js';
import type { Answer, ApiApp } from './support.js';
import { ThingsController } from './things.controller.js';

let api: ApiApp;
let database: pg.Client;
beforeAll(async () => {
  api = await startApiApp();
  database = new pg.Client({ connectionString: api.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await api.close();
});
beforeEach(() => {
  ThingsController.executions = 0;
});

let count = 0;
const newKey = () => `order-${(count += 1)}`;

function post(key: string, body: object, url = '/v1/things'): Promise<Answer> {
  return api.call('POST', url, { body, headers: { 'idempotency-key': key } });
}

async function state(key: string): Promise<string | undefined> {
  const { rows } = await database.query('select state from idempotency_keys where key = $1', [key]);
  return (rows as Array<{ state: string }>)[0]?.state;
}

describe('the same request again', () => {
  test('gets the first answer byte for byte, and nothing happens again', async () => {
    const key = newKey();
    const first = await post(key, { name: 'größe ✓' });
    const again = await post(key, { name: 'größe ✓' });
    expect(first.status).toBe(201);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(again.status).toBe(201);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(again.text).toBe(first.text);
    expect(ThingsController.executions).toBe(1);
  });

  test.each(['declined', 'unfit', 'conflict'])('a 4xx of an endpoint that had begun is kept: %s', async (name) => {
    const key = newKey();
    const first = await post(key, { name });
    const again = await post(key, { name });
    expect(again.status).toBe(first.status);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(again.text).toBe(first.text);
    expect(again.headers['request-id']).not.toBe(first.headers['request-id']);
    expect(ThingsController.executions).toBe(1);
  });

  test.each(['crash', 'away', 'limited'])(
    'a 5xx or 429 is not kept, so that a retry is worked on: %s',
    async (name) => {
      const key = newKey();
      await post(key, { name });
      await post(key, { name });
      expect(ThingsController.executions).toBe(2);
    },
  );

  test('input that was refused before anything began is not kept, and the key stays free for the mended request', async () => {
    const key = newKey();
    expect((await post(key, { nam: 'x' })).status).toBe(422);
    expect((await post(key, { name: 'x' })).status).toBe(201);
    expect(ThingsController.executions).toBe(1);
  });

  test('another API key has its own keys', async () => {
    const key = newKey();
    await post(key, { name: 'x' });
    const other = await api.call('POST', '/v1/api_keys', { body: { name: 'Other' } });
    const headers = { 'idempotency-key': key };
    const answer = await api.call('POST', '/v1/things', {
      key: String(other.json['key']),
      body: { name: 'y' },
      headers,
    });
    expect(answer.status).toBe(201);
    expect(ThingsController.executions).toBe(2);
  });

  test('an answer that is shown once is stored sealed', async () => {
    const key = newKey();
    const first = await post(key, { name: 'Secret' }, '/v1/api_keys');
    expect((await post(key, { name: 'Secret' }, '/v1/api_keys')).text).toBe(first.text);
    const { rows } = await database.query('select body from idempotency_keys where key = $1', [key]);
    const [row] = rows as Array<{ body: Buffer }>;
    expect(row?.body.includes('api_key')).toBe(false);
    expect(row?.body.includes(String(first.json['key']))).toBe(false);
  });

  test('without the header each request is worked on', async () => {
    await api.call('POST', '/v1/things', { body: { name: 'x' } });
    await api.call('POST', '/v1/things', { body: { name: 'x' } });
    expect(ThingsController.executions).toBe(2);
  });
});

describe('another request', () => {
  test.each([
    ['body', '/v1/things', { name: 'y' }],
    ['path', '/v1/things?x=1', { name: 'x' }],
  ])('with another %s is refused', async (_what, url, body) => {
    const key = newKey();
    await post(key, { name: 'x' });
    const answer = await post(key, body, url);
    expect(answer.json).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    expect(ThingsController.executions).toBe(1);
  });

  test('a key that is too long or empty is refused', async () => {
    for (const key of ['x'.repeat(256), '']) {
      const answer = await post(key, { name: 'x' });
      expect(answer.json).toMatchObject({ status: 422, errors: [{ pointer: 'Idempotency-Key' }] });
    }
    expect((await post('x'.repeat(255), { name: 'x' })).status).toBe(201);
  });
});

describe('in flight', () => {
  test('the same request is told to wait, then gets the answer', async () => {
    const key = newKey();
    const started = once(ThingsController.slow, 'started');
    const first = post(key, { name: 'slow' });
    await started;
    const waiting = await post(key, { name: 'slow' });
    expect(waiting.json).toMatchObject({ status: 409, code: 'idempotency_key_in_use', retryable: true });
    expect(waiting.headers['retry-after']).toBe('1');
    expect((await post(key, { name: 'other' })).json).toMatchObject({ code: 'idempotency_key_reused' });
    ThingsController.slow.emit('finish');
    const { text } = await first;
    expect((await post(key, { name: 'slow' })).text).toBe(text);
    expect(ThingsController.executions).toBe(1);
  });

  test('of many at once one is worked on', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(key, { name: 'x' })));
    expect(ThingsController.executions).toBe(1);
    const bodies = new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text));
    expect(bodies.size).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
  });

  test('a claim whose owner died is taken over after 60 seconds, by the same request alone', async () => {
    const key = newKey();
    await post(key, { name: 'x' });
    const die = (secondsAgo: number) =>
      database.query(
        `update idempotency_keys set state = 'started', owner = 'dead', status = null, body = null,
         claimed_at = now() - make_interval(secs => $2) where key = $1`,
        [key, secondsAgo],
      );
    await die(50);
    expect((await post(key, { name: 'x' })).status).toBe(409);
    await die(61);
    expect((await post(key, { name: 'y' })).json).toMatchObject({ code: 'idempotency_key_reused' });
    expect((await post(key, { name: 'x' })).status).toBe(201);
    expect(ThingsController.executions).toBe(2);
  });

  test('a caller who hangs up finds the answer with the same key', async () => {
    await api.app.listen(0, '127.0.0.1');
    const { port } = new URL(await api.app.getUrl());
    const key = newKey();
    const body = JSON.stringify({ name: 'slow' });
    const started = once(ThingsController.slow, 'started');
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.key}\r\nIdempotency-Key: ${key}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await started;
    socket.destroy();
    await once(socket, 'close');
    ThingsController.slow.emit('finish');
    while ((await state(key)) !== 'done');
    const answer = await post(key, { name: 'slow' });
    expect(answer.status).toBe(201);
    expect(answer.headers['idempotent-replayed']).toBe('true');
    expect(ThingsController.executions).toBe(1);
  });
});

test('keys are forgotten after 24 hours', async () => {
  const [old, young] = [newKey(), newKey()];
  await post(old, { name: 'x' });
  await post(young, { name: 'x' });
  const age = (hours: number) =>
    database.query('update idempotency_keys set created_at = now() - make_interval(hours => $2) where key = $1', [
      old,
      hours,
    ]);
  await age(25);
  expect((await post(old, { name: 'another' })).status).toBe(201);
  await age(25);
  expect(await api.get(IdempotencyKeys).prune()).toBe(1);
  expect(await state(old)).toBeUndefined();
  expect(await state(young)).toBe('done');
});
