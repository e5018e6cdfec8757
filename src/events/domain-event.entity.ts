import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { DomainEventType } from './domain-events.js';

/** A domain event as it was published; never changed. */
@Entity({ tableName: 'domain_events' })
@Index({ properties: ['customer', 'id'] })
@Index({ properties: ['type', 'id'] })
export class DomainEventRow {
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  type!: DomainEventType;

  @Property({ type: 'text', nullable: true })
  customer!: string | null;

  @Property({ type: 'text' })
  object!: string;

  @Property({ type: 'json', columnType: 'json' })
  data!: Record<string, unknown>;

  @Property({ type: 'text', nullable: true })
  cause!: string | null;

  /** What may happen only once carries the same key each time it is published. */
  @Property({ type: 'text', nullable: true, unique: true })
  key!: string | null;

  /** Business time. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  occurred_at!: Date;

  /** Real time. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  created_at!: Date;
}
