import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { RateBudget } from '../../src/stripe/rate-budget.js';
import type { Priority } from '../../src/stripe/rate-budget.js';

const PER_SECOND = 20;
/** A quarter of the budget may go at once; two fifths of that are the users'. */
const BURST = 5;

let nowMs: number;

beforeEach(() => {
  nowMs = 0;
  jest.useFakeTimers({ doNotFake: ['performance', 'Date'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** A budget whose clock stands still until `pass`. */
function budget(perSecond = PER_SECOND): RateBudget {
  return new RateBudget(perSecond, () => nowMs);
}

async function pass(ms: number): Promise<void> {
  for (let step = 0; step < ms; step += 10) {
    nowMs += 10;
    await jest.advanceTimersByTimeAsync(10);
  }
}

/** Takes, and notes who was let through and when. */
function take(limited: RateBudget, priority: Priority, served: Array<{ priority: Priority; at: number }>): void {
  void limited.take(priority).then(() => served.push({ priority, at: nowMs }));
}

test('what is there goes at once, the rest as the budget is refilled', async () => {
  const limited = budget();
  const served: Array<{ priority: Priority; at: number }> = [];
  for (let request = 0; request < BURST + 10; request++) take(limited, 'user', served);
  await jest.advanceTimersByTimeAsync(0);
  expect(served).toHaveLength(BURST);
  expect(limited.queued).toBe(10);

  await pass(250);
  expect(served).toHaveLength(BURST + 5);
  expect(limited.queued).toBe(5);
  await pass(250);
  expect(served).toHaveLength(BURST + 10);
  expect(limited.queued).toBe(0);
  expect(jest.getTimerCount()).toBe(0);
});

test('an idle hour saves up no more than one burst', async () => {
  const limited = budget();
  nowMs += 3_600_000;
  const served: Array<{ priority: Priority; at: number }> = [];
  for (let request = 0; request < 100; request++) take(limited, 'user', served);
  await jest.advanceTimersByTimeAsync(0);
  expect(served).toHaveLength(BURST);
});

test('a user who comes last goes before the background work that waits', async () => {
  const limited = budget();
  const served: Array<{ priority: Priority; at: number }> = [];
  for (let request = 0; request < 50; request++) take(limited, 'background', served);
  for (let request = 0; request < 10; request++) take(limited, 'user', served);
  await pass(2000);
  const begun = served.findIndex(({ priority }) => priority === 'user');
  expect(served.slice(begun, begun + 10).map(({ priority }) => priority)).toEqual(Array(10).fill('user'));
  expect(served.slice(begun + 10).every(({ priority }) => priority === 'background')).toBe(true);
});

test('background work leaves a share of the burst to users, and gets all of the budget while there are none', async () => {
  const limited = budget();
  const served: Array<{ priority: Priority; at: number }> = [];
  for (let request = 0; request < 60; request++) take(limited, 'background', served);
  await jest.advanceTimersByTimeAsync(0);
  expect(served).toHaveLength(3);
  for (let user = 0; user < 2; user++) take(limited, 'user', served);
  await jest.advanceTimersByTimeAsync(0);
  expect(served.slice(3)).toEqual([
    { priority: 'user', at: 0 },
    { priority: 'user', at: 0 },
  ]);
  await pass(3000);
  const [from, to] = [1000, 2000];
  expect(served.filter(({ at }) => at > from && at <= to)).toHaveLength(PER_SECOND);
});

test('no second holds more than the budget and one burst, whatever comes', async () => {
  const arrivals = fc.array(
    fc.record({ gap: fc.nat({ max: 60 }), user: fc.boolean(), count: fc.integer({ min: 1, max: 30 }) }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(arrivals, async (steps) => {
      const limited = budget();
      const served: Array<{ priority: Priority; at: number }> = [];
      for (const { gap, user, count } of steps) {
        await pass(gap * 10);
        for (let request = 0; request < count; request++) take(limited, user ? 'user' : 'background', served);
      }
      for (let seconds = 0; limited.queued > 0 && seconds < 30; seconds++) await pass(1000);
      expect(served).toHaveLength(steps.reduce((sum, { count }) => sum + count, 0));
      for (const [index, first] of served.entries()) {
        const inSecond = served.slice(index).filter(({ at }) => at < first.at + 1000);
        expect(inSecond.length).toBeLessThanOrEqual(PER_SECOND + BURST);
      }
    }),
    { numRuns: 40, seed: 7 },
  );
});

test('without a limit nobody waits', async () => {
  const limited = budget(Infinity);
  await Promise.all(Array.from({ length: 1000 }, () => limited.take('background')));
  expect(limited.queued).toBe(0);
});
