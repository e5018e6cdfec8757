import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { Measured } from '../common/measured.js';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';
import type { Database, Databases } from './database.js';

export const SECRET = 'whsec_bench';
/** Not beside the built files: they use packages that the product does not have. */
const PEERS = join(import.meta.dirname, '../../../bench/peers');
/** As the image has it (`Dockerfile`). */
const HEAP = '--max-old-space-size=512 --max-semi-space-size=8';
const ONE_TABLE = `create table events (id text primary key, type text not null, created timestamptz not null,
  payload text not null, received_at timestamptz not null default now())`;

export type SubjectName = 'web' | 'all' | 'sync_engine' | 'one_insert' | 'no_database';

export interface Subject {
  name: SubjectName;
  title: string;
  /** Where it takes events. */
  path: string;
  /** The database that each run begins with; null: it needs none. */
  template: string | null;
  /** Whether what follows from an event is done as well: the jobs of listeners. */
  listens: boolean;
  start(databaseUrl: string): Promise<Measured>;
}

/** Everything that takes events, with its tables made. */
export async function prepareSubjects(databases: Databases, sandboxUrl: string): Promise<Record<SubjectName, Subject>> {
  const house = await databases.create();
  await (await startHouse('web', sandboxUrl, house.url)).stop();
  const mirror = await databases.create();
  await promisify(execFile)(process.execPath, [join(PEERS, 'sync-engine.mjs'), 'migrate'], {
    env: environment(mirror.url),
  });
  const inserts = await databases.create();
  await inserts.client.query(ONE_TABLE);
  for (const database of [house, mirror, inserts]) await database.client.end();
  return {
    web: { ...ours(house, sandboxUrl, 'web'), title: 'Good Standing, ROLE=web' },
    all: { ...ours(house, sandboxUrl, 'all'), title: 'Good Standing, projecting as well' },
    sync_engine: { ...peer('sync_engine', mirror), title: '@supabase/stripe-sync-engine' },
    one_insert: { ...peer('one_insert', inserts), title: 'bare Fastify, an INSERT per request' },
    no_database: { ...peer('no_database', null), title: 'bare Fastify, no database' },
  };
}

/** The same with the jobs of listeners left lying. */
export function withoutListeners(all: Subject, sandboxUrl: string): Subject {
  return {
    ...all,
    listens: false,
    start: (databaseUrl) => startHouse('all', sandboxUrl, databaseUrl, 'without-listeners'),
  };
}

function startHouse(
  role: 'web' | 'all',
  sandboxUrl: string,
  databaseUrl: string,
  ...args: string[]
): Promise<Measured> {
  const { NODE_OPTIONS, ...env } = environment(databaseUrl);
  return Measured.start('../webhooks/house.js', {
    args: [sandboxUrl, ...args],
    env: { ...env, NODE_OPTIONS: `${HEAP} ${NODE_OPTIONS}`, ROLE: role, PORT: '0' },
  });
}

function ours(template: Database, sandboxUrl: string, role: 'web' | 'all'): Omit<Subject, 'title'> {
  return {
    name: role,
    path: '/webhooks/stripe',
    template: template.name,
    listens: role === 'all',
    start: (databaseUrl) => startHouse(role, sandboxUrl, databaseUrl),
  };
}

function peer(name: 'sync_engine' | 'one_insert' | 'no_database', template: Database | null): Omit<Subject, 'title'> {
  const program = join(PEERS, `${name.replaceAll('_', '-')}.mjs`);
  return {
    name,
    path: '/webhooks',
    template: template?.name ?? null,
    listens: false,
    start: (databaseUrl) => Measured.start(program, { env: environment(databaseUrl) }),
  };
}

/** Nothing of the caller's but a profiler: it is the programs alone that are measured. */
function environment(databaseUrl: string) {
  const { PATH = '', NODE_OPTIONS = '' } = process.env;
  return {
    PATH,
    NODE_OPTIONS,
    DATABASE_URL: databaseUrl,
    STRIPE_WEBHOOK_SECRET: SECRET,
    STRIPE_API_VERSION: PINNED_API_VERSION,
    LOG_LEVEL: 'warn',
  };
}
