import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Events of a range of time that are sent to an endpoint again, in short steps: what it needs to go on stands in this row. */
@Entity({ tableName: 'webhook_endpoint_replays' })
@Index({ properties: ['endpoint', 'id'] })
export class WebhookEndpointReplay {
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  endpoint!: string;

  /** When the events were published, in real time; `to` is exclusive. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  from!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  to!: Date;

  /** Patterns that narrow what the endpoint listens to; null: all of that. */
  @Property({ type: 'json', columnType: 'json', nullable: true })
  types!: string[] | null;

  @Property({ type: 'boolean' })
  only_failed!: boolean;

  @Property({ type: 'text' })
  status!: 'running' | 'done' | 'failed';

  @Property({ type: 'integer', default: 0 })
  queued!: number;

  @Property({ type: 'integer', default: 0 })
  skipped!: number;

  @Property({ type: 'text', nullable: true })
  error!: string | null;

  /** The id of the last event that was looked at; an id that no event has: none yet. */
  @Property({ type: 'text' })
  cursor!: string;

  /** Tells a step that was repeated from the one that goes on. */
  @Property({ type: 'integer', default: 0 })
  steps!: number;

  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  created_at!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  finished_at!: Date | null;

  /** The step is done. @param next where to go on; null: this was the last. */
  advance(step: { queued: number; skipped: number }, next: string | null): void {
    this.queued += step.queued;
    this.skipped += step.skipped;
    this.steps += 1;
    if (next === null) this.end('done');
    else this.cursor = next;
  }

  fail(reason: string): void {
    this.error = reason;
    this.end('failed');
  }

  private end(status: 'done' | 'failed'): void {
    this.status = status;
    this.finished_at = new Date();
  }
}
