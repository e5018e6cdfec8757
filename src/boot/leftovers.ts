import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { freeIdempotencyKeys } from '../api/idempotency-keys.js';
import { freeExternalIds } from '../customers/external-ids.js';
import { databaseNow } from '../database/database-now.js';
import { PRESENCE_LOCK } from '../database/pg-listener.js';
import { Transactions } from '../database/transactions.js';
import { failpoint } from '../failpoints/failpoint.js';
import { freeJobs } from '../jobs/boss.js';
import { JobQueue } from '../jobs/job-queue.js';
import { Operation } from '../stripe/operation.entity.js';
import { freeSubscriptionClaims } from '../subscriptions/subscription-claims.js';

/**
 * What killed processes had in hand. Each of it is free again when its lease has run out; but when nobody else lives on
 * this database, its owners are dead for certain, and a restart need not wait for that.
 */
@Injectable()
export class Leftovers {
  private unanswered: { begun_before: string } | null = null;

  constructor(
    private readonly transactions: Transactions,
    private readonly queue: JobQueue,
  ) {}

  /** To be called before this process takes up anything itself. */
  async free(): Promise<void> {
    await this.transactions.run(async (em) => {
      if (!(await isAlone(em))) return;
      await freeIdempotencyKeys(em);
      await freeExternalIds(em);
      await freeSubscriptionClaims(em);
      await freeJobs(em);
      const open = await em.count(Operation, { status: 'started' });
      if (open > 0) this.unanswered = { begun_before: (await databaseNow(em)).toISOString() };
    });
    failpoint('recovery.freed');
  }

  /** To be called when jobs can be taken: sends again the commands whose answer nobody waits for any more. */
  async resume(): Promise<void> {
    const { unanswered } = this;
    if (unanswered) await this.transactions.run((em) => this.queue.enqueue(em, 'operation.resume', unanswered));
  }
}

/** Held until the transaction ends, so that of several that start at once one looks after the other. */
async function isAlone(em: EntityManager): Promise<boolean> {
  const { rows } = await sql<{ alone: boolean }>`select pg_try_advisory_xact_lock(${PRESENCE_LOCK}) as alone`.execute(
    em.getKysely(),
  );
  return rows[0]?.alone === true;
}
