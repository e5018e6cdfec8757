import { realpath } from 'node:fs/promises';
import pg from 'pg';
import type { PostgresCluster } from './postgres-cluster.js';

/** The name of the lock in the server's maintenance database that every process using the server shares. */
const LOCK = 7_305_411_210;

/**
 * One connection that is held (and keeps the process alive) as long as it uses the server. Its shared lock says so to
 * others; it goes with the process, however that ends.
 */
export interface PostgresPresence {
  port: number;
  ensureDatabase(name: string): Promise<void>;
  /** True when nobody else uses the server; newcomers then wait until it has ended, and start it again. Throws when it is gone. */
  isLast(): Promise<boolean>;
  leave(): Promise<void>;
}

/** Null when nothing answers there, or not the server of this cluster (a copied folder carries its password along). */
export async function enterServer(cluster: PostgresCluster, port: number): Promise<PostgresPresence | null> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'good_standing',
    password: cluster.password,
    database: 'postgres',
    application_name: 'good-standing presence',
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  // A server that ends takes this connection along; those who query learn of it themselves.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
    if ((await realpath(rows[0]?.folder ?? '')) !== cluster.data) throw new Error('another server');
    await client.query('select pg_advisory_lock_shared($1)', [LOCK]);
  } catch {
    await client.end().catch(() => {});
    return null;
  }
  return presenceOf(client, port);
}

function presenceOf(client: pg.Client, port: number): PostgresPresence {
  return {
    port,
    async ensureDatabase(name) {
      const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
      if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`).catch(unlessItExists);
    },
    async isLast() {
      const { rows } = await client.query<{ last: boolean }>('select pg_try_advisory_lock($1) as last', [LOCK]);
      return rows[0]?.last === true;
    },
    leave: () => client.end(),
  };
}

/** Another process may have created it since: 42P04 is duplicate_database, 23505 the same met inside the catalogue. */
function unlessItExists(error: unknown): void {
  if (error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505')) return;
  throw error;
}
