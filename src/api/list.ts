import { raw } from '@mikro-orm/postgresql';
import type { EntityManager, QueryBuilder } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { InvalidInput } from '../errors/failure.js';

/** The query of every list; rooms add their filters: `ListQuery.extend({ customer: z.string().optional() })`. */
export const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(10).meta({ description: 'How many objects, 1 to 100.' }),
  starting_after: z.string().optional().meta({ description: 'An id: the list continues after this object.' }),
  ending_before: z.string().optional().meta({ description: 'An id: the list ends before this object.' }),
});
export type ListQuery = z.infer<typeof ListQuery>;

export interface List<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

/** For `@ApiOkResponse({ standardSchema: listOf(CustomerView) })`. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ object: z.literal('list'), data: z.array(item), has_more: z.boolean(), url: z.string() });
}

/** @param rows up to one more than `limit`: the one too many says that there are more */
export function page<T>(rows: T[], limit: number, url: string): List<T> {
  return { object: 'list', data: rows.slice(0, limit), has_more: rows.length > limit, url };
}

export interface Listing {
  query: ListQuery;
  url: string;
  /** The column of the moment of creation: mirrored objects have `created`, our own `created_at`; an `id` may say it itself. */
  created: 'created' | 'created_at' | 'id';
}

/**
 * One page, youngest first, with Stripe's cursors. https://docs.stripe.com/api/pagination
 * @param rows everything the list could hold: `em.createQueryBuilder(Customer).where({ email })`
 * @throws InvalidInput for a cursor that is no object of this list's kind, or two cursors at once
 */
export async function listPage<E extends object>(
  em: EntityManager,
  rows: QueryBuilder<E>,
  { query, url, created }: Listing,
): Promise<List<E>> {
  const { limit, starting_after, ending_before } = query;
  if (starting_after !== undefined && ending_before !== undefined) {
    throw new InvalidInput([{ pointer: 'ending_before', detail: 'Give starting_after or ending_before, not both.' }]);
  }
  const backwards = ending_before !== undefined;
  const [direction, beyond] = backwards ? (['asc', '>'] as const) : (['desc', '<'] as const);
  const order = created === 'id' ? ['id'] : [created, 'id'];
  const columns = order.map((column) => `"${rows.alias}".${column}`);
  const cursor = ending_before ?? starting_after;
  if (cursor !== undefined) {
    const place = await placeOf(em, `"${rows.mainAlias.meta.tableName}"`, order, cursor);
    if (place === null) {
      const detail = `There is no object '${cursor}' to continue from.`;
      throw new InvalidInput([{ pointer: backwards ? 'ending_before' : 'starting_after', detail }]);
    }
    rows.andWhere(`(${columns.join(', ')}) ${beyond} (${order.map(() => '?').join(', ')})`, place);
  }
  rows.orderBy(columns.map((column) => ({ [raw(column)]: direction })));
  const result = page(await rows.limit(limit + 1).getResult(), limit, url);
  return backwards ? { ...result, data: result.data.toReversed() } : result;
}

/** As text, because the database's moments are finer than a JavaScript Date. */
async function placeOf(em: EntityManager, table: string, order: string[], id: string): Promise<string[] | null> {
  const texts = order.map((column) => `${column}::text`).join(', ');
  const [row] = await em.execute<Array<Record<string, string>>>(`select ${texts} from ${table} where id = ?`, [id]);
  return row === undefined ? null : order.map((column) => row[column] ?? '');
}
