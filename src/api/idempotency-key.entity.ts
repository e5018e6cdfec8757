import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** An Idempotency-Key that a caller sent, and the answer it stands for. Machine time, of the database's clock. */
@Entity({ tableName: 'idempotency_keys' })
export class IdempotencyKey {
  @PrimaryKey({ type: 'text' })
  api_key!: string;

  @PrimaryKey({ type: 'text' })
  key!: string;

  /** SHA-256 of method, path and body. */
  @Property({ type: 'text' })
  fingerprint!: string;

  @Property({ type: 'text' })
  state!: 'started' | 'done';

  /** The request that holds the key; another may take over once `claimed_at` is old. */
  @Property({ type: 'text' })
  owner!: string;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  claimed_at!: Date;

  @Property({ type: 'integer', nullable: true })
  status!: number | null;

  @Property({ type: 'text', nullable: true })
  content_type!: string | null;

  /** The answer's bytes, sealed with the caller's API key (`answer-seal.ts`). */
  @Property({ type: 'blob', nullable: true })
  body!: Buffer | null;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  @Index()
  created_at!: Date;
}
