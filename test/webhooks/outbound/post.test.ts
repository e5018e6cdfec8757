import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkedLookup } from '../../../src/webhooks/outbound/checked-lookup.js';
import { post } from '../../../src/webhooks/outbound/post.js';
import { startReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';

const strict = { loopback: false };
const development = { loopback: true };

let receiver: Receiver;
beforeEach(async () => void (receiver = await startReceiver()));
afterEach(() => receiver.close());

function request(url: string) {
  return { url, headers: { 'content-type': 'application/json', 'webhook-id': 'dev_1' }, body: '{"name":"Zoë"}' };
}

/** A name server that gives the next answer at each question. */
function resolving(...answers: LookupAddress[][]): typeof lookup {
  const resolve = (_name: string, _options: unknown, callback: (error: null, addresses: LookupAddress[]) => void) =>
    callback(null, answers.shift() ?? []);
  return Object.assign(resolve, lookup);
}

describe('post', () => {
  test('sends the body as it is', async () => {
    const outcome = await post(request(receiver.url), { rule: development });
    expect(outcome).toEqual({ status_code: 200, error: null, response_body: 'thank you' });
    expect(receiver.received).toMatchObject([
      { body: '{"name":"Zoë"}', headers: { 'webhook-id': 'dev_1', 'content-length': '15' } },
    ]);
  });

  test('tells an answer that is not 2xx', async () => {
    receiver.answer = (response) => response.writeHead(503).end('later');
    const outcome = await post(request(receiver.url), { rule: development });
    expect(outcome).toEqual({ status_code: 503, error: 'The receiver answered 503.', response_body: 'later' });
  });

  test('follows no redirect', async () => {
    const inner = await startReceiver();
    receiver.answer = (response) => response.writeHead(307, { location: inner.url }).end();
    const outcome = await post(request(receiver.url), { rule: development });
    expect(outcome).toMatchObject({ status_code: 307, error: 'The receiver answered 307.' });
    expect(inner.connections).toBe(0);
    await inner.close();
  });

  test('keeps 2 KB of an answer without end, and no NUL, which PostgreSQL would refuse', async () => {
    receiver.answer = (response) => {
      const write = () => {
        while (response.write(`\0${'x'.repeat(1023)}`));
      };
      response.on('drain', write);
      write();
    };
    const outcome = await post(request(receiver.url), { rule: development });
    expect(outcome).toMatchObject({ status_code: 200, error: null });
    expect(outcome.response_body).toBe(`\uFFFD${'x'.repeat(1023)}`.repeat(2));
  });

  test('gives up on a receiver that does not answer', async () => {
    receiver.answer = () => {};
    const outcome = await post(request(receiver.url), { rule: development, timeoutMs: 50 });
    expect(outcome).toEqual({ status_code: null, error: 'No answer within 0.05 s.', response_body: null });
  });

  test('counts a 2xx whose body never ends as delivered', async () => {
    receiver.answer = (response) => response.write('almost');
    const outcome = await post(request(receiver.url), { rule: development, timeoutMs: 200 });
    expect(outcome).toEqual({ status_code: 200, error: null, response_body: 'almost' });
  });

  test('reports a receiver that is away', async () => {
    const away = await startReceiver();
    await away.close();
    const outcome = await post(request(away.url), { rule: development });
    expect(outcome).toMatchObject({ status_code: null, error: expect.stringContaining('ECONNREFUSED') });
  });
});

/** The same local port, however it may be written. */
function urlsOf(port: number): string[] {
  return [
    `http://127.0.0.1:${port}/`,
    `http://127.1:${port}/`,
    `http://127.0.0.1.:${port}/`,
    `http://2130706433:${port}/`,
    `http://0x7f000001:${port}/`,
    `http://0x7f.1:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://017700000001:${port}/`,
    `http://%31%32%37.0.0.1:${port}/`,
    `http://①②⑦.⓪.⓪.①:${port}/`,
    `http://127。0。0。1:${port}/`,
    `http://0:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://[::ffff:7f00:1]:${port}/`,
    `http://[0:0:0:0:0:ffff:127.0.0.1]:${port}/`,
    `http://localhost:${port}/`,
    `http://LOCALHOST:${port}/`,
  ];
}

describe('post into private networks', () => {
  test('makes no connection, however the address is written', async () => {
    for (const url of urlsOf(receiver.port)) {
      const outcome = await post(request(url), { rule: strict });
      expect({ url, ...outcome }).toEqual({
        url,
        status_code: null,
        response_body: null,
        error: expect.stringContaining('not a public address'),
      });
    }
    expect(receiver.connections).toBe(0);
  });

  test('reaches the same receiver where loopback is allowed, so it is the rule that refuses', async () => {
    await post(request(`http://0x7f.1:${receiver.port}/`), { rule: development });
    await post(request(`http://localhost:${receiver.port}/`), { rule: development });
    expect(receiver.received).toHaveLength(2);
  });

  test('a name that leads inwards is refused, also when only one of its addresses does', async () => {
    const both = resolving([
      { address: '8.8.8.8', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
    const outcome = await post(request(`http://app.example:${receiver.port}/`), {
      rule: strict,
      lookup: checkedLookup(strict, both),
    });
    expect(outcome.error).toBe('app.example (127.0.0.1) is not a public address; no connection was made');
    expect(receiver.connections).toBe(0);
  });

  test('a name that changes between two questions is judged at each connection', async () => {
    const rebinding = resolving([{ address: '127.0.0.1', family: 4 }], [{ address: '10.0.0.1', family: 4 }]);
    const reach = { rule: development, lookup: checkedLookup(development, rebinding) };
    const url = `http://app.example:${receiver.port}/`;
    expect(await post(request(url), reach)).toMatchObject({ status_code: 200 });
    expect(await post(request(url), reach)).toMatchObject({ error: expect.stringContaining('10.0.0.1') });
    expect(receiver.connections).toBe(1);
  });

  test('a name without an address is an error, not a crash', async () => {
    const outcome = await post(request('http://app.example/'), {
      rule: strict,
      lookup: checkedLookup(strict, resolving([])),
    });
    expect(outcome.error).toBe('app.example has no address');
  });
});
