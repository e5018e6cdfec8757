import { ParameterError } from '../errors.js';
import type { Context } from '../context.js';
import * as p from '../params.js';
import { paging } from '../list.js';
import { route } from '../route.js';
import { FIELDS, type Searchable } from '../search/fields.js';
import { matcher } from '../search/match.js';
import { readQuery } from '../search/query.js';
import type { SearchIndex } from '../search/search-index.js';

const PATHS = {
  charge: 'charges',
  customer: 'customers',
  invoice: 'invoices',
  payment_intent: 'payment_intents',
  price: 'prices',
  product: 'products',
  subscription: 'subscriptions',
} satisfies Record<Searchable, string>;

/** https://docs.stripe.com/search */
export function search(index: SearchIndex) {
  const types = Object.keys(FIELDS).filter((name): name is Searchable => Object.hasOwn(PATHS, name));
  return types.map((type) => {
    const url = `/v1/${PATHS[type]}/search`;
    const shape = { limit: paging.limit, page: p.text, query: p.needed(p.text) };
    return route('GET', url, shape, (context: Context, { limit = 10, page, query }) => {
      const matches = matcher(type, readQuery(query));
      const found = index.objects(type, context.wire * 1000).filter((object) => matches(object));
      const from = page === undefined ? 0 : offsetOf(page);
      const has_more = found.length > from + limit;
      return {
        object: 'search_result',
        data: found.slice(from, from + limit),
        has_more,
        next_page: has_more ? pageAt(from + limit) : null,
        url,
      };
    });
  });
}

function pageAt(offset: number): string {
  return Buffer.from(`after:${offset}`).toString('base64url');
}

function offsetOf(page: string): number {
  const [, digits] = /^after:(\d{1,9})$/.exec(Buffer.from(page, 'base64url').toString()) ?? [];
  if (digits === undefined) throw new ParameterError('Invalid page: use the next_page of an earlier answer.', 'page');
  return Number(digits);
}
