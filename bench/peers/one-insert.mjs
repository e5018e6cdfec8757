// What most people write first: verify, insert one row, answer. Prepared, and on as many connections as `pg` gives by default.
import pg from 'pg';
import { fastifyWithRawBodies, isSigned, listen } from './route.mjs';

const secret = process.env.STRIPE_WEBHOOK_SECRET;
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const insert = {
  name: 'insert_event',
  text: 'insert into events (id, type, created, payload) values ($1, $2, $3, $4) on conflict (id) do nothing',
};
const fastify = fastifyWithRawBodies();
fastify.post('/webhooks', async (request, reply) => {
  if (!isSigned(request.body, request.headers['stripe-signature'], secret)) return reply.code(400).send();
  const payload = request.body.toString('utf8');
  const { id, type, created } = JSON.parse(payload);
  await pool.query({ ...insert, values: [id, type, new Date(created * 1000), payload] });
  return reply.send({ received: true });
});
await listen(fastify);
