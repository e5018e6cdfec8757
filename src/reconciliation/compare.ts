import { isDeepStrictEqual } from 'node:util';
import type { Mirrored } from '../mirror/mirrored.entity.js';
import type { DifferenceClass } from './difference.entity.js';

export interface Comparison {
  class: Exclude<DifferenceClass, 'missed_event'>;
  /** Column → `{ ours, stripes }`. */
  detail: Record<string, { ours: unknown; stripes: unknown }>;
}

/**
 * What differs between a mirrored row and the columns that are read out of Stripe's object; null: nothing does.
 * @param stripes null: Stripe says that there is no such object (any more)
 */
export function compare(row: Mirrored | null, stripes: object | null): Comparison | null {
  if (row === null) return stripes === null ? null : { class: 'missing', detail: {} };
  if (row.deleted !== (stripes === null)) {
    return { class: 'deleted', detail: { deleted: { ours: row.deleted, stripes: stripes === null } } };
  }
  if (stripes === null) return null;
  const differing = Object.entries(stripes)
    .map(([column, value]) => [column, { ours: plain(Reflect.get(row, column)), stripes: plain(value) }] as const)
    .filter(([, { ours, stripes: theirs }]) => !isDeepStrictEqual(ours, theirs));
  return differing.length === 0 ? null : { class: 'stale', detail: Object.fromEntries(differing) };
}

/** As JSON tells it, so that moments compare by their value; a column that has none is null. */
function plain(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
