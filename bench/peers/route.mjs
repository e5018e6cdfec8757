// What every route here has in common: the raw bytes, and whether Stripe signed them.
import { createHmac, timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';

/** A Fastify that gives `/webhooks` its body as it came. */
export function fastifyWithRawBodies() {
  const fastify = Fastify();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  return fastify;
}

/** As quick as it can be done by hand: https://docs.stripe.com/webhooks#verify-manually */
export function isSigned(body, header, secret) {
  const [, timestamp = '', signature = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
  const given = Buffer.from(signature, 'hex');
  return (
    given.length === expected.length &&
    timingSafeEqual(given, expected) &&
    Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300
  );
}

/** Prints where it listens, for whoever has started it. */
export async function listen(fastify) {
  process.stdout.write(`${await fastify.listen({ port: 0, host: '127.0.0.1' })}\n`);
}
