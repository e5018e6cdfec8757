import { describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { SignatureInvalid } from '../../../src/webhooks/inbound/inbound.errors.js';
import { verifySignature } from '../../../src/webhooks/inbound/verify-signature.js';

const SECRET = 'whsec_current';
const OLD = 'whsec_old';
const NOW = 1_770_000_000;
const body = Buffer.from('{"id":"evt_1"}');

function header(secret: string, timestamp = NOW, payload = body.toString()): string {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
}

function verify(value: string | undefined, secrets = [SECRET], bytes = body): void {
  verifySignature(bytes, value, secrets, NOW);
}

describe('passes', () => {
  test.each([
    ["Stripe's own header", header(SECRET)],
    ['299 s old', header(SECRET, NOW - 299)],
    ['299 s ahead', header(SECRET, NOW + 299)],
    ['a second, foreign v1 signature', `${header(SECRET)},v1=${'a'.repeat(64)}`],
    ['a v0 signature beside it', `${header(SECRET)},v0=${'a'.repeat(64)}`],
    ['spaces after commas', header(SECRET).replaceAll(',', ', ')],
  ])('%s', (_, value) => expect(() => verify(value)).not.toThrow());

  test('both secrets during rotation', () => {
    expect(() => verify(header(OLD), [SECRET, OLD])).not.toThrow();
    expect(() => verify(header(SECRET), [SECRET, OLD])).not.toThrow();
  });

  test('bytes that are not UTF-8', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    expect(() => verify(stamped(String(NOW), bytes), [SECRET], bytes)).not.toThrow();
  });
});

describe('refused', () => {
  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another secret', header('whsec_other')],
    ['only scheme v0', header(SECRET).replace('v1=', 'v0=')],
    ['301 s old', header(SECRET, NOW - 301)],
    ['301 s ahead', header(SECRET, NOW + 301)],
    ['a timestamp that is no number', stamped('NaN')],
    ['a timestamp in exponent form', stamped(`${NOW / 1e9}e9`)],
    ['no timestamp', header(SECRET).replace(/t=\d+,/, '')],
    ['another timestamp than the one signed', header(SECRET).replace(/t=\d+/, `t=${NOW - 1}`)],
    ['a signature cut short', header(SECRET).slice(0, -2)],
    ['a changed body', header(SECRET, NOW, '{"id":"evt_2"}')],
  ])('%s', (_, value) => expect(() => verify(value)).toThrow(SignatureInvalid));

  test('by no secret at all', () => expect(() => verify(header(SECRET), [])).toThrow(SignatureInvalid));
});

/** Signed as it stands, whatever the stamp is: what Stripe's own function for it would not do. */
function stamped(stamp: string, bytes = body): string {
  return `t=${stamp},v1=${createHmac('sha256', SECRET).update(`${stamp}.`).update(bytes).digest('hex')}`;
}
