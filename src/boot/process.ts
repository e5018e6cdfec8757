import { EnvError, readEnv } from '../../config/env.js';
import type { Env } from '../../config/env.js';
import { ConfigFileError } from '../../config/yaml-file.js';
import { ApiKeys } from '../api/api-keys.js';
import { CatalogSync } from '../catalog/catalog-sync.js';
import { anyPort } from '../database/free-port.js';
import { banner } from './banner.js';
import { developmentMemory, remember } from './development-memory.js';
import { startEmbedded } from './embedded.js';
import type { Embedded } from './embedded.js';
import { openHouse } from './house.js';
import type { House } from './house.js';
import { makeSamples, SAMPLE_MONTHS } from './samples.js';

/** Runs the server until a signal ends it. @returns the exit code: 0 after a clean stop, 1 when it could not start. */
export async function startProcess(source: NodeJS.ProcessEnv, args: string[]): Promise<number> {
  const begun = performance.now();
  const ended = endSignal();
  let embedded: Embedded | undefined;
  let house: House | undefined;
  try {
    const env = await withPort(readEnv(source));
    const start = monthsAgo(args.includes('--empty') ? 0 : SAMPLE_MONTHS);
    embedded = await startEmbedded(env, { port: env.http.port, sandboxStart: start, log: logLine(env) });
    house = await openHouse(embedded.runtime);
    await prepare(house, embedded, args.includes('--empty'), begun);
    await ended;
    return 0;
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  } finally {
    await house?.close().catch((error: Error) => process.stderr.write(`${error.message}\n`));
    await embedded?.stop();
  }
}

/** In development: an API key and, on the sandbox, the catalogue and the sample customers of a first start. */
async function prepare(house: House, { runtime, defaults }: Embedded, empty: boolean, begun: number): Promise<void> {
  if (runtime.nodeEnv === 'production') return;
  const { dataDir, stripe } = runtime;
  const memory = await developmentMemory(dataDir);
  if (stripe.sandboxUrl) await house.app.get(CatalogSync).apply();
  const apiKey = runtime.bootstrapApiKey ?? memory.apiKey ?? (await house.app.get(ApiKeys).createForDevelopment());
  if (!runtime.bootstrapApiKey) await remember(dataDir, { apiKey });
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(banner({ url: house.url, runtime, apiKey, defaults, seconds }));
  if (!stripe.sandboxUrl || memory.samples === 'settled') return;
  if (!empty) await makeSamples(house.url, apiKey, stripe.sandboxUrl, (line) => process.stdout.write(`${line}\n`));
  await remember(dataDir, { samples: 'settled' });
}

/** Resolves on the first signal; a second one ends the process at once. */
function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const end = () => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
  });
}

/** The sandbox must know the port before the application listens. */
async function withPort(env: Env): Promise<Env> {
  return env.http.port === 0 ? { ...env, http: { ...env.http, port: await anyPort() } } : env;
}

function monthsAgo(months: number): Date {
  const date = new Date();
  date.setUTCMonth(date.getUTCMonth() - months);
  return date;
}

function logLine(env: Env): (line: object) => void {
  const chatty = env.logLevel === 'debug' || env.logLevel === 'trace';
  return (line) => {
    if (chatty) process.stdout.write(`${JSON.stringify(line)}\n`);
  };
}

/** What the person at the terminal can mend gets its lines; anything else its stack as well. */
function explain(error: unknown): string {
  if (error instanceof EnvError || error instanceof ConfigFileError)
    return `Good Standing does not start:\n${error.message}`;
  if (!(error instanceof Error)) return `Good Standing does not start: ${String(error)}`;
  return `Good Standing does not start: ${'code' in error ? error.message : (error.stack ?? error.message)}`;
}
