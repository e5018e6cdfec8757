// @supabase/stripe-sync-engine behind Fastify, as its own server has it:
// https://github.com/supabase/stripe-sync-engine/blob/main/packages/fastify-app/src/routes/webhooks.ts
// With `migrate` it makes its tables and ends. It never asks Stripe anything here: related objects are not fetched
// (`backfillRelatedEntities`), lists are not expanded, nothing is revalidated; and it logs nothing. All of that favours it.
import { createRequire } from 'node:module';
import { fastifyWithRawBodies, listen } from './route.mjs';

// Its ES module looks for its migrations by `__dirname`, which there is none of.
const { runMigrations, StripeSync } = createRequire(import.meta.url)('@supabase/stripe-sync-engine');

const { DATABASE_URL, STRIPE_API_VERSION, STRIPE_WEBHOOK_SECRET } = process.env;
if (process.argv[2] === 'migrate') await migrate();
else await serve();

async function migrate() {
  // A failure is told to the logger alone.
  const logger = {
    info() {},
    error(error) {
      process.stderr.write(`${error.stack}\n`);
      process.exitCode = 1;
    },
  };
  await runMigrations({ databaseUrl: DATABASE_URL, schema: 'stripe', logger });
}

async function serve() {
  const sync = new StripeSync({
    poolConfig: { connectionString: DATABASE_URL, max: 10 },
    schema: 'stripe',
    stripeSecretKey: 'sk_test_bench',
    stripeWebhookSecret: STRIPE_WEBHOOK_SECRET,
    stripeApiVersion: STRIPE_API_VERSION,
    autoExpandLists: false,
    backfillRelatedEntities: false,
  });
  const fastify = fastifyWithRawBodies();
  fastify.post('/webhooks', async (request, reply) => {
    try {
      await sync.processWebhook(request.body, request.headers['stripe-signature']);
    } catch (error) {
      return reply.code(400).send(`Webhook Error: ${error.message}`);
    }
    return reply.send({ received: true });
  });
  await listen(fastify);
}
