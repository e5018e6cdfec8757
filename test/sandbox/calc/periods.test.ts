import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { later } from '../../../src/sandbox/calc/durations.js';
import { addMonths, boundary, nextAnchor, periodAt } from '../../../src/sandbox/calc/periods.js';

const at = (iso: string) => Date.parse(`${iso}Z`) / 1000;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19);
const rhythms = fc.record({
  interval: fc.constantFrom('day', 'week', 'month', 'year'),
  interval_count: fc.integer({ min: 1, max: 12 }),
});
const moments = fc.integer({ min: at('2020-01-01T00:00:00'), max: at('2035-01-01T00:00:00') });

describe('billing periods', () => {
  test('of the 31st fall on the last day of shorter months, and on the 31st again after them', () => {
    const anchor = at('2026-01-31T10:00:00');
    const monthly = { interval: 'month', interval_count: 1 };
    expect([1, 2, 3, 4].map((times) => iso(boundary(anchor, monthly, times)))).toEqual([
      '2026-02-28T10:00:00',
      '2026-03-31T10:00:00',
      '2026-04-30T10:00:00',
      '2026-05-31T10:00:00',
    ]);
  });

  test('of 29 February fall on the 28th until the next leap year', () => {
    const anchor = at('2024-02-29T00:00:00');
    const yearly = { interval: 'year', interval_count: 1 };
    expect([1, 2, 3, 4].map((times) => iso(boundary(anchor, yearly, times)).slice(0, 10))).toEqual([
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
    ]);
  });

  test('hold the moment that is asked for, and follow each other without a gap', () => {
    fc.assert(
      fc.property(moments, rhythms, moments, (anchor, rhythm, moment) => {
        const period = periodAt(anchor, rhythm, moment);
        expect(period.start).toBeLessThanOrEqual(moment);
        expect(period.end).toBeGreaterThan(moment);
        expect(periodAt(anchor, rhythm, period.end).start).toBe(period.end);
      }),
    );
  });

  test('adding months keeps the time of day and never reaches beyond the month', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: -60, max: 60 }), (from, months) => {
        const [before, after] = [new Date(from * 1000), new Date(addMonths(from, months) * 1000)];
        const index = before.getUTCFullYear() * 12 + before.getUTCMonth() + months;
        expect(after.getUTCFullYear() * 12 + after.getUTCMonth()).toBe(index);
        expect(after.getUTCDate()).toBeLessThanOrEqual(before.getUTCDate());
        expect(after.toISOString().slice(11)).toBe(before.toISOString().slice(11));
      }),
    );
  });

  test.each<[Parameters<typeof nextAnchor>[1], string]>([
    [{ day_of_month: 31 }, '2026-02-28T10:00:00'],
    [{ day_of_month: 1 }, '2026-03-01T10:00:00'],
    [{ day_of_month: 10, hour: 9, minute: 0, second: 0 }, '2026-03-10T09:00:00'],
    [{ day_of_month: 31, month: 6 }, '2026-06-30T10:00:00'],
  ])('anchored at %j begin at the next such moment', (wanted, expected) => {
    expect(iso(nextAnchor(at('2026-02-10T10:00:00'), wanted))).toBe(expected);
  });

  test.each([
    ['31d', '2026-03-03T00:00:00'],
    ['12h', '2026-01-31T12:00:00'],
    ['30m', '2026-01-31T00:30:00'],
    ['1mo', '2026-02-28T00:00:00'],
    ['1y', '2027-01-31T00:00:00'],
  ])('%s later', (length, expected) => {
    expect(iso(later(at('2026-01-31T00:00:00'), length) ?? 0)).toBe(expected);
  });

  test.each(['', '5', '5 d', '-1d', '1x', 'd'])('%j is no length of time', (length) => {
    expect(later(0, length)).toBeUndefined();
  });
});
