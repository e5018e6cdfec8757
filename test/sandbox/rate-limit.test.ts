import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RateLimit } from '../../src/sandbox/rate-limit.js';

test.each([
  ['sandbox', 'GET /v1/customers', 25, 'endpoint-rate'],
  ['live', 'GET /v1/customers', 25, 'endpoint-rate'],
  ['live', 'GET /v1/customers/search', 20, 'endpoint-rate'],
] as const)('%s: %s is taken %i times a second', (mode, line, most, reason) => {
  const limit = new RateLimit();
  const [method = '', path = ''] = line.split(' ');
  const answers = Array.from({ length: most + 1 }, () => limit.exceeded(mode, method, path, 1_000));
  expect(answers).toEqual([...Array.from({ length: most }, () => null), reason]);
  expect(limit.exceeded(mode, method, path, 2_001)).toBeNull();
});

test('all endpoints together have their limit', () => {
  const limit = new RateLimit();
  const answers = Array.from({ length: 101 }, (_none, index) =>
    limit.exceeded('live', 'GET', `/v1/kind${index % 10}`, 0),
  );
  expect(answers.indexOf('global-rate')).toBe(100);
});

test('no second ever holds more than the limit, and off holds nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 300 }), (given) => {
      const limit = new RateLimit();
      const times = given.toSorted((one, other) => one - other);
      const taken = times.filter((at) => limit.exceeded('sandbox', 'POST', '/v1/customers', at) === null);
      for (const at of taken)
        expect(taken.filter((other) => other > at - 1_000 && other <= at).length).toBeLessThanOrEqual(25);
      expect(times.every((at) => limit.exceeded('off', 'POST', '/v1/customers', at) === null)).toBe(true);
    }),
  );
});
