import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import Stripe from 'stripe';
import { same } from '../../src/sandbox/same.js';

const sorted = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

test('says what their words would say, whatever the order of the fields', () => {
  const values = fc.jsonValue({ maxDepth: 3, stringUnit: fc.constantFrom('a', 'b') });
  fc.assert(
    fc.property(values, values, (one, other) => {
      expect(same(one, other)).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      expect(same(one, structuredClone(one))).toBe(true);
      expect(same([one, 1], [one, 2])).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test.each<[unknown, unknown, boolean]>([
  [{ a: undefined }, {}, true],
  [{}, { a: undefined }, true],
  [{ a: null }, {}, false],
  [{}, { a: null }, false],
  [{ a: undefined, b: 1 }, { b: 1, c: 2 }, false],
  [[], {}, false],
  [{}, { constructor: 'x' }, false],
  [{ constructor: 'x' }, { constructor: 'x' }, true],
  [Stripe.Decimal.from('1.5'), Stripe.Decimal.from('1.5'), true],
  [Stripe.Decimal.from('1.5'), Stripe.Decimal.from('1.6'), false],
  [Stripe.Decimal.from('1.5'), null, false],
])('%j and %j: %s', (one, other, expected) => {
  expect(same(one, other)).toBe(expected);
});
