import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

export type ReconciliationKind = 'missed_events' | 'objects';

/** One comparison with Stripe, done in short steps: what it needs to go on after a restart stands in this row. */
@Entity({ tableName: 'reconciliations' })
@Index({ properties: ['kind', 'status'] })
@Index({ properties: ['created_at', 'id'] })
export class Reconciliation {
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  kind!: ReconciliationKind;

  @Property({ type: 'text' })
  status!: 'running' | 'done' | 'failed';

  /** Differences are recorded, and nothing is repaired. */
  @Property({ type: 'boolean' })
  dry_run!: boolean;

  /** The events that were created from here (Stripe's clock); null for objects, which are compared whatever their age. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  from!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  to!: Date | null;

  /** How many events or objects were looked at. */
  @Property({ type: 'integer', default: 0 })
  checked!: number;

  @Property({ type: 'integer', default: 0 })
  found!: number;

  @Property({ type: 'integer', default: 0 })
  repaired!: number;

  @Property({ type: 'integer', default: 0 })
  parked!: number;

  /** Why it failed, or why its last attempt at a step did. */
  @Property({ type: 'text', nullable: true })
  error!: string | null;

  /** Where the next step begins; null: at the beginning. */
  @Property({ type: 'json', columnType: 'json', nullable: true })
  cursor!: object | null;

  /** Tells a step that was repeated from the one that goes on. */
  @Property({ type: 'integer', default: 0 })
  steps!: number;

  /** How often the step that is due now has failed. */
  @Property({ type: 'integer', default: 0 })
  attempts!: number;

  /** Machine time: a run without a sign of life has lost its job. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  alive_at!: Date;

  /** Business time, as is `finished_at`. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created_at!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  finished_at!: Date | null;

  /** The step is done. @param next where to go on; null: this was the last. */
  advance(checked: number, next: object | null, now: Date): void {
    this.checked += checked;
    this.cursor = next;
    this.steps += 1;
    this.attempts = 0;
    this.error = null;
    if (next === null) this.end('done', now);
  }

  /** The step has failed. @param last nobody will try it again. */
  stumble(reason: string, last: boolean, now: Date): void {
    this.attempts += 1;
    this.error = reason;
    if (last) this.end('failed', now);
  }

  private end(status: 'done' | 'failed', now: Date): void {
    this.status = status;
    this.finished_at = now;
  }
}
