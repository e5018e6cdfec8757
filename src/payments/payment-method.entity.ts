import { Entity, Index, Property } from '@mikro-orm/decorators/legacy';
import { Mirrored } from '../mirror/mirrored.entity.js';

/** The mirror of Stripe's payment method; never a card number. https://docs.stripe.com/api/payment_methods/object */
@Entity({ tableName: 'payment_methods' })
export class PaymentMethod extends Mirrored {
  /** Null when detached. */
  @Property({ type: 'text', nullable: true })
  @Index()
  customer!: string | null;

  @Property({ type: 'text' })
  type!: string;

  @Property({ type: 'text', nullable: true })
  card_brand!: string | null;

  @Property({ type: 'text', nullable: true })
  card_last4!: string | null;

  @Property({ type: 'integer', nullable: true })
  card_exp_month!: number | null;

  @Property({ type: 'integer', nullable: true })
  card_exp_year!: number | null;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created!: Date;
}
