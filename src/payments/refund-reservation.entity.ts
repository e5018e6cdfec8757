import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A part of a payment that a refund on its way to Stripe has taken; gone as soon as the refund is mirrored. */
@Entity({ tableName: 'refund_reservations' })
export class RefundReservation {
  /** The same for the same request, so that its repetition finds what it had reserved. */
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  @Index()
  payment!: string;

  @Property({ type: 'text', nullable: true })
  customer!: string | null;

  /** Integer, minor units of the payment's currency. */
  @Property({ type: new BigIntType('number') })
  amount!: number;

  /** Of the database's clock. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  created_at!: Date;
}
