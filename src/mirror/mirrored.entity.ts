import { PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** What every mirrored table has. Only `Mirror` writes these tables. */
export abstract class Mirrored {
  /** Stripe's id. */
  @PrimaryKey({ type: 'text' })
  id!: string;

  /**
   * Stripe's object as it was at `as_of`, unexpanded, in the pinned API version; the columns are read out of it. It is long,
   * and few need more than the columns: whoever does asks for it, `{ populate: ['data'] }`.
   */
  @Property({ type: 'json', columnType: 'json', lazy: true })
  data!: unknown;

  /** The moment, in Stripe's clock and whole seconds, at which `data` was true for certain. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  as_of!: Date;

  /** The latest such moment: later than `as_of` for an answer of the API, which was true at some moment while it was on its way. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  as_of_max!: Date;

  /** Counts the writes of this row: tells whether it changed while an answer was on its way. */
  @Property({ type: 'integer' })
  revision!: number;

  /** Deleted at Stripe: the row stays as a tombstone, so that late events find what they speak of. */
  @Property({ type: 'boolean' })
  deleted!: boolean;

  /** The Stripe event, operation or reconciliation that brought `data`. */
  @Property({ type: 'text', nullable: true })
  cause!: string | null;
}
