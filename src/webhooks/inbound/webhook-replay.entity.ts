import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { Selection } from './replay-selection.js';

/** Stored events that are gone through again, in short steps: what it needs to go on after a restart stands in this row. */
@Entity({ tableName: 'webhook_replays' })
@Index({ properties: ['created_at', 'id'] })
export class WebhookReplay {
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'json', columnType: 'json' })
  selection!: Selection;

  @Property({ type: 'text' })
  status!: 'running' | 'done' | 'failed';

  /** How many events are selected; null until they have been counted. */
  @Property({ type: 'integer', nullable: true })
  total!: number | null;

  @Property({ type: 'integer', default: 0 })
  checked!: number;

  @Property({ type: 'integer', default: 0 })
  replayed!: number;

  @Property({ type: 'integer', default: 0 })
  requeued!: number;

  @Property({ type: 'integer', default: 0 })
  skipped!: number;

  @Property({ type: 'integer', default: 0 })
  failed!: number;

  /** Why it failed, or why its last attempt at a step did. */
  @Property({ type: 'text', nullable: true })
  error!: string | null;

  /** The last event that was looked at; null: none yet. */
  @Property({ type: 'json', columnType: 'json', nullable: true })
  cursor!: ReplayCursor | null;

  /** Tells a step that was repeated from the one that goes on. */
  @Property({ type: 'integer', default: 0 })
  steps!: number;

  /** How often the step that is due now has failed. */
  @Property({ type: 'integer', default: 0 })
  attempts!: number;

  /** Machine time, as are all its moments. What is received later is not part of it, so that it ends. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  created_at!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  finished_at!: Date | null;

  /** The step is done. @param next where to go on; null: this was the last. */
  advance({ total, checked, replayed, requeued, skipped, failed, error }: ReplayStep, next: ReplayCursor | null): void {
    this.total = total;
    this.checked += checked;
    this.replayed += replayed;
    this.requeued += requeued;
    this.skipped += skipped;
    this.failed += failed;
    // Of what failed a word is kept; of what only stumbled nothing.
    this.error = error ?? (this.failed > 0 ? this.error : null);
    this.cursor = next;
    this.steps += 1;
    this.attempts = 0;
    if (next === null) this.end('done');
  }

  /** The step has failed. @param last nobody will try it again. */
  stumble(reason: string, last: boolean): void {
    this.attempts += 1;
    this.error = reason;
    if (last) this.end('failed');
  }

  private end(status: 'done' | 'failed'): void {
    this.status = status;
    this.finished_at = new Date();
  }
}

/** What one step has done, to be added up. */
export interface ReplayStep {
  total: number;
  checked: number;
  replayed: number;
  requeued: number;
  skipped: number;
  failed: number;
  error: string | null;
}

export interface ReplayCursor {
  /** As PostgreSQL spells it: finer than a JavaScript Date. */
  received_at: string;
  id: string;
}
