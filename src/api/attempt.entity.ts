import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** The latest attempts under one key, oldest first. Machine time, of the database's clock, shared by all replicas. */
@Entity({ tableName: 'attempts' })
export class Attempt {
  @PrimaryKey({ type: 'text' })
  key!: string;

  @Property({ type: 'array', columnType: 'timestamptz[]' })
  taken_at!: string[];

  /** When the youngest attempt leaves its window: then the row counts nothing. */
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  @Index()
  forgotten_at!: Date;
}
