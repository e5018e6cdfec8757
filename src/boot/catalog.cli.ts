import { NestFactory } from '@nestjs/core';
import { readEnv } from '../../config/env.js';
import type { Env } from '../../config/env.js';
import type { Runtime } from '../../config/runtime.js';
import { AppModule } from '../app.module.js';
import { catalogCommand } from '../catalog/catalog-command.js';
import { CatalogSync } from '../catalog/catalog-sync.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';
import { StripeUnavailable } from '../stripe/stripe.errors.js';
import { SANDBOX_KEY } from './development-memory.js';
import { explain, CannotStart } from './explain.js';
import { migrate } from './migrate.js';

/** Beside a running server or without one. The sandbox is that of the running server: its state belongs to one process. */
async function main(args: string[]): Promise<number> {
  const env = readEnv(process.env);
  const embedded = env.database.url === null ? await startEmbeddedPostgres({ dataDir: env.dataDir }) : null;
  try {
    const url = env.database.url ?? embedded?.url ?? '';
    await migrate(url);
    const app = await NestFactory.createApplicationContext(AppModule.for(runtimeOf(env, url)), {
      logger: ['error', 'warn'],
      abortOnError: false,
    });
    try {
      return await catalogCommand(app.get(CatalogSync), args, (text) => process.stdout.write(text));
    } catch (error) {
      if (env.stripe.secretKey === null && error instanceof StripeUnavailable) throw noSandbox(env);
      throw error;
    } finally {
      await app.close();
    }
  } finally {
    await embedded?.stop();
  }
}

function noSandbox({ stripe }: Env): Error {
  return new CannotStart(
    `No sandbox answers on port ${stripe.sandboxPort}: start it with \`npm start\`, or set STRIPE_SECRET_KEY to use Stripe.`,
  );
}

function runtimeOf(env: Env, url: string): Runtime {
  const sandboxUrl = env.stripe.secretKey === null ? `http://127.0.0.1:${env.stripe.sandboxPort}` : null;
  return {
    ...env,
    database: { url },
    stripe: { ...env.stripe, secretKey: env.stripe.secretKey ?? SANDBOX_KEY, sandboxUrl },
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
