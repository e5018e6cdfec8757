import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

/** Of rows, as `query` gives them. */
export type Row = Record<string, unknown>;

/** Nearly every job whose worker lives has ended by then; another is done twice at once, as after a pause of its process. */
const ORPHANED_AFTER_MS = 1000;
const LOOK_MS = 50;

/** A database of one world's own on a server that may hold others. */
export class WorldDatabase {
  private readonly pool: pg.Pool;
  /** Real times at which all connections were cut. */
  readonly cuts: number[] = [];

  private constructor(
    readonly url: string,
    private readonly serverUrl: string,
    private readonly name: string,
  ) {
    this.pool = new pg.Pool({ connectionString: url, max: 3, application_name: SIMULATOR });
    this.pool.on('error', () => undefined);
  }

  static async create(serverUrl: string): Promise<WorldDatabase> {
    const name = `good_standing_simulation_${randomBytes(6).toString('hex')}`;
    await onServer(serverUrl, `create database ${name}`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return new WorldDatabase(url.href, serverUrl, name);
  }

  async query<R extends Row = Row>(statement: string, values: unknown[] = []): Promise<R[]> {
    return (await this.pool.query<R>(statement, values)).rows;
  }

  /** Ends every connection of the house, whatever it is in the middle of. */
  async cutConnections(): Promise<void> {
    this.cuts.push(Date.now());
    await this.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name <> $1`,
      [SIMULATOR],
    );
  }

  /**
   * A job whose fetch or end was cut off is nobody's. The house knows by its heartbeat, which is missed half a minute later;
   * that is machine time, and the clock would stand still for it.
   */
  async takeOverOrphans(): Promise<void> {
    const orphans = `state = 'active' and started_on < to_timestamp(${Date.now() / 1000})`;
    const deadline = performance.now() + ORPHANED_AFTER_MS;
    while (performance.now() < deadline) {
      if ((await this.query(`select from pgboss.job where ${orphans} limit 1`)).length === 0) return;
      await wait(LOOK_MS);
    }
    await this.query(`
      with freed as (update pgboss.job set state = 'retry', start_after = now() where ${orphans} returning name)
      ${wakeWorkersOf('freed')}`);
  }

  async drop(): Promise<void> {
    await this.pool.end();
    await onServer(this.serverUrl, `drop database if exists ${this.name} with (force)`);
  }
}

/** As pg-boss notifies of a new job. @param jobs a relation with the names of their queues */
export function wakeWorkersOf(jobs: string): string {
  return `select pg_notify('pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24), name) from ${jobs} group by name`;
}

const SIMULATOR = 'good-standing simulator';

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl, application_name: SIMULATOR });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
