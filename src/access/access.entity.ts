import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { Entitlement, Summary } from './entitlement.js';

export interface AccessState {
  entitlements: Record<string, Entitlement>;
  summary: Summary;
}

/** What a customer may use, as it was derived last. Only `Access` writes it. */
@Entity({ tableName: 'access' })
export class AccessRow implements AccessState {
  /** Stripe's id. */
  @PrimaryKey({ type: 'text' })
  customer!: string;

  @Property({ type: 'json', columnType: 'json' })
  entitlements!: Record<string, Entitlement>;

  @Property({ type: 'json', columnType: 'json' })
  summary!: Summary;

  /** Business time, as is `computed_at`: from then on this row no longer holds. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  next_change_at!: Date | null;

  /** Fingerprint of the catalogue and the policies by which it was derived. */
  @Property({ type: 'text' })
  @Index()
  basis!: string;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  computed_at!: Date;

  /** The Stripe event, operation or reconciliation that led to it; null: time, or another catalogue or policy. */
  @Property({ type: 'text', nullable: true })
  cause!: string | null;
}

/** History: what somebody could use changed, or the reason for it did. */
@Entity({ tableName: 'access_changes' })
@Index({ properties: ['customer', 'at', 'id'] })
export class AccessChange {
  /** `acc_…` */
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  customer!: string;

  /** Business time. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  at!: Date;

  /** Null: nothing had been derived for this customer. */
  @Property({ type: 'json', columnType: 'json', nullable: true })
  before!: AccessState | null;

  @Property({ type: 'json', columnType: 'json' })
  after!: AccessState;

  @Property({ type: 'text', nullable: true })
  cause!: string | null;
}
