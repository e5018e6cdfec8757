import { Injectable } from '@nestjs/common';
import type { EntityName } from '@mikro-orm/core';
import { sql } from 'kysely';
import { Transactions } from '../database/transactions.js';
import type { Mirrored } from '../mirror/mirrored.entity.js';

/** Rows by the moments of their creation: after `from` (exclusive) up to `until` (inclusive); null: without bound. */
export interface Span {
  from: string | null;
  until: string | null;
}

/** Reads the mirrored tables with their columns as the entities type them. It never writes: that is for `Mirror` alone. */
@Injectable()
export class MirroredRows {
  constructor(private readonly transactions: Transactions) {}

  async load(table: string, ids: string[]): Promise<Map<string, Mirrored>> {
    const em = this.transactions.reader();
    const rows = await em.find(this.entityOf(table), { id: { $in: ids } }, { populate: ['data'] });
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** How many are not deleted. */
  count(table: string): Promise<number> {
    return this.transactions.reader().count(this.entityOf(table), { deleted: false });
  }

  /** Ids of rows within `span` that are not deleted and not among `listed`, in order, after the id `after`. */
  async unlisted(table: string, span: Span, listed: string[], after: string | null, limit: number): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select id from ${sql.table(table)}
      where not deleted and id <> all(${listed}::text[])
        ${span.from === null ? sql`` : sql`and created > ${span.from}::timestamptz`}
        ${span.until === null ? sql`` : sql`and created <= ${span.until}::timestamptz`}
        ${after === null ? sql`` : sql`and id > ${after}`}
      order by id limit ${limit}`.execute(this.transactions.reader().getKysely());
    return rows.map(({ id }) => id);
  }

  private entityOf(table: string): EntityName<Mirrored> {
    const all = [...this.transactions.reader().getMetadata()];
    const meta = all.find(({ tableName }) => tableName === table);
    if (!meta) throw new Error(`No entity has the table '${table}'.`);
    return meta.class;
  }
}
