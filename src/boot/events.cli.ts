import { NestFactory } from '@nestjs/core';
import { readEnv } from '../../config/env.js';
import type { Env } from '../../config/env.js';
import type { Runtime } from '../../config/runtime.js';
import { AppModule } from '../app.module.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';
import { Transactions } from '../database/transactions.js';
import { Boss } from '../jobs/boss.js';
import { eventsCommand } from '../webhooks/inbound/events-command.js';
import { WebhookReplays } from '../webhooks/inbound/webhook-replays.js';
import { SANDBOX_KEY } from './development-memory.js';
import { endSignal } from './end-signal.js';
import { explain } from './explain.js';

/** Speaks to the database, so that it needs no API key and works while no web process does; the server's jobs do the work. */
async function main(args: string[]): Promise<number> {
  const env = readEnv(process.env);
  const embedded = env.database.url === null ? await startEmbeddedPostgres({ dataDir: env.dataDir }) : null;
  try {
    const app = await NestFactory.createApplicationContext(
      AppModule.for(runtimeOf(env, env.database.url ?? embedded?.url ?? '')),
      { logger: ['error', 'warn'], abortOnError: false },
    );
    const boss = app.get(Boss);
    try {
      await boss.start();
      const tools = { transactions: app.get(Transactions), replays: app.get(WebhookReplays, { strict: false }) };
      return await eventsCommand(tools, args, (text) => process.stdout.write(text), endSignal());
    } finally {
      await boss.stop();
      await app.close();
    }
  } finally {
    await embedded?.stop();
  }
}

/** It takes no jobs itself. */
function runtimeOf(env: Env, url: string): Runtime {
  const stripe = { ...env.stripe, secretKey: env.stripe.secretKey ?? SANDBOX_KEY, sandboxUrl: null };
  return { ...env, role: 'web', database: { url }, stripe };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
