import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Logger } from '@nestjs/common';
import { scrubLine } from '../../src/api/logging.js';
import { addToContext, withContext } from '../../src/api/request-context.js';
import { scrubText } from '../../src/api/scrub.js';
import { startApiApp } from './support.js';
import type { ApiApp } from './support.js';

// Put together here, so that no scanner takes them for real ones.
const SECRETS = [
  ['sk', 'live', '51HxAbCdEfGhIjKlMnOp'].join('_'),
  ['rk', 'test', 'AbCdEfGhIjKlMnOpQrSt'].join('_'),
  ['whsec', 'AbCdEfGh+IjKl/MnOpQrSt=='].join('_'),
  ['gs', 'test', 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AB'].join('_'),
  ['gs', 'container_key_0123456789abcdef'].join('_'),
];
const CARDS = [
  '4242424242424242',
  '4242 4242 4242 4242',
  '4242-4242-4242-4242',
  '378282246310005',
  '6205500000000000004',
];
const LATER = /AbCdEfGh|51Hx|IjKl|0123456789abcdef/;

/** Where a secret may stand. */
function places(secret: string): string[] {
  return [
    secret,
    `failed with ${secret}.`,
    `"${secret}"`,
    `line\n${secret}\nline`,
    JSON.stringify({ nested: JSON.stringify({ note: `\n${secret}` }) }),
    `https://example.com/x?key=${secret}&a=1`,
    `https://example.com/x?key%3D${encodeURIComponent(secret)}%26`,
    `key_${secret}`,
  ];
}

describe('scrubbing text', () => {
  test.each(SECRETS)('%s is gone, wherever it stands', (secret) => {
    for (const text of places(secret)) expect(scrubText(text)).not.toMatch(LATER);
  });

  test.each(CARDS)('the card number %s is gone, wherever it stands', (card) => {
    for (const text of places(card)) {
      expect(scrubText(text)).toContain('[redacted]');
      expect(scrubText(text).replaceAll(/\D/g, '').length).toBeLessThan(6);
    }
  });

  test.each([
    ['pi_3AbC_secret_XyZ012', 'pi_3AbC_secret_[redacted]'],
    ['Authorization: Bearer abcdefgh.ijkl-1', 'Authorization: Bearer [redacted]'],
    ['Authorization: Basic Z3NfeDp5enp6', 'Authorization: Basic [redacted]'],
    ['Cookie: session=abc; b=c', 'Cookie: [redacted]'],
    [`stripe-signature: t=1,v1=${'ab'.repeat(32)}`, 'stripe-signature: t=1,v1=[redacted]'],
    ['postgres://app:hunter2@db:5432/x', 'postgres://app:[redacted]@db:5432/x'],
  ])('%s', (text, scrubbed) => {
    expect(scrubText(text)).toBe(scrubbed);
  });

  test.each([
    '4242424242424241',
    '2026-11-21T13:22:49.123Z',
    'key_019aa5e1f2b374219aa5e1f2b3742424',
    'settings_for_everybody_who_reads_this_text',
    'order 12345',
    'evt_1AbCdEfGhIjKlMnOp',
  ])('what is no secret stays: %s', (text) => {
    expect(scrubText(text)).toBe(text);
  });

  test('a line stays JSON, whatever is in it', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(...SECRETS, ...CARDS), (json, secret) => {
        const line = scrubLine(JSON.stringify({ value: JSON.parse(json) as unknown, [secret]: [secret, { secret }] }));
        expect(() => JSON.parse(line) as unknown).not.toThrow();
        expect(line).not.toContain(secret);
      }),
    );
  });
});

describe('log lines', () => {
  let api: ApiApp;
  beforeAll(async () => {
    api = await startApiApp();
  });
  afterAll(() => api.close());

  test('hold no planted secret: messages, stacks, causes, nested objects, names, numbers, URLs', async () => {
    const [secretKey = '', , webhookSecret = '', apiKey = ''] = SECRETS;
    const logger = new Logger('Planted');
    const from = api.logLines.length;
    logger.error(new Error(`charge of 4242424242424242 failed\n${secretKey}`, { cause: new Error(webhookSecret) }));
    logger.log({ deep: [{ headers: { authorization: 'anything', 'Stripe-Signature': 't=1', cookie: 'a=b' } }] });
    logger.log({ card: 4242424242424242, [apiKey]: true, client_secret: 'pi_1_secret_abc', url: `/x?k=${apiKey}` });
    logger.warn(`${apiKey} at https://u:hunter2@host/?c=4242+4242+4242+4242`);
    await api.call('POST', '/v1/things', { body: { name: `crash ${secretKey} 5555-5555-5555-4444` } });
    await api.call('GET', `/v1/things/${apiKey}?token=${webhookSecret}`, { key: apiKey });
    const written = api.logLines.slice(from);
    expect(written.length).toBeGreaterThanOrEqual(7);
    for (const line of written) {
      expect(line).not.toMatch(LATER);
      expect(line).not.toMatch(/4242|5555|hunter2|anything|t=1|a=b|_secret_abc/);
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.stringMatching(/Z$/) });
    }
  });

  test('carry the request, the API key and the customer; a line per request without its query', async () => {
    const answer = await api.call('POST', '/v1/customers/cus_42/log?email=a@example.com', { body: {} });
    const fields = {
      request_id: answer.headers['request-id'],
      api_key_id: expect.stringMatching(/^key_/),
      customer_id: 'cus_42',
    };
    const ofRequest = api.logLines.filter((line) => line.includes(String(answer.headers['request-id'])));
    const lines = ofRequest.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toEqual([
      expect.objectContaining({ ...fields, level: 'info', msg: 'from within' }),
      expect.objectContaining({
        ...fields,
        msg: 'request',
        method: 'POST',
        path: '/v1/customers/cus_42/log',
        status: 200,
      }),
    ]);
    expect(ofRequest.join('')).not.toContain('example.com');
  });

  test('outside of requests: the event that is worked on', () => {
    withContext({ event_id: 'evt_1' }, () => {
      addToContext({ customer_id: 'cus_1' });
      withContext({ request_id: 'job' }, () => new Logger('Job').log('working'));
    });
    expect(JSON.parse(api.logLines.at(-1) ?? '')).toMatchObject({
      msg: 'working',
      event_id: 'evt_1',
      customer_id: 'cus_1',
      request_id: 'job',
      context: 'Job',
    });
    new Logger('Job').log('over');
    expect(api.logLines.at(-1)).not.toContain('evt_1');
  });
});
