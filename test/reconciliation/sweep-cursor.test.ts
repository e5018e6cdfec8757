import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firstPage, listedBy, nextPage, spanOf } from '../../src/reconciliation/sweep-cursor.js';
import type { Listed } from '../../src/reconciliation/sweep-cursor.js';

const moment = (second: number) => new Date(Date.UTC(2026, 0, 15, 9, 0, second)).toISOString();

/** What the walk over all pages looks after: ids of `ours` that a page's list leaves out although it covers their moment. */
function unlistedOf(ours: Listed[], listed: Listed[], pageSize: number): string[] {
  const found: string[] = [];
  let cursor = firstPage('thing', 100);
  for (let start = 0; ; start += pageSize) {
    const page = listed.slice(start, start + pageSize);
    const hasMore = start + pageSize < listed.length;
    const { from, until } = spanOf(cursor, page, hasMore);
    const known = listedBy(cursor, page);
    found.push(
      ...ours
        .filter(({ created }) => (from === null || created > from) && (until === null || created <= until))
        .map(({ id }) => id)
        .filter((id) => !known.includes(id)),
    );
    if (!hasMore) return found;
    cursor = nextPage(cursor, page);
  }
}

const things = fc
  .uniqueArray(fc.record({ n: fc.nat(500), second: fc.integer({ min: 0, max: 6 }), atStripe: fc.boolean() }), {
    selector: ({ n }) => n,
    maxLength: 40,
  })
  .map((all) => all.map(({ n, second, atStripe }) => ({ id: `t_${n}`, created: moment(second), atStripe })));

test('each row that no page lists is looked after exactly once, and no row that is listed', () => {
  fc.assert(
    fc.property(things, fc.integer({ min: 1, max: 7 }), (ours, pageSize) => {
      const listed = ours.filter(({ atStripe }) => atStripe).toSorted((a, b) => b.created.localeCompare(a.created));
      const expected = ours.filter(({ atStripe }) => !atStripe).map(({ id }) => id);
      expect(unlistedOf(ours, listed, pageSize).toSorted()).toEqual(expected.toSorted());
    }),
  );
});
