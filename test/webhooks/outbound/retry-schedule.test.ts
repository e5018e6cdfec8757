import { describe, expect, test } from '@jest/globals';
import { pauseAfter, PAUSES } from '../../../src/webhooks/outbound/retry-schedule.js';

const DAY_MS = 24 * 3_600_000;

function allPauses(random: () => number): number[] {
  return PAUSES.map((_, index) => pauseAfter(index + 1, random) ?? Number.NaN);
}

function totalDays(random: () => number): number {
  return allPauses(random).reduce((sum, pause) => sum + pause, 0) / DAY_MS;
}

describe('the retry schedule', () => {
  test('each pause is longer than the one before, whatever the jitter', () => {
    const shortest = allPauses(() => 0);
    const longest = allPauses(() => 1);
    for (const [index, pause] of longest.slice(0, -1).entries()) expect(shortest[index + 1]).toBeGreaterThan(pause);
  });

  test('spans about three days', () => {
    expect(totalDays(() => 0)).toBeGreaterThan(3);
    expect(totalDays(() => 1)).toBeLessThan(3.5);
  });

  test('ends after the last pause', () => {
    expect(pauseAfter(PAUSES.length)).not.toBeNull();
    expect(pauseAfter(PAUSES.length + 1)).toBeNull();
    expect(pauseAfter(PAUSES.length + 2)).toBeNull();
  });
});
