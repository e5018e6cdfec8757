import { Inject, Injectable, Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { fromKysely, PgBoss } from 'pg-boss';
import type { Db, JobInsert, Queue } from 'pg-boss';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import { PgListener } from '../database/pg-listener.js';
import { BossDatabase } from './boss-database.js';
import type { Retry } from './jobs.js';

export const DEAD_LETTERS = 'dead_letters';

/** Tells queue by queue that there is something to do in lanes: pg-boss's own notifications would wake them all. */
const LANES_CHANNEL = 'job_lanes';

const DAY = 24 * 3600;
/** The delay of a first retry is one or five seconds, and up to twice that; of later ones polling hears soon enough. */
const RETRIED_AFTER_S = [1, 2.5, 5, 10];
/** What starts later is found by polling soon enough. */
const LONGEST_WAKE_MS = 10 * 60_000;

/** A killed process's jobs are another's after the one, the other, the retry's delay and a polling: well within 90 s. */
const HEARTBEAT_SECONDS = 20;
const SUPERVISE_SECONDS = 15;

/** How often what has ended is deleted; pg-boss itself would do so once a day. */
const MAINTAIN_SECONDS = 300;

interface QueueNeeds {
  name: string;
  retry: Retry;
  policy?: NonNullable<Queue['policy']>;
  /** Worked on in lanes. */
  laned?: boolean;
}

/** When their workers are known to be dead. Jobs that were on their last attempt are left to pg-boss, for the dead letters. */
export async function freeJobs(em: EntityManager): Promise<void> {
  await sql`
    update pgboss.job set state = 'retry', start_after = now()
    where state = 'active' and retry_count < retry_limit`.execute(em.getKysely());
}

/** pg-boss, set up as this house wants it. Only `jobs/` and `events/` speak to it. */
@Injectable()
export class Boss {
  readonly pgBoss: PgBoss;
  /** A process that only takes requests enqueues, and works on nothing. */
  private readonly works: boolean;
  private readonly database: BossDatabase;
  private started: Promise<void> | null = null;
  private readonly queues = new Set<string>();
  private readonly laned = new Set<string>();
  private readonly looks = new Map<string, () => void>();
  private readonly wakers = new Set<NodeJS.Timeout>();

  constructor(
    @Inject(ENV) private readonly env: Runtime,
    private readonly listener: PgListener,
  ) {
    const logger = new Logger('Jobs');
    this.works = env.role !== 'web';
    this.database = new BossDatabase(env.database.url, this.works ? 6 : 2, listener);
    this.pgBoss = new PgBoss({
      db: this.database,
      migrate: false,
      schedule: false,
      supervise: this.works,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
      maintenanceIntervalSeconds: MAINTAIN_SECONDS,
      useListenNotify: this.works,
    });
    this.pgBoss.on('error', (error) => logger.error(error));
    this.pgBoss.on('warning', (warning) => logger.warn(warning));
  }

  start(): Promise<void> {
    this.started ??= this.open();
    return this.started;
  }

  private async open(): Promise<void> {
    await this.pgBoss.start();
    if (!this.works) return;
    await this.listener.listen(
      LANES_CHANNEL,
      (queue) => this.looks.get(queue)?.(),
      () => this.wakeForLost(),
    );
  }

  /** Jobs that take longer than half of what a shutdown may take are cut off, and tried again by the next process. */
  async stop(): Promise<void> {
    for (const waker of this.wakers) clearTimeout(waker);
    if (this.started) await this.pgBoss.stop({ graceful: true, timeout: this.env.shutdownTimeoutMs / 2 });
    await this.database.close();
  }

  async ensureQueues(queues: QueueNeeds[]): Promise<void> {
    const existing = new Map((await this.pgBoss.getQueues()).map((queue) => [queue.name, queue.policy ?? 'standard']));
    if (!existing.has(DEAD_LETTERS)) {
      await this.pgBoss.createQueue(DEAD_LETTERS, { retentionSeconds: 90 * DAY, deleteAfterSeconds: 90 * DAY });
    }
    for (const { name, retry, policy = 'standard', laned = false } of queues) {
      if ((existing.get(name) ?? policy) !== policy)
        throw new Error(
          `'${name}' was a queue of another order: its undone jobs lie there. Give the new one another name.`,
        );
      this.queues.add(name);
      if (laned) this.laned.add(name);
      const options = {
        notify: !laned,
        retryLimit: retry.limit,
        retryDelay: retry.delaySeconds,
        retryDelayMax: retry.maxDelaySeconds,
        retryBackoff: true,
        deadLetter: DEAD_LETTERS,
        // A table full of finished jobs slows every fetch (measured), and what happened stands in the rooms' own tables.
        // A job whose worker died on its last attempt is failed by pg-boss, and in an ordered queue the later ones wait for that.
        deleteAfterSeconds: policy === 'key_strict_fifo' ? 1 : 600,
        heartbeatSeconds: HEARTBEAT_SECONDS,
      };
      if (existing.has(name)) await this.pgBoss.updateQueue(name, options);
      else await this.pgBoss.createQueue(name, { ...options, policy });
    }
  }

  /** Inserts jobs within the caller's transaction: they appear with its commit and vanish with its rollback. */
  async insert(em: EntityManager, queue: string, jobs: JobInsert[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.pgBoss.insert(queue, jobs, { db: transactionOf(em) });
    if (this.laned.has(queue)) await sql`select pg_notify(${LANES_CHANNEL}, ${queue})`.execute(em.getKysely());
    for (const { startAfter } of jobs)
      if (startAfter instanceof Date) this.wakeIn(queue, startAfter.getTime() - Date.now());
  }

  /**
   * Makes a job that is being worked on a dead letter, and its row goes: pg-boss leaves it as failed, and in an ordered
   * queue that would hold up the later ones.
   */
  async bury(em: EntityManager, queue: string, job: string, output: object): Promise<void> {
    await sql`
      with gone as (delete from pgboss.job where name = ${queue} and id = ${job} and state = 'active' returning *)
      insert into pgboss.job (name, priority, data, keep_until, deletion_seconds, singleton_key, group_id,
        source_name, source_id, source_created_on, source_retry_count, source_output, source_root_id)
      select letters.name, gone.priority, gone.data, now() + letters.retention_seconds * interval '1s',
        letters.deletion_seconds, gone.singleton_key, gone.group_id, gone.name, gone.id, gone.created_on,
        gone.retry_count, ${JSON.stringify(output)}::jsonb, coalesce(gone.source_root_id, gone.id)
      from gone join pgboss.queue as letters on letters.name = ${DEAD_LETTERS}`.execute(em.getKysely());
  }

  /** Whether a job or a listener of this house works on the queue; undone jobs of others may still lie in the database. */
  knows(queue: string): boolean {
    return this.queues.has(queue);
  }

  /** Makes dead letters jobs of their old queues again, oldest first, within the caller's transaction. @returns how many */
  redrive(em: EntityManager, which: { ids: string[] } | { sourceName: string; limit: number }): Promise<number> {
    return this.pgBoss.redrive(DEAD_LETTERS, { ...which, db: transactionOf(em) });
  }

  /** @param look makes this process look at once whether the queue has something to do */
  addWorker(queue: string, look: () => void): void {
    this.looks.set(queue, look);
  }

  /** To be called when a job has failed: it is to be tried again a little later. */
  wakeForRetry(queue: string): void {
    for (const pause of RETRIED_AFTER_S) this.wakeIn(queue, pause * 1000);
  }

  /** When connections were lost: pg-boss makes a job whose end it could not write one that has failed, and tells nobody. */
  private wakeForLost(): void {
    for (const queue of this.looks.keys()) this.wakeForRetry(queue);
  }

  /** pg-boss notifies of jobs that can start at once; for those that start a little later polling alone would be half a minute late. */
  wakeIn(queue: string, ms: number): void {
    const look = this.looks.get(queue);
    if (!look || ms > LONGEST_WAKE_MS) return;
    const waker = setTimeout(
      () => {
        this.wakers.delete(waker);
        look();
      },
      Math.max(ms, 0) + 100,
    );
    this.wakers.add(waker.unref());
  }
}

function transactionOf(em: EntityManager): Db {
  if (!em.isInTransaction())
    throw new Error('Jobs are enqueued inside a transaction, so that they are lost with its rollback.');
  return fromKysely(em.getKysely());
}
