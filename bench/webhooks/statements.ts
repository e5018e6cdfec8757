import type { Bound } from './bounds.js';
import type { Database, Databases } from './database.js';
import type { EventsFile } from './events-file.js';
import { measureRun } from './run.js';
import { withoutListeners } from './subjects.js';
import type { Subject, SubjectName } from './subjects.js';

const CONNECTIONS = 64;
const MOST_TOLD = 12;

/**
 * How often PostgreSQL is asked for one event, counted by itself (pg_stat_statements), begins and commits among them. First
 * with the listeners' jobs left lying, then with all of them done: what follows from an event depends on who listens.
 */
export async function measureStatements(
  databases: Databases,
  subjects: Record<SubjectName, Subject>,
  file: EventsFile,
  sandboxUrl: string,
): Promise<Bound[]> {
  await databases.trackStatements(true);
  const received = await counted(databases, withoutListeners(subjects.all, sandboxUrl), file);
  const followed = await counted(databases, subjects.all, file);
  const mirrored = await counted(databases, subjects.sync_engine, file);
  await databases.trackStatements(false);
  process.stdout.write('\nStatements, which are round trips, per event\n');
  const lines: Array<[string, number]> = [
    ['received and projected, with domain events, access and jobs', received.each],
    [`and ${followed.jobs.toFixed(1)} jobs of listeners per event done`, followed.each],
    ['@supabase/stripe-sync-engine, mirrored', mirrored.each],
  ];
  for (const [what, each] of lines) process.stdout.write(`${each.toFixed(3).padStart(12)}  ${what}\n`);
  process.stdout.write('Most often while receiving and projecting:\n');
  for (const { query, calls } of received.statements.slice(0, MOST_TOLD))
    process.stdout.write(`${String(calls).padStart(12)}  ${query.replaceAll(/\s+/g, ' ').slice(0, 100)}\n`);
  return [{ what: 'round trips per event, received and projected', value: received.each, relation: '<', limit: 0.2 }];
}

interface Counted {
  each: number;
  /** Per event. */
  jobs: number;
  statements: Array<{ query: string; calls: number }>;
}

async function counted(databases: Databases, subject: Subject, file: EventsFile): Promise<Counted> {
  const isOurs = subject.name === 'all';
  const found: Counted = { each: 0, jobs: 0, statements: [] };
  await measureRun(databases, subject, file, {
    connections: CONNECTIONS,
    warm: () => databases.resetStatements(),
    done: async (database) => {
      found.statements = (await databases.statements(database)).filter(isRoundTrip);
      found.each = found.statements.reduce((sum, { calls }) => sum + calls, 0) / file.events;
      if (isOurs) found.jobs = (await listenersJobs(database)) / (file.events + file.warmup);
    },
  });
  return found;
}

/** The onlooker's own are not the subject's, and foreign keys are checked by the server itself. */
function isRoundTrip({ query }: { query: string }): boolean {
  return !query.includes('::float8 as') && !query.endsWith('FOR KEY SHARE OF x');
}

/** Finished ones are deleted after ten minutes, so that all of them are still there. */
function listenersJobs(database: Database): Promise<number> {
  return database.number(`select count(*) from pgboss.job where name like 'on.%'`);
}
