import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, Property } from '@mikro-orm/decorators/legacy';
import { Mirrored } from '../mirror/mirrored.entity.js';

/** The mirror of Stripe's refund. https://docs.stripe.com/api/refunds/object */
@Entity({ tableName: 'refunds' })
export class Refund extends Mirrored {
  @Property({ type: 'text', nullable: true })
  @Index()
  customer!: string | null;

  @Property({ type: 'text', nullable: true })
  @Index()
  payment_intent!: string | null;

  @Property({ type: 'text', nullable: true })
  charge!: string | null;

  @Property({ type: 'text', nullable: true })
  status!: string | null;

  /** Integer, minor units of `currency`. */
  @Property({ type: new BigIntType('number') })
  amount!: number;

  @Property({ type: 'text' })
  currency!: string;

  @Property({ type: 'text', nullable: true })
  reason!: string | null;

  /** The reservation that it fulfils, where `POST /v1/refunds` made it. */
  @Property({ type: 'text', nullable: true })
  @Index()
  reservation!: string | null;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created!: Date;
}
