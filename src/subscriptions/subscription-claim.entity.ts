import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Somebody is at work on a customer's plan group (subscribing) or subscription (changing it); others are turned away. */
@Entity({ tableName: 'subscription_claims' })
export class SubscriptionClaim {
  @PrimaryKey({ type: 'text' })
  customer!: string;

  /** A plan group, or a subscription's id. */
  @PrimaryKey({ type: 'text' })
  subject!: string;

  /** Tells the claim from one that has taken its place. */
  @Property({ type: 'text' })
  owner!: string;

  /** By the database's clock; renewed before each command. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  claimed_at!: Date;
}
