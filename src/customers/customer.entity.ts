import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Mirrored } from '../mirror/mirrored.entity.js';

/** The mirror of Stripe's customer. https://docs.stripe.com/api/customers/object */
@Entity({ tableName: 'customers' })
export class Customer extends Mirrored {
  @Property({ type: 'text', nullable: true })
  @Index({ name: 'customers_email', expression: 'create index "customers_email" on "customers" (lower("email"))' })
  email!: string | null;

  @Property({ type: 'text', nullable: true })
  name!: string | null;

  @Property({ type: 'text', nullable: true })
  currency!: string | null;

  /** BCP 47, the customer's first preferred locale. */
  @Property({ type: 'text', nullable: true })
  locale!: string | null;

  @Property({ type: 'text', nullable: true })
  default_payment_method!: string | null;

  @Property({ type: 'json', columnType: 'json' })
  metadata!: Record<string, string>;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  @Index()
  created!: Date;
}

/**
 * The SaaS's own id for a customer. Ours, not mirrored: two Stripe customers may carry the same id in their metadata
 * (made by hand in Stripe's dashboard), and the mirror must take both; here the first one has it.
 */
@Entity({ tableName: 'external_ids' })
export class ExternalId {
  @PrimaryKey({ type: 'text' })
  external_id!: string;

  /** Stripe's id; null while the customer is being created. */
  @Property({ type: 'text', nullable: true, unique: true })
  customer!: string | null;

  /** When its creation was begun, by the database's clock. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  claimed_at!: Date;
}
