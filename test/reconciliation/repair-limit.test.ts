import { describe, expect, test } from '@jest/globals';
import { allowanceFor, decideRepairs, takesAccess } from '../../src/reconciliation/repair-limit.js';

const gone = { class: 'deleted' as const, detail: { deleted: { ours: false, stripes: true } } };
const onlyOursGone = { class: 'deleted' as const, detail: { deleted: { ours: true, stripes: false } } };
const status = (ours: string, stripes: string) => ({ class: 'stale' as const, detail: { status: { ours, stripes } } });

test.each([
  [0, 100],
  [2000, 100],
  [2001, 101],
  [1_000_000, 50_000],
])('of %d rows %d may lose their access in one run', (rows, allowance) => {
  expect(allowanceFor(rows)).toBe(allowance);
});

describe('what takes access away', () => {
  test.each([
    ['subscription', status('active', 'canceled'), true],
    ['subscription', status('trialing', 'paused'), true],
    ['subscription', status('past_due', 'unpaid'), true],
    ['subscription', status('active', 'past_due'), false],
    ['subscription', status('unpaid', 'canceled'), false],
    ['subscription', status('canceled', 'active'), false],
    ['subscription', { class: 'stale' as const, detail: { quantity: { ours: 2, stripes: 1 } } }, false],
    ['invoice', status('active', 'void'), false],
    ['subscription', { class: 'missing' as const, detail: {} }, false],
    ['customer', gone, true],
    ['customer', onlyOursGone, false],
  ])('%s %j: %s', (object, comparison, expected) => {
    expect(takesAccess(object, comparison)).toBe(expected);
  });
});

describe('what becomes of the differences', () => {
  const takes = { comparison: gone, takes_access: true };
  const gives = { comparison: status('canceled', 'active'), takes_access: false };
  const repairs = (found: Array<typeof takes | typeof gives>, left: number, dryRun = false) =>
    decideRepairs(found, left, dryRun).map(({ repair }) => repair);

  test('beyond the limit those that take access are parked, the others still repaired', () => {
    expect(repairs([takes, gives, takes, takes, gives], 2)).toEqual([
      'repaired',
      'repaired',
      'repaired',
      'parked',
      'repaired',
    ]);
    expect(repairs([takes, gives], 0)).toEqual(['parked', 'repaired']);
    expect(repairs([takes], -3)).toEqual(['parked']);
  });

  test('what only we hold for deleted is left to a person', () => {
    expect(decideRepairs([{ comparison: onlyOursGone, takes_access: false }], 5, false)).toMatchObject([
      { repair: 'parked' },
    ]);
  });

  test('a dry run repairs nothing', () => {
    expect(repairs([takes, gives], 5, true)).toEqual(['dry_run', 'dry_run']);
  });
});
