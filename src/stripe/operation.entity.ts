import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { OperationKind } from './operations.js';

/** A command to Stripe, written down before it is sent: a lost answer leads to a repeat, never to a second object. */
@Entity({ tableName: 'operations' })
export class Operation {
  /** Also the Idempotency-Key that Stripe is given. */
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Property({ type: 'text' })
  kind!: OperationKind;

  @Property({ type: 'text', nullable: true })
  @Index()
  customer!: string | null;

  @Property({ type: 'json', columnType: 'json' })
  params!: object;

  /** started: sent, perhaps; done; failed: Stripe refused it, so nothing happened. */
  @Property({ type: 'text' })
  @Index({
    name: 'operations_started',
    expression: `create index "operations_started" on "operations" ("started_at") where "status" = 'started'`,
  })
  status!: 'started' | 'done' | 'failed';

  @Property({ type: 'text', nullable: true })
  result!: string | null;

  @Property({ type: 'text', nullable: true })
  error!: string | null;

  @Property({ type: 'integer', default: 0 })
  attempts!: number;

  /** Real time. */
  @Property({ type: 'datetime', columnType: 'timestamptz', defaultRaw: 'now()' })
  started_at!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  finished_at!: Date | null;
}
