import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aggregate, buckets, newestPer } from '../../../src/sandbox/calc/usage.js';

const use = fc.record({ value: fc.integer({ min: 0, max: 1_000 }), timestamp: fc.integer({ min: 0, max: 10_000 }) });
const uses = fc.array(use, { maxLength: 30 });
const window = fc
  .tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 5_000 }))
  .map(([start, length]) => ({ start, end: start + length }));

test('sums and counts of the buckets of a window add up to those of the window', () => {
  fc.assert(
    fc.property(uses, window, fc.integer({ min: 1, max: 4_000 }), (all, whole, length) => {
      for (const formula of ['sum', 'count'] as const) {
        const parts = buckets(whole, length).map((part) => aggregate(formula, all, part));
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(aggregate(formula, all, whole));
      }
    }),
  );
});

test('buckets cover the window without a gap, newest first', () => {
  fc.assert(
    fc.property(window, fc.integer({ min: 1, max: 4_000 }), (whole, length) => {
      const parts = buckets(whole, length).toReversed();
      expect([parts[0]?.start, parts.at(-1)?.end]).toEqual([whole.start, whole.end]);
      for (const [index, part] of parts.entries()) if (index > 0) expect(part.start).toBe(parts[index - 1]?.end);
    }),
  );
});

test('the last one is the newest, of one second the later one, and none is 0', () => {
  expect(aggregate('last', [], { start: 0, end: 10 })).toBe(0);
  fc.assert(
    fc.property(uses, window, (all, within) => {
      const inside = all.filter(({ timestamp }) => timestamp >= within.start && timestamp < within.end);
      const newest = Math.max(...inside.map(({ timestamp }) => timestamp));
      const expected = inside.findLast(({ timestamp }) => timestamp === newest)?.value ?? 0;
      expect(aggregate('last', all, within)).toBe(expected);
    }),
  );
});

test('tenths add up to what they are', () => {
  const tenths = Array.from({ length: 10 }, (_none, timestamp) => ({ value: 0.1, timestamp }));
  expect(aggregate('sum', tenths, { start: 0, end: 100 })).toBe(1);
});

test('of pre-aggregated reports one per hour is left, the one that came last', () => {
  fc.assert(
    fc.property(uses, fc.integer({ min: 1, max: 4_000 }), (all, length) => {
      const left = newestPer(length, all);
      const hours = left.map(({ timestamp }) => Math.floor(timestamp / length));
      expect(new Set(hours).size).toBe(left.length);
      for (const one of left)
        expect(
          all.findLast(({ timestamp }) => Math.floor(timestamp / length) === Math.floor(one.timestamp / length)),
        ).toBe(one);
    }),
  );
});
