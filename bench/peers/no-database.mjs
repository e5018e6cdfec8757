// The least a webhook route can do: verify, read, answer. What a request costs before anything is kept.
import { fastifyWithRawBodies, isSigned, listen } from './route.mjs';

const secret = process.env.STRIPE_WEBHOOK_SECRET;
const fastify = fastifyWithRawBodies();
fastify.post('/webhooks', (request, reply) => {
  if (!isSigned(request.body, request.headers['stripe-signature'], secret)) return reply.code(400).send();
  JSON.parse(request.body);
  return reply.send({ received: true });
});
await listen(fastify);
