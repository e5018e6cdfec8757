import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { AlertName } from './alerts-file.js';

/** One occurrence of an alert, from when it was told until it is over; one of a name is open at a time. */
@Entity({ tableName: 'alerts' })
@Index({
  name: 'alerts_open',
  expression: `create unique index "alerts_open" on "alerts" ("name") where "resolved_at" is null`,
})
@Index({ properties: ['created_at', 'id'] })
export class Alert {
  @PrimaryKey({ type: 'text' })
  id!: string;

  /** As `config/alerts.yaml` calls it. */
  @Property({ type: 'text' })
  name!: AlertName;

  @Property({ type: 'text' })
  text!: string;

  /** What its limit is compared with, when it was last true. */
  @Property({ type: 'double' })
  value!: number;

  /** When it was raised; real time, of the database's clock, as all its moments. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  created_at!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  last_true_at!: Date;

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  resolved_at!: Date | null;

  isOver(now: Date, afterMinutes: number): boolean {
    return now.getTime() - this.last_true_at.getTime() >= afterMinutes * 60_000;
  }
}
