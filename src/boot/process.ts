import { once } from 'node:events';
import { readEnv } from '../../config/env.js';
import type { Env } from '../../config/env.js';
import { readPoliciesFile } from '../access/policies-file.js';
import { readAlertsFile } from '../alerts/alerts-file.js';
import { ApiKeys } from '../api/api-keys.js';
import { readCatalogFile } from '../catalog/catalog-file.js';
import { CatalogSync } from '../catalog/catalog-sync.js';
import { banner } from './banner.js';
import { developmentMemory, remember } from './development-memory.js';
import { startEmbedded } from './embedded.js';
import type { Embedded } from './embedded.js';
import { endSignal } from './end-signal.js';
import { explain } from './explain.js';
import { openHouse } from './house.js';
import type { House } from './house.js';
import { settlePorts } from './ports.js';
import { makeSamples, SAMPLE_MONTHS } from './samples.js';

/** Runs the server until a signal ends it. @returns the exit code: 0 after a clean stop, 1 when it could not start. */
export async function startProcess(source: NodeJS.ProcessEnv, args: string[]): Promise<number> {
  const ended = endSignal();
  const empty = args.includes('--empty');
  let embedded: Embedded | undefined;
  let house: House | undefined;
  try {
    const env = await settlePorts(readEnv(source));
    checkConfigFiles();
    const sandboxStart = monthsAgo(empty ? 0 : SAMPLE_MONTHS);
    embedded = await startEmbedded(env, { port: env.http.port, sandboxStart, log: logLine(env) });
    if (!ended.aborted) house = await openHouse(embedded.runtime);
    if (house && !ended.aborted) await prepare(house, embedded, empty, ended);
    if (!ended.aborted) await once(ended, 'abort');
    return 0;
  } catch (error) {
    process.stderr.write(`Good Standing does not start:\n${explain(error)}\n`);
    return 1;
  } finally {
    await house?.close().catch((error: Error) => process.stderr.write(`${error.message}\n`));
    await embedded?.stop();
  }
}

/** Before anything is started, so that their faults are all that is said. @throws ConfigFileError */
function checkConfigFiles(): void {
  readCatalogFile();
  readPoliciesFile();
  readAlertsFile();
}

/** In development: an API key and, on the sandbox, the catalogue and the sample customers of a first start. */
async function prepare(
  house: House,
  { runtime, defaults }: Embedded,
  empty: boolean,
  ended: AbortSignal,
): Promise<void> {
  if (runtime.nodeEnv === 'production') return;
  const { dataDir, stripe } = runtime;
  const memory = await developmentMemory(dataDir);
  if (stripe.sandboxUrl) await house.app.get(CatalogSync).apply();
  const apiKey = runtime.bootstrapApiKey ?? memory.apiKey ?? (await house.app.get(ApiKeys).createForDevelopment());
  if (!runtime.bootstrapApiKey) await remember(dataDir, { apiKey });
  // From the start of the process on: loading the program is part of what the person waits for.
  process.stdout.write(banner({ url: house.url, runtime, apiKey, defaults, seconds: performance.now() / 1000 }));
  if (!stripe.sandboxUrl || memory.samples === 'settled') return;
  if (!empty) await makeSamples({ url: house.url, apiKey, sandboxUrl: stripe.sandboxUrl, ended }, say);
  if (!ended.aborted) await remember(dataDir, { samples: 'settled' });
}

function monthsAgo(months: number): Date {
  const date = new Date();
  date.setUTCMonth(date.getUTCMonth() - months);
  return date;
}

function logLine(env: Env): (line: object) => void {
  const chatty = env.logLevel === 'debug' || env.logLevel === 'trace';
  return (line) => {
    if (chatty) say(JSON.stringify(line));
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
