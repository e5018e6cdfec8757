import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, Property } from '@mikro-orm/decorators/legacy';
import { Mirrored } from '../mirror/mirrored.entity.js';

/** The mirror of Stripe's invoice. https://docs.stripe.com/api/invoices/object */
@Entity({ tableName: 'invoices' })
export class Invoice extends Mirrored {
  @Property({ type: 'text', nullable: true })
  @Index()
  customer!: string | null;

  @Property({ type: 'text', nullable: true })
  @Index()
  subscription!: string | null;

  @Property({ type: 'text', nullable: true })
  number!: string | null;

  /** draft, open, paid, uncollectible, void; null only in Stripe's types. */
  @Property({ type: 'text', nullable: true })
  status!: string | null;

  @Property({ type: 'text', nullable: true })
  billing_reason!: string | null;

  @Property({ type: 'text' })
  currency!: string;

  /** Integers, minor units of `currency`. */
  @Property({ type: new BigIntType('number') })
  amount_due!: number;

  @Property({ type: new BigIntType('number') })
  amount_paid!: number;

  @Property({ type: new BigIntType('number') })
  amount_remaining!: number;

  @Property({ type: 'integer' })
  attempt_count!: number;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  next_payment_attempt!: Date | null;

  /** When it became due for collection; for automatic collection the first attempt follows at once. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  finalized_at!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  paid_at!: Date | null;

  @Property({ type: 'text', nullable: true })
  hosted_invoice_url!: string | null;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created!: Date;
}
