import { createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureInvalid } from './inbound.errors.js';

/** Both ways: Stripe's SDK lets stamps from the future pass, and every stamp when its tolerance is 0. */
export const TOLERANCE_SECONDS = 300;

/**
 * Verifies Stripe's signature over the raw bytes: scheme v1, any signature of the header (several while a secret is
 * rolled) by any configured secret. https://docs.stripe.com/webhooks#verify-manually
 * @param now real time in seconds: this is machine time.
 * @throws SignatureInvalid saying what is wrong, and nothing about the right signature.
 */
export function verifySignature(
  body: Buffer,
  header: string | undefined,
  secrets: readonly string[],
  now: number,
): void {
  if (!header) throw new SignatureInvalid('The Stripe-Signature header is missing.');
  const { timestamp, signatures } = parseHeader(header);
  if (timestamp === null) throw new SignatureInvalid('The Stripe-Signature header has no valid timestamp.');
  if (signatures.length === 0) throw new SignatureInvalid('The Stripe-Signature header has no signature of scheme v1.');
  if (
    !secrets.some((secret) => signatures.some((signature) => timingSafeEqual(signature, sign(body, timestamp, secret))))
  ) {
    throw new SignatureInvalid(
      'No signature matches this body: it was changed on its way, or is signed with another secret.',
    );
  }
  const seconds = Number(timestamp);
  if (Math.abs(now - seconds) > TOLERANCE_SECONDS) {
    throw new SignatureInvalid(
      `The signature's timestamp is more than ${TOLERANCE_SECONDS} seconds away from this server's clock.`,
    );
  }
}

function sign(body: Buffer, timestamp: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
}

function parseHeader(header: string): { timestamp: string | null; signatures: Buffer[] } {
  const pairs = header.split(',').map((part) => part.trim().split('=', 2));
  const stamp = pairs.find(([key]) => key === 't')?.[1] ?? '';
  const signatures = pairs.flatMap(([key, value]) =>
    key === 'v1' && value && /^[0-9a-f]{64}$/.test(value) ? [Buffer.from(value, 'hex')] : [],
  );
  return { timestamp: /^\d{1,12}$/.test(stamp) ? stamp : null, signatures };
}
