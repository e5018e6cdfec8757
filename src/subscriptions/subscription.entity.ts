import { Entity, Index, Property } from '@mikro-orm/decorators/legacy';
import { Mirrored } from '../mirror/mirrored.entity.js';

export interface SubscriptionItem {
  id: string;
  price: string;
  product: string;
  /** The plan of the catalogue that the price sells, from the price's metadata. */
  plan: string | null;
  quantity: number;
  /** ISO 8601, UTC; Stripe keeps the period on the item. */
  current_period_start: string;
  current_period_end: string;
}

/** The mirror of Stripe's subscription with its items. https://docs.stripe.com/api/subscriptions/object */
@Entity({ tableName: 'subscriptions' })
export class Subscription extends Mirrored {
  @Property({ type: 'text' })
  @Index()
  customer!: string;

  /** incomplete, incomplete_expired, trialing, active, past_due, canceled, unpaid, paused */
  @Property({ type: 'text' })
  status!: string;

  @Property({ type: 'json', columnType: 'json' })
  items!: SubscriptionItem[];

  /** The plan of its first item that has one; null when the catalogue knows none of its prices. */
  @Property({ type: 'text', nullable: true })
  plan!: string | null;

  @Property({ type: 'text' })
  currency!: string;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  current_period_start!: Date;

  /** The earliest end of its items' periods. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  current_period_end!: Date;

  @Property({ type: 'boolean' })
  cancel_at_period_end!: boolean;

  /** Set for every scheduled end, also while `cancel_at_period_end` is false. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  cancel_at!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  canceled_at!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  ended_at!: Date | null;

  @Property({ type: 'text', nullable: true })
  cancellation_reason!: string | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  trial_end!: Date | null;

  @Property({ type: 'text', nullable: true })
  pause_collection!: string | null;

  @Property({ type: 'text', nullable: true })
  latest_invoice!: string | null;

  @Property({ type: 'text', nullable: true })
  default_payment_method!: string | null;

  @Property({ type: 'json', columnType: 'json' })
  metadata!: Record<string, string>;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  @Index()
  created!: Date;
}
