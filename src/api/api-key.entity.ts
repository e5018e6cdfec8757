import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

export const SCOPES = ['read', 'write'] as const;
export type Scope = (typeof SCOPES)[number];

/** An API key. The key itself is shown once and never stored. */
@Entity({ tableName: 'api_keys' })
export class ApiKey {
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  name!: string;

  /** SHA-256 in hex. */
  @Property({ type: 'text', unique: true })
  hash!: string;

  /** The start of the key that is safe to show, such as `gs_test_`. */
  @Property({ type: 'text' })
  prefix!: string;

  @Property({ type: 'text' })
  last4!: string;

  @Property({ type: 'json', columnType: 'json' })
  scopes!: Scope[];

  /** Machine time, like every moment of this table: keys do not follow the sandbox's clock. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created_at!: Date;

  /** Written at most once a minute. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  last_used_at!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  revoked_at!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  expires_at!: Date | null;
}
