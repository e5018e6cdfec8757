import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { commandFor } from './options.js';
import type { Options, Order } from './options.js';
import { differencesOf } from './oracle.js';
import { Progress } from './progress.js';
import { live } from './run.js';
import type { Ground, Outcome } from './run.js';
import { shrink } from './shrink.js';

/** So that memory does not grow with the number of customers: more of them live in several worlds, one after the other. */
export const MOST_PER_WORLD = 300;

/** @returns the exit code */
export async function simulate(options: Options, ended: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'good-standing-simulation-'));
  // What it proves against is killed processes, not lost machines: PostgreSQL itself is not killed.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const postgres = options.databaseUrl === null ? await startEmbeddedPostgres({ dataDir: folder, settings }) : null;
  let ok = false;
  try {
    const ground = { serverUrl: postgres?.url ?? options.databaseUrl ?? '', folder, ended };
    for (const seed of options.seeds) {
      ok = await runSeed({ ...options, seed }, ground, options.shrink);
      if (!ok) break;
    }
  } finally {
    await postgres?.stop();
    if (ok && !options.keep) await rm(folder, { recursive: true, force: true });
    else say(`All differences, what was done, and the log of the house: ${folder}`);
  }
  return ok ? 0 : 1;
}

async function runSeed(order: Order, ground: Ground, shrinks: boolean): Promise<boolean> {
  const began = performance.now();
  const worlds = worldsOf(order);
  const progress = new Progress(worlds.length);
  const outcomes: Outcome[] = [];
  let failing: Order | null = null;
  for (const world of worlds) {
    const outcome = await live(world, ground, progress);
    outcomes.push(outcome);
    progress.worldDone(outcome.events);
    if (differencesOf(outcome).length === 0) continue;
    failing = world;
    break;
  }
  progress.close();
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const events = sum((outcome) => outcome.events);
  const refetches = sum((outcome) => outcome.refetches);
  const most = outcomes.flatMap(({ refetched }) => refetched).slice(0, 3);
  say(
    `${sum(({ acts }) => acts)} acts, ${sum(({ strikes }) => strikes)} faults, ${((refetches / Math.max(events, 1)) * 100).toFixed(2)} % of events refetched${most.map(([type, count]) => `, ${count} ${type}`).join('')}`,
  );
  if (failing) await explain(failing, outcomes, ground, shrinks);
  process.stdout.write(
    `${JSON.stringify({
      seed: order.seed,
      events,
      delivered: sum(({ delivered }) => delivered),
      acknowledged: sum(({ acknowledged }) => acknowledged),
      lost: sum(({ lost }) => lost.length),
      doubled: sum(({ doubled }) => doubled.length),
      drift: sum(({ drift }) => drift.length),
      pending: sum(({ pending }) => pending.length),
      refetches,
      emails: sum(({ emails }) => emails),
      duration_ms: Math.round(performance.now() - began),
      ok: failing === null,
    })}\n`,
  );
  return failing === null;
}

async function explain(failing: Order, outcomes: Outcome[], ground: Ground, shrinks: boolean): Promise<void> {
  const outcome = outcomes.at(-1);
  const all = outcome ? differencesOf(outcome) : [];
  await writeFile(join(ground.folder, 'differences.txt'), all.map((line) => `${line}\n`).join(''));
  say(`\nThis should not be: ${all[0]}.`);
  const smallest = shrinks ? await shrink(failing, ground, say) : failing;
  say(`Again by: ${commandFor(smallest)}\n`);
}

/** Each with a seed of its own, so that one of them can be lived again alone. */
function worldsOf(order: Order): Order[] {
  if (order.customers <= MOST_PER_WORLD) return [order];
  return Array.from({ length: Math.ceil(order.customers / MOST_PER_WORLD) }, (_, index) => ({
    ...order,
    seed: order.seed + index * 1_000_003,
    customers: Math.min(MOST_PER_WORLD, order.customers - index * MOST_PER_WORLD),
  }));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
