import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** `refetch`: one question to Stripe, for however many events of its object were in doubt. `refused`: a bad signature. */
export type TallyKind = 'duplicate' | 'refetch' | 'refused';

/** Counts of what leaves no row of its own in the inbox. */
@Entity({ tableName: 'inbound_tallies' })
export class InboundTally {
  /** Machine time, the beginning of an hour. */
  @PrimaryKey({ type: 'datetime', columnType: 'timestamptz' })
  hour!: Date;

  @PrimaryKey({ type: 'text' })
  kind!: TallyKind;

  /** The event's type; empty where none is known. */
  @PrimaryKey({ type: 'text' })
  type!: string;

  @Property({ type: 'integer' })
  count!: number;
}
