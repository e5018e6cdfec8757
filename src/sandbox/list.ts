import type Stripe from 'stripe';
import type { Context } from './context.js';
import { invalid, missing, ParameterError } from './errors.js';
import type { Objects, ObjectType } from './objects.js';
import { integer, range, text, type Kind } from './params.js';
import { placeOf, type Row } from './table.js';

const limit: Kind<number> = {
  read(value, name) {
    const number = integer.read(value, name);
    if (number < 1 || number > 100)
      throw new ParameterError('Invalid integer: must be between 1 and 100', name, 'parameter_invalid_integer');
    return number;
  },
};

/** https://docs.stripe.com/api/pagination */
export const paging = { limit, starting_after: text, ending_before: text };
export const pagingByTime = { ...paging, created: range };
export interface Page {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
}
export interface Selection<V> {
  url: string;
  /** The index and the key that narrow the list without looking at every object. */
  by?: [string, string];
  where?: (object: V) => boolean;
}

/** One page, newest first. */
export function list<T extends ObjectType>(
  context: Context,
  type: T,
  page: Page,
  { url, by, where }: Selection<Objects[T]>,
): Stripe.ApiList<Objects[T]> {
  const { store } = context;
  const rows = by === undefined ? store.rows(type) : store.rowsBy(type, by[0], by[1]);
  const most = page.limit ?? 10;
  if (page.starting_after !== undefined && page.ending_before !== undefined)
    throw invalid('You can only specify one of these parameters: starting_after, ending_before.', {
      param: 'ending_before',
    });
  if (page.ending_before !== undefined) {
    const from = placeOf(rows, cursor(context, type, page.ending_before, 'ending_before') + 1);
    const newer = take(rows.slice(from), where, most + 1);
    return answer(newer.slice(0, most).toReversed(), newer.length > most, url);
  }
  const end =
    page.starting_after === undefined
      ? rows.length
      : placeOf(rows, cursor(context, type, page.starting_after, 'starting_after'));
  const found = takeBack(rows, end, where, most + 1);
  return answer(found.slice(0, most), found.length > most, url);
}

/** One page of what an object holds itself, such as an invoice's lines, in their own order. */
export function pageOf<V extends { id: string }>(data: readonly V[], page: Page, url: string): Stripe.ApiList<V> {
  const { limit: most = 10, starting_after, ending_before } = page;
  const placeFor = (id: string, param: string) => {
    const place = data.findIndex((one) => one.id === id);
    if (place < 0) throw missing('object', id, param);
    return place;
  };
  if (ending_before !== undefined) {
    const end = placeFor(ending_before, 'ending_before');
    return answer(data.slice(Math.max(0, end - most), end), end > most, url);
  }
  const from = starting_after === undefined ? 0 : placeFor(starting_after, 'starting_after') + 1;
  return answer(data.slice(from, from + most), data.length > from + most, url);
}

export function answer<V>(data: V[], has_more: boolean, url: string): Stripe.ApiList<V> {
  return { object: 'list', data, has_more, url };
}

function cursor(context: Context, type: ObjectType, id: string, param: string): number {
  const seq = context.store.seqOf(type, id);
  if (seq === undefined) throw missing(type, id, param);
  return seq;
}

function take<V>(rows: readonly Row<V>[], where: ((object: V) => boolean) | undefined, most: number): V[] {
  const found: V[] = [];
  for (const { value } of rows) {
    if (where?.(value) ?? true) found.push(value);
    if (found.length === most) break;
  }
  return found;
}

function takeBack<V>(
  rows: readonly Row<V>[],
  end: number,
  where: ((object: V) => boolean) | undefined,
  most: number,
): V[] {
  const found: V[] = [];
  for (let place = end - 1; place >= 0 && found.length < most; place -= 1) {
    const value = rows[place]?.value;
    if (value !== undefined && (where?.(value) ?? true)) found.push(value);
  }
  return found;
}
