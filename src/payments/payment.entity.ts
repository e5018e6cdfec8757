import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, Property } from '@mikro-orm/decorators/legacy';
import { Mirrored } from '../mirror/mirrored.entity.js';

/** The mirror of Stripe's payment intent. https://docs.stripe.com/api/payment_intents/object */
@Entity({ tableName: 'payment_intents' })
export class Payment extends Mirrored {
  @Property({ type: 'text', nullable: true })
  @Index()
  customer!: string | null;

  @Property({ type: 'text' })
  status!: string;

  /** Integer, minor units of `currency`. */
  @Property({ type: new BigIntType('number') })
  amount!: number;

  @Property({ type: new BigIntType('number') })
  amount_received!: number;

  @Property({ type: 'text' })
  currency!: string;

  @Property({ type: 'text', nullable: true })
  payment_method!: string | null;

  @Property({ type: 'text', nullable: true })
  latest_charge!: string | null;

  @Property({ type: 'text', nullable: true })
  @Index()
  order_id!: string | null;

  /** Made by `POST /v1/payments`; false for the payment of an invoice. */
  @Property({ type: 'boolean' })
  one_off!: boolean;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  @Index()
  created!: Date;
}
