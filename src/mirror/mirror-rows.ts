import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { KnownSnapshot } from './decide-snapshot.js';
import type { MirroredObject } from './mirrored-object.js';

/** A row of any mirrored table, without the columns that are read out of `data` anyway. */
export interface MirrorRow extends Omit<KnownSnapshot, 'phase'> {
  object: string;
  id: string;
  revision: number;
  cause: string | null;
}

export interface RowKey {
  object: string;
  id: string;
}

/** A row to write. `columns` is what the module reads out of `data`. */
export interface RowWrite extends MirrorRow {
  columns: { id: string };
}

type AnyTables = Record<string, Record<string, unknown>>;

export function keyOf({ object, id }: RowKey): string {
  return `${object} ${id}`;
}

/** Reads rows of several tables in one round trip. */
export async function readRows(
  em: EntityManager,
  keys: RowKey[],
  tableOf: (object: string) => string,
): Promise<Map<string, MirrorRow>> {
  const byObject = Map.groupBy(keys, (key) => key.object);
  if (byObject.size === 0) return new Map();
  const selects = [...byObject].map(
    ([object, mine]) => sql`
      select ${object} as object, id, data, as_of, as_of_max, deleted, revision, cause
      from ${sql.table(tableOf(object))} where id = any(${mine.map(({ id }) => id)}::text[])`,
  );
  const { rows } = await sql<Omit<MirrorRow, 'as_of' | 'as_of_max'> & { as_of: string; as_of_max: string }>`
    ${sql.join(selects, sql` union all `)}`.execute(em.getKysely());
  return new Map(
    rows.map((row) => [keyOf(row), { ...row, as_of: new Date(row.as_of), as_of_max: new Date(row.as_of_max) }]),
  );
}

/** Upserts rows in one statement per table. */
export async function writeRows(
  em: EntityManager,
  writes: RowWrite[],
  definitionOf: (object: string) => MirroredObject,
): Promise<void> {
  for (const [object, mine] of Map.groupBy(writes, (write) => write.object)) {
    const { table } = definitionOf(object);
    const values = mine.map(({ object: _, columns, ...row }) => asValues({ ...columns, ...row }));
    const updated = Object.keys(values[0] ?? {}).filter((column) => column !== 'id');
    await em
      .getKysely<AnyTables>()
      .insertInto(table)
      .values(values)
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet((row) => Object.fromEntries(updated.map((column) => [column, row.ref(`excluded.${column}`)]))),
      )
      .execute();
  }
}

/** The driver would write JavaScript's arrays as PostgreSQL's arrays; our columns are json. */
function asValues(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'object' && value !== null && !(value instanceof Date) ? JSON.stringify(value) : value,
    ]),
  );
}
