import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

export type InboundStatus = 'pending' | 'handled' | 'dead' | 'quarantined';
export type Decision = 'apply' | 'ignore' | 'refetch' | 'unprojected';

/**
 * The inbox: every verified event, once, with the bytes as they came. It is its own queue: what is pending lies in a
 * partial index, which stays as small as the backlog however large the table grows (measured with 5,000,000 rows).
 */
@Entity({ tableName: 'inbound_events' })
@Index({
  name: 'inbound_events_pending',
  expression: `create index "inbound_events_pending" on "inbound_events" ("created", "id") where "status" = 'pending'`,
})
// Lists, replays and metrics go along it. Without the id: an insert is then an append, and a group's equal moments share an
// entry (measured: with the id it costs the way in a seventh, without it nothing that could be told from noise).
@Index({ properties: ['received_at'] })
@Index({
  name: 'inbound_events_aside',
  expression: `create index "inbound_events_aside" on "inbound_events" ("status", "received_at") where "status" in ('dead', 'quarantined')`,
})
// What is still to be pruned; entered when an event is handled, so the way in does not pay for it.
@Index({
  name: 'inbound_events_prunable',
  expression: `create index "inbound_events_prunable" on "inbound_events" ("handled_at") where "status" = 'handled' and "payload" is not null`,
})
export class InboundEvent {
  /** Stripe's event id; `raw_<hash of the bytes>` for signed bytes that hold none. */
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  type!: string;

  @Property({ type: 'text', nullable: true })
  api_version!: string | null;

  @Property({ type: 'boolean' })
  livemode!: boolean;

  @Property({ type: 'text', nullable: true })
  object!: string | null;

  @Property({ type: 'text', nullable: true })
  customer!: string | null;

  /** The connected account it comes from; null: our own. Others' events are kept and counted, never projected. */
  @Property({ type: 'text', nullable: true })
  account!: string | null;

  /** Stripe's clock, whole seconds. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created!: Date;

  /**
   * Text, not jsonb: the bytes as they came, and cheaper to write. Null once it is pruned: the id is known for longer.
   * Lazy: no list reads it.
   */
  @Property({ type: 'text', nullable: true, lazy: true })
  payload!: string | null;

  @Property({ type: 'text', default: 'pending' })
  status!: InboundStatus;

  @Property({ type: 'text', nullable: true })
  decision!: Decision | null;

  @Property({ type: 'integer', default: 0 })
  attempts!: number;

  /** Machine time: backoff of what failed. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  next_attempt_at!: Date;

  @Property({ type: 'text', nullable: true })
  error!: string | null;

  /** Machine time. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  received_at!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  handled_at!: Date | null;

  /** Where its trace begins; only when traces are on. https://www.w3.org/TR/trace-context/#traceparent-header */
  @Property({ type: 'text', nullable: true })
  traceparent!: string | null;

  /** How long the batch took that handled it, from its claim, with what was asked of Stripe meanwhile. */
  @Property({ type: 'integer', nullable: true })
  processing_ms!: number | null;
}
