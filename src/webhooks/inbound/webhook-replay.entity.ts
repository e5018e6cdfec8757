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
}

export interface ReplayCursor {
  /** As PostgreSQL spells it: finer than a JavaScript Date. */
  received_at: string;
  id: string;
}
