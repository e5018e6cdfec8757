import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 32;
/** 62^6 holds every 32-bit checksum. */
const CHECKSUM_LENGTH = 6;
const MADE_HERE = new RegExp(`^(gs_(?:test|live)_[0-9A-Za-z]{${RANDOM_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

/** `gs_test_` or `gs_live_`, 32 random characters (190 bits), and a checksum of all before it. */
export function newApiKey(mode: 'test' | 'live'): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => BASE62[randomInt(BASE62.length)]).join('');
  const body = `gs_${mode}_${random}`;
  return body + checksum(body);
}

/** True for a key of our own making with a checksum that does not fit: a typo, which needs no look-up. */
export function isMistyped(key: string): boolean {
  const [, body, sum] = MADE_HERE.exec(key) ?? [];
  return body !== undefined && checksum(body) !== sum;
}

/** Keys are random, so a plain hash is as good as a slow one: there is no dictionary to try. */
export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The key in an Authorization header: `Bearer <key>`, or Basic with the key as user name, as Stripe takes it. */
export function presentedKey(header: string | undefined): string | null {
  const [, scheme, credentials] = /^(bearer|basic)\s+(\S+)\s*$/i.exec(header ?? '') ?? [];
  if (scheme === undefined || credentials === undefined) return null;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  return Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0] || null;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  while (digits.length < CHECKSUM_LENGTH) {
    digits = `${BASE62[rest % 62]}${digits}`;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
