import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TokenBuckets } from '../../src/api/token-buckets.js';

test('a full bucket gives its burst, then a token each time one has come back', () => {
  const buckets = new TokenBuckets({ perSecond: 2, burst: 3 });
  expect(buckets.take('a', 0)).toEqual({
    allowed: true,
    limit: 3,
    remaining: 2,
    resetSeconds: 1,
    retryAfterSeconds: 0,
  });
  buckets.take('a', 0);
  expect(buckets.take('a', 0)).toMatchObject({ allowed: true, remaining: 0, resetSeconds: 2 });
  expect(buckets.take('a', 0)).toMatchObject({ allowed: false, remaining: 0, retryAfterSeconds: 1 });
  expect(buckets.take('a', 499)).toMatchObject({ allowed: false });
  expect(buckets.take('a', 500)).toMatchObject({ allowed: true });
  expect(buckets.take('b', 500)).toMatchObject({ allowed: true, remaining: 2 });
});

test('never more than the burst and what came back since', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), steps, (perSecond, burst, waits) => {
      const buckets = new TokenBuckets({ perSecond, burst });
      let now = 0;
      const allowed = waits.filter((wait) => buckets.take('a', (now += wait)).allowed).length;
      expect(allowed).toBeLessThanOrEqual(burst + (now / 1000) * perSecond);
    }),
  );
});
