import { Inject, Injectable, Logger } from '@nestjs/common';
import { fromKysely, PgBoss } from 'pg-boss';
import type { Db, JobInsert, Queue } from 'pg-boss';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import type { Retry } from './jobs.js';

export const DEAD_LETTERS = 'dead_letters';

const DAY = 24 * 3600;

/** pg-boss, set up as this house wants it. Only `jobs/` and `events/` speak to it. */
@Injectable()
export class Boss {
  readonly pgBoss: PgBoss;
  private started: Promise<unknown> | null = null;

  constructor(@Inject(ENV) env: Runtime) {
    const logger = new Logger('Jobs');
    const works = env.role !== 'web';
    this.pgBoss = new PgBoss({
      connectionString: env.database.url,
      application_name: 'good-standing jobs',
      migrate: false,
      schedule: false,
      supervise: works,
      useListenNotify: works,
      max: works ? 6 : 2,
    });
    this.pgBoss.on('error', (error) => logger.error(error));
    this.pgBoss.on('warning', (warning) => logger.warn(warning));
  }

  start(): Promise<unknown> {
    this.started ??= this.pgBoss.start();
    return this.started;
  }

  async stop(): Promise<void> {
    if (this.started) await this.pgBoss.stop({ graceful: true, timeout: 8000 });
  }

  async ensureQueues(queues: Array<{ name: string; retry: Retry } & Omit<Partial<Queue>, 'name'>>): Promise<void> {
    const existing = new Set((await this.pgBoss.getQueues()).map((queue) => queue.name));
    if (!existing.has(DEAD_LETTERS)) {
      await this.pgBoss.createQueue(DEAD_LETTERS, { retentionSeconds: 90 * DAY, deleteAfterSeconds: 90 * DAY });
    }
    for (const { name, retry, policy, ...rest } of queues) {
      const options = {
        ...rest,
        notify: true,
        retryLimit: retry.limit,
        retryDelay: retry.delaySeconds,
        retryDelayMax: retry.maxDelaySeconds,
        retryBackoff: true,
        deadLetter: DEAD_LETTERS,
        // A table full of finished jobs slows every fetch (measured), and what happened stands in the rooms' own tables.
        deleteAfterSeconds: 600,
        heartbeatSeconds: 30,
      };
      if (existing.has(name)) await this.pgBoss.updateQueue(name, options);
      else await this.pgBoss.createQueue(name, policy === undefined ? options : { ...options, policy });
    }
  }

  /** Inserts jobs within the caller's transaction: they appear with its commit and vanish with its rollback. */
  async insert(em: EntityManager, queue: string, jobs: JobInsert[]): Promise<void> {
    if (jobs.length > 0) await this.pgBoss.insert(queue, jobs, { db: transactionOf(em) });
  }
}

function transactionOf(em: EntityManager): Db {
  if (!em.isInTransaction())
    throw new Error('Jobs are enqueued inside a transaction, so that they are lost with its rollback.');
  return fromKysely(em.getKysely());
}
