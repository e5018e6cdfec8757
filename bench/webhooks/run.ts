import { setTimeout as wait } from 'node:timers/promises';
import { whole } from '../common/whole.js';
import type { Database, Databases } from './database.js';
import type { EventsFile } from './events-file.js';
import { EVENTS_PER_LIFE } from './life.js';
import { load } from './machine.js';
import { runLoad } from './run-load.js';
import type { Outcome } from './run-load.js';
import { SECRET } from './subjects.js';
import type { Subject } from './subjects.js';

const LOOK_MS = 10;
const LONGEST_WORK_MS = 300_000;
const WARMING_CONNECTIONS = 64;

export interface Run extends Outcome {
  subject: string;
  connections: number;
  events_per_second: number;
  /** From the first request until everything is projected; null: nothing is projected. */
  projected_seconds: number | null;
  /** And until all jobs of listeners are done. */
  heard_seconds: number | null;
  /** Of the server's process, without PostgreSQL's. */
  cpu_ms_per_event: number;
  peak_mb: number;
}

export interface RunOptions {
  connections: number;
  /** Left out: all. */
  count?: number;
  /** Called between the warm-up and what is measured. */
  warm?: (database: Database) => Promise<void>;
  /** Called at the end, while everything still runs. */
  done?: (database: Database) => Promise<void>;
  /** Another process on the same database, to which nothing is sent. */
  standby?: boolean;
}

/** One subject, freshly started on a fresh database and warmed up, takes all events once. */
export async function measureRun(
  databases: Databases,
  subject: Subject,
  file: EventsFile,
  { connections, count = file.events, warm, done, standby }: RunOptions,
): Promise<Run> {
  const database = await databases.create(subject.template ?? undefined);
  const server = await subject.start(database.url);
  const other = standby === true ? await subject.start(database.url) : null;
  try {
    const order = { port: server.port, path: subject.path, secret: SECRET, file: file.path, connections };
    await runLoad({ ...order, connections: WARMING_CONNECTIONS, from: 0, count: file.warmup });
    if (subject.name === 'all') await untilProjected(database);
    if (subject.listens) await untilHeard(database);
    await warm?.(database);
    // As autovacuum does each minute, which none of the runs lasts.
    await database.client.query('analyze');
    await databases.checkpoint();
    const before = await server.usage();
    const outcome = await runLoad({ ...order, from: file.warmup, count });
    const projected = subject.name === 'all' ? await secondsUntil(untilProjected, database, outcome) : null;
    const heard = subject.listens ? await secondsUntil(untilHeard, database, outcome) : null;
    await verify(subject, database, file, count);
    await done?.(database);
    const { peak_mb, cpu_s } = await server.usage();
    const found: Run = {
      ...outcome,
      subject: subject.name,
      connections,
      events_per_second: count / outcome.seconds,
      projected_seconds: subject.name === 'sync_engine' ? outcome.seconds : projected,
      heard_seconds: heard,
      cpu_ms_per_event: ((cpu_s - before.cpu_s) * 1000) / count,
      peak_mb,
    };
    process.stderr.write(`  ${toldOf(found)}\n`);
    return found;
  } finally {
    await Promise.all([server.stop(), other?.stop()]);
    await databases.drop(database);
  }
}

/** For whoever waits for the table. */
function toldOf({
  subject,
  connections,
  events_per_second,
  p99_ms,
  projected_seconds,
  heard_seconds,
  cpu_ms_per_event,
  peak_mb,
}: Run): string {
  const heard = heard_seconds === null ? '' : `, all listeners done after ${heard_seconds.toFixed(2)} s`;
  const projected = projected_seconds === null ? '' : `, all projected after ${projected_seconds.toFixed(2)} s${heard}`;
  return `${subject} over ${connections}: ${whole(events_per_second)}/s, p99 ${p99_ms.toFixed(1)} ms${projected}; ${cpu_ms_per_event.toFixed(2)} ms of CPU an event, ${whole(peak_mb)} MB; load ${load()}`;
}

async function secondsUntil(
  done: (database: Database) => Promise<void>,
  database: Database,
  { began_at }: Outcome,
): Promise<number> {
  await done(database);
  return (performance.timeOrigin + performance.now() - began_at) / 1000;
}

function untilProjected(database: Database): Promise<void> {
  return untilNone(database, `from inbound_events where status = 'pending'`);
}

/** Until no job of a listener is left. */
function untilHeard(database: Database): Promise<void> {
  return untilNone(database, `from pgboss.job where name like 'on.%' and state < 'completed'`);
}

async function untilNone(database: Database, rows: string): Promise<void> {
  const late = performance.now() + LONGEST_WORK_MS;
  while ((await database.number(`select exists (select ${rows})::int`)) > 0) {
    if (performance.now() > late) throw new Error(`after five minutes there were still rows ${rows}`);
    await wait(LOOK_MS);
  }
}

/** A quick answer counts for nothing when the work was not done. @throws Error saying what is missing */
async function verify(subject: Subject, database: Database, file: EventsFile, count: number): Promise<void> {
  // A part of the file holds the first events of all lives.
  const lives =
    (count === file.events ? Math.ceil(count / EVENTS_PER_LIFE) : Math.min(count, file.subscriptions)) +
    // Its catalog is less than a life.
    Math.floor(file.warmup / EVENTS_PER_LIFE);
  const expected = EVIDENCE[subject.name]?.(file.warmup + count, lives) ?? {};
  for (const [query, number] of Object.entries(expected)) {
    const found = await database.number(query);
    if (found !== number) throw new Error(`${subject.title}: ${query} is ${found} instead of ${number}`);
  }
}

const EVIDENCE: Partial<Record<Subject['name'], (events: number, lives: number) => Record<string, number>>> = {
  web: (events) => ({ [`select count(*) from inbound_events where status = 'pending'`]: events }),
  all: (events, lives) => ({
    // None was asked of Stripe again, none failed.
    [`select count(*) from inbound_events where status = 'handled' and decision = 'apply'`]: events,
    'select count(*) from customers': lives,
    'select count(*) from access': lives,
  }),
  sync_engine: (_events, lives) => ({
    'select count(*) from stripe.customers': lives,
  }),
  one_insert: (events) => ({ 'select count(*) from events': events }),
};
