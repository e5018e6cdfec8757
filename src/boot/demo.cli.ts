import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnv } from '../../config/env.js';
import { ApiKeys } from '../api/api-keys.js';
import { CatalogSync } from '../catalog/catalog-sync.js';
import { anyPort } from '../database/free-port.js';
import { startEmbedded } from './embedded.js';
import { endSignal } from './end-signal.js';
import { explain } from './explain.js';
import { openHouse } from './house.js';
import { play } from './story.js';
import { PublicApi, SandboxTime } from './public-api.js';

/** Plays the story on fresh data in a folder of its own and on free ports; beside a running server it disturbs nothing. */
async function demo(ended: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'good-standing-demo-'));
  try {
    return await playIn(folder, ended);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function playIn(folder: string, ended: AbortSignal): Promise<number> {
  const port = await anyPort();
  const env = readEnv({
    NODE_ENV: 'development',
    DATA_DIR: folder,
    PORT: String(port),
    SANDBOX_PORT: '0',
    LOG_LEVEL: 'warn',
  });
  const embedded = await startEmbedded(env, { port, sandboxStart: new Date('2026-01-10T09:00:00Z'), log: () => {} });
  try {
    const house = await openHouse(embedded.runtime);
    try {
      await house.app.get(CatalogSync).apply();
      const key = await house.app.get(ApiKeys).createForDevelopment();
      say(
        'Good Standing plays a year in small: real server, real PostgreSQL, a Stripe sandbox whose clock is turned.\n',
      );
      const scene = {
        api: new PublicApi(house.url, key, ended),
        time: new SandboxTime(embedded.runtime.stripe.sandboxUrl ?? '', ended),
      };
      return conclude(await play(scene, say));
    } finally {
      await house.close();
    }
  } finally {
    await embedded.stop();
  }
}

function conclude(differences: string[]): number {
  if (differences.length > 0) {
    say(`\nThis differs from what should have happened:\n${differences.map((line) => `  ${line}`).join('\n')}`);
    return 1;
  }
  say(`\nTold in ${(performance.now() / 1000).toFixed(1)} s. Next:`);
  say('  npm start               a server of your own, with a dozen sample customers');
  say('  /docs and /mailbox      on that server: the API, and every e-mail it sends');
  say('  config/policies.yaml    how many days of grace a failed payment gives');
  say('\ndemo: ok');
  return 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const ended = endSignal();
try {
  process.exitCode = await demo(ended);
} catch (error) {
  say(ended.aborted ? '\nThe demo was broken off.' : `\nThe demo cannot go on: ${explain(error)}`);
  process.exitCode = 1;
}
// What a library has left open must not keep the demo from ending.
setTimeout(() => process.exit(), 500).unref();
