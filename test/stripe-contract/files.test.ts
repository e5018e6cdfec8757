import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref, until } from './support.js';

const c = contract();
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const upload = (purpose: Stripe.FileCreateParams.Purpose, name: string, data: Buffer = PNG) =>
  c.stripe.files.create({ purpose, file: { data, name, type: 'application/octet-stream' } });

// https://docs.stripe.com/file-upload
describe('a file', () => {
  test.each([
    ['dispute_evidence', true, true],
    ['business_icon', false, true],
    ['identity_document', false, false],
  ] as const)('for %s expires: %s, can be downloaded: %s', async (purpose, expires, downloadable) => {
    const file = await upload(purpose, 'paper.png');
    expect(file).toMatchObject({ object: 'file', filename: 'paper.png', purpose, size: PNG.length, type: 'png' });
    expect(file.expires_at !== null).toBe(expires);
    expect(file.url !== null).toBe(downloadable);
    if (file.url !== null) expect(file.url).toContain(`/v1/files/${file.id}/contents`);
  });

  test('is listed by its purpose', async () => {
    const { id } = await upload('business_logo', 'logo.png');
    const { data } = await c.stripe.files.list({ purpose: 'business_logo', limit: 100 });
    expect(data.map((file) => file.id)).toContain(id);
    expect(new Set(data.map(({ purpose }) => purpose))).toEqual(new Set(['business_logo']));
  });

  test.each([
    ['too large', 'business_icon', 'large.png', Buffer.concat([PNG, Buffer.alloc(600_000)])],
    ['empty', 'dispute_evidence', 'empty.png', Buffer.alloc(0)],
    ['of another kind', 'dispute_evidence', 'notes.txt', Buffer.from('only words')],
  ] as const)('that is %s is refused', async (_what, purpose, name, data) => {
    expect((await failure(upload(purpose, name, data))).statusCode).toBe(400);
  });
});

describe('a dispute', () => {
  test('shows the files of its evidence, its charge and its intent when asked', async () => {
    const intent = await c.stripe.paymentIntents.create({
      amount: 4200,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_createDispute',
      return_url: 'https://example.com/done',
    });
    const payment_intent = intent.id;
    const { data } = await until(
      () => c.stripe.disputes.list({ payment_intent }),
      (found) => found.data.length > 0,
    );
    const id = data[0]?.id ?? '';
    const [receipt, service_documentation] = [
      await upload('dispute_evidence', 'receipt.png'),
      await upload('dispute_evidence', 'service.png'),
    ];
    await c.stripe.disputes.update(id, {
      evidence: { receipt: receipt.id, service_documentation: service_documentation.id },
      submit: false,
    });
    const shown = await c.stripe.disputes.retrieve(id, {
      expand: [
        'evidence.receipt',
        'evidence.service_documentation',
        'evidence.refund_policy',
        'charge',
        'payment_intent',
      ],
    });
    expect(shown).toMatchObject({
      charge: { id: ref(intent.latest_charge), disputed: true },
      evidence: {
        receipt: { id: receipt.id, object: 'file' },
        service_documentation: { id: service_documentation.id },
        refund_policy: null,
      },
      payment_intent: { id: payment_intent },
    });
  });

  test('takes as evidence only files that there are', async () => {
    const intent = await c.stripe.paymentIntents.create({
      amount: 4200,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_createDispute',
      return_url: 'https://example.com/done',
    });
    const { data } = await until(
      () => c.stripe.disputes.list({ payment_intent: intent.id }),
      (found) => found.data.length > 0,
    );
    const call = c.stripe.disputes.update(data[0]?.id ?? '', { evidence: { receipt: 'file_none' }, submit: false });
    expect(await failure(call)).toMatchObject({ statusCode: 400, code: 'resource_missing' });
  });
});
