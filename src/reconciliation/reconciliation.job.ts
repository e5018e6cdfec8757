import { Injectable, Logger } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { raw } from '@mikro-orm/postgresql';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Clock } from '../database/clock.js';
import { Transactions } from '../database/transactions.js';
import { GiveUp } from '../jobs/give-up.js';
import { JobQueue } from '../jobs/job-queue.js';
import { jobs } from '../jobs/jobs.js';
import type { JobData } from '../jobs/jobs.js';
import { OnJob } from '../jobs/on-job.js';
import { MissedEvents } from './missed-events.js';
import { ObjectSweep } from './object-sweep.js';
import { Reconciliation } from './reconciliation.entity.js';
import type { ReconciliationKind } from './reconciliation.entity.js';
import { ReconciliationRunning } from './reconciliation.errors.js';
import { Reconciliations } from './reconciliations.js';

/** How long a job goes from page to page before the next one takes over. */
const TURN_MS = 1000;

/**
 * Runs reconciliations as a chain of short jobs over the pages of Stripe's lists: a run of hours outlasts restarts, holds up
 * neither the shutdown nor the other kind's run, and a turn that is cut off is simply done again.
 */
@Injectable()
export class ReconciliationJob {
  private readonly logger = new Logger(ReconciliationJob.name);

  constructor(
    private readonly clock: Clock,
    private readonly missedEvents: MissedEvents,
    private readonly objectSweep: ObjectSweep,
    private readonly queue: JobQueue,
    private readonly reconciliations: Reconciliations,
    private readonly transactions: Transactions,
  ) {}

  @OnJob('reconciliation.find_missed_events')
  async findMissedEvents(): Promise<void> {
    await this.openScheduled('missed_events');
  }

  @OnJob('reconciliation.sweep_objects')
  async sweepObjects(): Promise<void> {
    await this.openScheduled('objects');
  }

  @OnJob('reconciliation.run')
  async run({ reconciliation: id }: JobData<'reconciliation.run'>): Promise<void> {
    const run = await this.transactions.reader().findOne(Reconciliation, id);
    if (!run) throw new GiveUp(`There is no reconciliation ${id}.`);
    if (run.status !== 'running') return;
    try {
      await this.turn(run);
    } catch (error) {
      const last = run.attempts >= jobs['reconciliation.run'].retry.limit;
      await this.change(run, async (_, row) => row.stumble(String(error), last, this.clock.now()));
      throw error;
    }
  }

  /** Goes from page to page until there is a difference or time is up; what is found is written down before it is repaired. */
  private async turn(run: Reconciliation): Promise<void> {
    const end = performance.now() + TURN_MS;
    let step = await this.stepOf(run);
    let { checked } = step;
    while (step.next !== null && step.findings.length === 0 && performance.now() < end) {
      run.cursor = step.next;
      step = await this.stepOf(run);
      checked += step.checked;
    }
    const { findings, next } = step;
    if (findings.length > 0) {
      await this.change(run, (em, row) => this.reconciliations.record(em, row, findings));
      await step.repair();
    }
    await this.change(run, async (em, row) => {
      row.advance(checked, next, this.clock.now());
      if (next) await this.queue.enqueue(em, 'reconciliation.run', { reconciliation: run.id });
      else this.report(row);
    });
  }

  private stepOf(run: Reconciliation) {
    return run.kind === 'objects' ? this.objectSweep.step(run) : this.missedEvents.step(run);
  }

  private async openScheduled(kind: ReconciliationKind): Promise<void> {
    try {
      await this.transactions.run((em) => this.reconciliations.open(em, { kind, dry_run: false, everything: false }));
    } catch (error) {
      // A run takes longer than the schedule's gap: the next slot comes.
      if (!(error instanceof ReconciliationRunning)) throw error;
    }
  }

  /** Changes the run, unless this very step was done by another process meanwhile. */
  private change(
    run: Reconciliation,
    change: (em: EntityManager, row: Reconciliation) => Promise<void>,
  ): Promise<void> {
    return this.transactions.run(async (em) => {
      const row = await em.findOneOrFail(Reconciliation, run.id, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (row.status !== 'running' || row.steps !== run.steps)
        throw new GiveUp(`${run.id} has gone on without this step.`);
      await change(em, row);
      em.assign(row, { alive_at: raw('now()') });
    });
  }

  private report({ id, kind, checked, found, repaired, parked }: Reconciliation): void {
    if (found > 0)
      this.logger.warn({ msg: 'differences from Stripe', reconciliation: id, kind, checked, found, repaired, parked });
  }
}
