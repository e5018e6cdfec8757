import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { Db } from 'pg-boss';
import type { PgListener } from '../database/pg-listener.js';
import { prepareRepeated } from '../database/prepared-statements.js';

/** pg-boss's way to the database: connections of its own for its statements, and the house's one connection for notifications. */
export class BossDatabase implements Db {
  private readonly pool: pg.Pool;
  private closing: Promise<void> | null = null;

  constructor(
    connectionString: string,
    max: number,
    private readonly listener: PgListener,
  ) {
    const logger = new Logger('Jobs');
    this.pool = new pg.Pool({
      connectionString,
      max,
      application_name: 'good-standing jobs',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    this.pool.on('error', (error) => logger.error(error));
    prepareRepeated(this.pool);
  }

  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    return values === undefined ? this.pool.query(text) : this.pool.query(text, values);
  }

  async listen(channel: string, onNotification: (payload: string) => void, onReconnect: () => void) {
    await this.listener.listen(channel, onNotification, onReconnect);
    // It ends with the process.
    return { close: async () => undefined };
  }

  close(): Promise<void> {
    this.closing ??= this.pool.end();
    return this.closing;
  }
}
