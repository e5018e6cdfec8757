import { Entity, Index, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';

/** `missing`: Stripe has it, we do not. `deleted`: one side says it is deleted, the other does not. */
export type DifferenceClass = 'missed_event' | 'missing' | 'stale' | 'deleted';

/** `parked`: left as it was, for a person to decide. */
export type Repair = 'repaired' | 'parked' | 'dry_run';

/** One difference between Stripe and what we hold, written down before it is repaired. */
@Entity({ tableName: 'differences' })
@Unique({ properties: ['reconciliation', 'class', 'object_id'] })
@Index({ properties: ['reconciliation', 'created_at', 'id'] })
export class Difference {
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  reconciliation!: string;

  @Property({ type: 'text' })
  class!: DifferenceClass;

  /** Stripe's name of the type of object: `subscription`, `event`. */
  @Property({ type: 'text' })
  object_type!: string;

  /** Stripe's id. */
  @Property({ type: 'text' })
  object_id!: string;

  @Property({ type: 'text', nullable: true })
  @Index()
  customer!: string | null;

  /** What differs: column → `{ ours, stripes }`; of a missed event its type and when it was created. */
  @Property({ type: 'json', columnType: 'json' })
  detail!: Record<string, unknown>;

  /** The repair takes somebody's access away; a run makes only so many of these. */
  @Property({ type: 'boolean' })
  takes_access!: boolean;

  @Property({ type: 'text' })
  repair!: Repair;

  /** Business time. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created_at!: Date;
}
