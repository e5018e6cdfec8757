import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, Property } from '@mikro-orm/decorators/legacy';
import { Mirrored } from '../mirror/mirrored.entity.js';

/** The mirror of Stripe's price. https://docs.stripe.com/api/prices/object */
@Entity({ tableName: 'prices' })
export class Price extends Mirrored {
  @Property({ type: 'text' })
  product!: string;

  @Property({ type: 'boolean' })
  active!: boolean;

  @Property({ type: 'text' })
  currency!: string;

  /** Integer, minor units of `currency`; null for tiers and decimal amounts. */
  @Property({ type: new BigIntType('number'), nullable: true })
  unit_amount!: number | null;

  @Property({ type: 'text', nullable: true })
  recurring_interval!: string | null;

  @Property({ type: 'integer', nullable: true })
  recurring_interval_count!: number | null;

  @Property({ type: 'text', nullable: true })
  @Index()
  lookup_key!: string | null;

  /** The plan of the catalogue that it sells; kept when its lookup key has moved on to a newer price. */
  @Property({ type: 'text', nullable: true })
  plan!: string | null;

  @Property({ type: 'json', columnType: 'json' })
  metadata!: Record<string, string>;
}
