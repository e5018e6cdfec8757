import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Something that falls due in business time: at `due_at` it becomes the job `job`. One per job and key. */
@Entity({ tableName: 'due' })
export class DueRow {
  @PrimaryKey({ type: 'text' })
  job!: string;

  @PrimaryKey({ type: 'text' })
  key!: string;

  @Property({ type: 'json', columnType: 'json' })
  data!: object;

  @Property({ type: 'datetime', columnType: 'timestamptz' })
  @Index()
  due_at!: Date;
}
