import { Entity, Index, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import type { Outcome } from './outcome.js';

/** One event on its way to one endpoint, with what was sent and what was answered last. */
@Entity({ tableName: 'webhook_deliveries' })
@Unique({ properties: ['endpoint', 'event'] })
@Index({ properties: ['endpoint', 'created_at', 'id'] })
@Index({
  name: 'webhook_deliveries_pending',
  expression: `create index "webhook_deliveries_pending" on "webhook_deliveries" ("endpoint", "next_attempt_at") where "status" = 'pending'`,
})
export class WebhookDelivery {
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  endpoint!: string;

  /** The domain event's id. It is the `webhook-id` of every attempt, so a receiver knows what it has seen. */
  @Property({ type: 'text' })
  event!: string;

  @Property({ type: 'text' })
  event_type!: string;

  @Property({ type: 'text', nullable: true })
  @Index()
  customer!: string | null;

  /** `failed`: given up after all attempts. `skipped`: the endpoint was disabled or deleted meanwhile. */
  @Property({ type: 'text' })
  status!: 'pending' | 'delivered' | 'failed' | 'skipped';

  @Property({ type: 'integer' })
  attempts!: number;

  /** Of `attempts`, those before it was last asked for again: the pauses between attempts begin anew. */
  @Property({ type: 'integer', default: 0 })
  attempts_before!: number;

  /** Real time, of the database's clock; null when none is due any more. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  next_attempt_at!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  last_attempt_at!: Date | null;

  /** Null when the last attempt got no answer; `last_error` says why. */
  @Property({ type: 'integer', nullable: true })
  last_status_code!: number | null;

  @Property({ type: 'text', nullable: true })
  last_error!: string | null;

  /** Exactly the text that is signed and sent, each time. */
  @Property({ type: 'text' })
  request_body!: string;

  /** The first 2 KB of the last answer. */
  @Property({ type: 'text', nullable: true })
  response_body!: string | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  created_at!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  delivered_at!: Date | null;

  /** @param next when it is tried again; null: never. Only used when the attempt failed. */
  record(outcome: Outcome, at: Date, next: Date | null): void {
    this.attempts += 1;
    this.last_attempt_at = at;
    this.last_status_code = outcome.status_code;
    this.last_error = outcome.error;
    this.response_body = outcome.response_body;
    this.next_attempt_at = outcome.error === null ? null : next;
    if (outcome.error === null) {
      this.status = 'delivered';
      this.delivered_at = at;
    } else {
      this.status = next === null ? 'failed' : 'pending';
    }
  }

  skip(reason: string): void {
    this.status = 'skipped';
    this.next_attempt_at = null;
    this.last_error = reason;
  }

  /** Makes it due again, whatever became of it. */
  sendAgain(at: Date): void {
    this.status = 'pending';
    this.next_attempt_at = at;
    this.attempts_before = this.attempts;
  }
}
