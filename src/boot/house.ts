import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Runtime } from '../../config/runtime.js';
import { ApiKeys } from '../api/api-keys.js';
import { createApp } from '../create-app.js';
import { arm } from '../failpoints/failpoint.js';
import { startTracing } from '../telemetry/start-tracing.js';
import { migrate } from './migrate.js';
import { Leftovers } from './leftovers.js';
import { Lifecycle } from './lifecycle.js';

export interface House {
  app: NestFastifyApplication;
  url: string;
  /** Stops accepting, ends what is under way, closes. Bounded by SHUTDOWN_TIMEOUT. */
  close(): Promise<void>;
}

/** Migrates, listens and wakes the house. When it resolves, everything runs. */
export async function openHouse(runtime: Runtime): Promise<House> {
  arm(runtime.failpoint);
  await migrate(runtime.database.url);
  const endTracing = await startTracing(runtime.otlpEndpoint);
  const app = await createApp(runtime);
  try {
    await app.get(ApiKeys).ensureBootstrapKey(runtime);
    await app.get(Leftovers).free();
    await app.listen(runtime.http.port, runtime.http.host);
    await app.get(Lifecycle).start();
    await app.get(Leftovers).resume();
  } catch (error) {
    await closeHouse(app);
    await endTracing();
    throw error;
  }
  return {
    app,
    url: await app.getUrl(),
    close: () => within(runtime.shutdownTimeoutMs, closeHouse(app).then(endTracing)),
  };
}

async function closeHouse(app: NestFastifyApplication): Promise<void> {
  await app.get(Lifecycle).stop();
  await app.close();
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The shutdown took longer than ${limitMs / 1000} s and was cut short.`)),
      limitMs,
    );
  });
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
