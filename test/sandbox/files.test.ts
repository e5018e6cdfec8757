import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { TestSandbox } from './support.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
let world: TestSandbox;
beforeAll(async () => {
  world = await TestSandbox.start();
});
afterAll(() => world.close());

const upload = (purpose: Stripe.FileCreateParams.Purpose, name = 'paper.png', data = PNG) =>
  world.stripe.files.create({ purpose, file: { data, name, type: 'application/octet-stream' } });
const download = (url: string, key = 'sk_test_123') =>
  fetch(url, { headers: key === '' ? {} : { authorization: `Bearer ${key}` } });

describe('what is in a file', () => {
  test('comes back byte for byte, to whoever has the key', async () => {
    const { id, url } = await upload('dispute_evidence');
    expect(url).toBe(`${world.sandbox.url}/v1/files/${id}/contents`);
    const answer = await download(url ?? '');
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG);
    expect((await download(url ?? '', '')).status).toBe(401);
  });

  test('stays with Stripe where it shows who somebody is', async () => {
    const { id, url } = await upload('identity_document');
    expect(url).toBeNull();
    expect((await download(`${world.sandbox.url}/v1/files/${id}/contents`)).status).toBe(400);
    expect((await download(`${world.sandbox.url}/v1/files/file_none/contents`)).status).toBe(404);
  });

  test('is not in the log of requests', async () => {
    await upload('tax_document_user_upload', 'tax.csv', Buffer.alloc(100_000, 'a'));
    const log = JSON.stringify(await world.control('GET', 'requests'));
    expect(log).not.toContain(Buffer.alloc(3_000, 'a').toString('base64'));
    expect(log).toContain('tax.csv');
  });
});
