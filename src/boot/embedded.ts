import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Env } from '../../config/env.js';
import type { Runtime } from '../../config/runtime.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';
import { startSandbox } from '../sandbox/sandbox.js';
import { SANDBOX_KEY, developmentMemory } from './development-memory.js';
import { CannotStart, reasonOf } from './explain.js';

/** A clock that is being turned may be slow to stop; its state is on disk. */
const SANDBOX_LIMIT_MS = 2500;

export interface Embedded {
  runtime: Runtime;
  /** What runs on its embedded default, in words for the person at the terminal. */
  defaults: string[];
  /** Ends the embedded servers, the sandbox first; to be called when the application is closed. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The port that the application will listen on: the sandbox sends its events there. */
  port: number;
  /** Where the clock of a new sandbox begins. */
  sandboxStart?: Date;
  log: (line: object) => void;
}

/** Starts what the environment does not give: PostgreSQL and Stripe. Never in production: `readEnv` has refused it. */
export async function startEmbedded(env: Env, options: EmbeddedOptions): Promise<Embedded> {
  const stops: Array<() => Promise<void>> = [];
  const stop = async () => {
    for (const end of stops.splice(0).toReversed()) await end();
  };
  const defaults: string[] = [];
  try {
    let databaseUrl = env.database.url;
    if (databaseUrl === null) {
      const postgres = await startEmbeddedPostgres({ dataDir: env.dataDir, log: options.log });
      stops.push(() => postgres.stop());
      databaseUrl = postgres.url;
      defaults.push(`PostgreSQL: embedded, under ${env.dataDir}/postgres (set DATABASE_URL to use another)`);
    }
    const stripe = { ...env.stripe, secretKey: env.stripe.secretKey ?? SANDBOX_KEY, sandboxUrl: null as string | null };
    if (env.stripe.secretKey === null) {
      const memory = await developmentMemory(env.dataDir);
      stripe.webhookSecrets = env.stripe.webhookSecrets.length > 0 ? env.stripe.webhookSecrets : [memory.webhookSecret];
      const sandbox = await startSandbox({
        port: env.stripe.sandboxPort,
        stateFile: join(env.dataDir, 'sandbox.db'),
        webhook: {
          url: `http://127.0.0.1:${options.port}/webhooks/stripe`,
          secret: stripe.webhookSecrets[0] ?? memory.webhookSecret,
        },
        log: options.log,
        ...(options.sandboxStart && { now: options.sandboxStart }),
      }).catch((error: unknown) => {
        throw new CannotStart(reasonOf(error), { cause: error });
      });
      stops.push(() => Promise.race([sandbox.close(), wait(SANDBOX_LIMIT_MS, undefined, { ref: false })]));
      stripe.sandboxUrl = sandbox.url;
      defaults.push(`Stripe: the sandbox at ${sandbox.url} (set STRIPE_SECRET_KEY to use Stripe)`);
    }
    if (env.mail.smtpUrl === null) defaults.push('E-mail: kept in the mailbox (set SMTP_URL to send)');
    return { runtime: { ...env, database: { url: databaseUrl }, stripe }, defaults, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
