import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import type { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';

/**
 * PostgreSQL with its default settings, durability among them; counting statements is there, and off. A new server makes each
 * 16 MB of its log when they are needed, which takes tens of milliseconds; one that has worked for a while has them.
 */
const SETTINGS = {
  min_wal_size: '1GB',
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'none',
  'pg_stat_statements.save': 'off',
};

/** One server for all that is measured; each run has a database of its own, copied from a template. */
export class Databases {
  #made = 0;

  private constructor(
    private readonly server: EmbeddedPostgres,
    private readonly admin: pg.Client,
    private readonly folder: string,
  ) {}

  static async start(folder: string): Promise<Databases> {
    const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), settings: SETTINGS });
    const admin = new pg.Client({ connectionString: server.url });
    admin.on('error', cutOff);
    await admin.connect();
    await admin.query('create extension pg_stat_statements');
    await makeLogFiles(admin);
    // sync-engine's migrations name it.
    await admin.query('create role postgres superuser');
    return new Databases(server, admin, folder);
  }

  /** Copied as files, which is quicker for what is large. */
  async create(template = 'template1'): Promise<Database> {
    this.#made += 1;
    const name = `bench_${this.#made}`;
    await this.admin.query(`create database ${name} template ${template} strategy file_copy`);
    const url = new URL(this.server.url);
    url.pathname = `/${name}`;
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', cutOff);
    await client.connect();
    return new Database(name, url.href, client);
  }

  async drop(database: Database): Promise<void> {
    await database.client.end();
    await this.admin.query(`drop database ${database.name} with (force)`);
  }

  /** What the last run has left to write must not fall into the next one. */
  async checkpoint(): Promise<void> {
    await this.admin.query('checkpoint');
  }

  async version(): Promise<string> {
    const { rows } = await this.admin.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? '';
  }

  /** Of all connections that come from now on, until it is called with false. */
  async trackStatements(on: boolean): Promise<void> {
    await this.admin.query(`alter system set pg_stat_statements.track = '${on ? 'top' : 'none'}'`);
    await this.admin.query('select pg_reload_conf()');
  }

  async resetStatements(): Promise<void> {
    await this.admin.query('select pg_stat_statements_reset()');
  }

  /** Each statement is a round trip: the driver that all here use waits for one's answer before it sends the next. */
  async statements({ name }: Database): Promise<Array<{ query: string; calls: number }>> {
    const { rows } = await this.admin.query<{ query: string; calls: number }>(
      `select query, sum(calls)::int as calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
       where d.datname = $1 group by query order by 2 desc`,
      [name],
    );
    return rows;
  }

  async stop(): Promise<void> {
    await this.admin.end();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** So many that `min_wal_size` keeps; the checkpoint makes them ready for use. */
async function makeLogFiles(admin: pg.Client): Promise<void> {
  for (let file = 0; file < 64; file++) {
    await admin.query(`select pg_logical_emit_message(true, 'bench', 'so that there is something to log')`);
    await admin.query('select pg_switch_wal()');
  }
  await admin.query('checkpoint');
}

/** Told too late to matter: the server is stopped while something is still measured, because somebody has pressed Ctrl-C. */
function cutOff(): void {}

export class Database {
  constructor(
    readonly name: string,
    readonly url: string,
    /** For those who look on. */
    readonly client: pg.Client,
  ) {}

  async number(query: string): Promise<number> {
    const { rows } = await this.client.query<{ number: number }>(`select (${query})::float8 as number`);
    return rows[0]?.number ?? 0;
  }
}
