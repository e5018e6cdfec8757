import { Injectable } from '@nestjs/common';
import { raw } from '@mikro-orm/postgresql';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Clock } from '../database/clock.js';
import { newId } from '../database/ids.js';
import { lockNames } from '../database/named-locks.js';
import { JobQueue } from '../jobs/job-queue.js';
import { eventWindow } from './event-window.js';
import type { Finding } from './finding.js';
import { Reconciliation } from './reconciliation.entity.js';
import type { ReconciliationKind } from './reconciliation.entity.js';
import { ReconciliationRunning } from './reconciliation.errors.js';

/** Longer than any step with all its attempts. */
const LOST_AFTER = `interval '15 minutes'`;

export interface Order {
  kind: ReconciliationKind;
  dry_run: boolean;
  /** Asked for by a person, who wants to know about the last minutes as well. */
  everything: boolean;
}

interface DifferenceTable {
  differences: Omit<Finding, 'detail'> & { detail: string; id: string; reconciliation: string; created_at: Date };
}

@Injectable()
export class Reconciliations {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
  ) {}

  /** Begins a run. @throws ReconciliationRunning: there is one at a time of each kind */
  async open(em: EntityManager, { kind, dry_run, everything }: Order): Promise<Reconciliation> {
    await lockNames(em, [`reconciliation ${kind}`]);
    await this.failLost(em, kind);
    const running = await em.findOne(Reconciliation, { kind, status: 'running' });
    if (running) throw new ReconciliationRunning(kind, running.id);
    const now = this.clock.now();
    const window = kind === 'objects' ? null : eventWindow(now, await coveredTo(em), everything);
    const run = em.create(
      Reconciliation,
      {
        id: newId('rec'),
        kind,
        status: 'running',
        dry_run,
        from: window?.from ?? null,
        to: window?.to ?? null,
        error: null,
        created_at: now,
        finished_at: null,
      },
      { partial: true },
    );
    await em.flush();
    await this.queue.enqueue(em, 'reconciliation.run', { reconciliation: run.id });
    return run;
  }

  /** Writes differences down, each once per run, and counts them. */
  async record(em: EntityManager, run: Reconciliation, findings: Finding[]): Promise<void> {
    if (findings.length === 0) return;
    const common = { reconciliation: run.id, created_at: this.clock.now() };
    const written = await em
      .getKysely<DifferenceTable>()
      .insertInto('differences')
      .values(findings.map((it) => ({ ...it, ...common, id: newId('drf'), detail: JSON.stringify(it.detail) })))
      .onConflict((conflict) => conflict.columns(['reconciliation', 'class', 'object_id']).doNothing())
      .returning('repair')
      .execute();
    run.found += written.length;
    run.repaired += written.filter(({ repair }) => repair === 'repaired').length;
    run.parked += written.filter(({ repair }) => repair === 'parked').length;
  }

  private async failLost(em: EntityManager, kind: ReconciliationKind): Promise<void> {
    await em.nativeUpdate(
      Reconciliation,
      { kind, status: 'running', alive_at: { $lt: raw(`now() - ${LOST_AFTER}`) } },
      { status: 'failed', error: 'It stopped making progress.', finished_at: this.clock.now() },
    );
  }
}

async function coveredTo(em: EntityManager): Promise<Date | null> {
  const last = await em.findOne(
    Reconciliation,
    { kind: 'missed_events', status: 'done', dry_run: false },
    { orderBy: { to: 'desc' } },
  );
  return last?.to ?? null;
}
