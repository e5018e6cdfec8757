import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { discountLines, spread, type Charged, type Reduction } from '../../../src/sandbox/calc/discounts.js';
import { taxesOn } from '../../../src/sandbox/calc/taxes.js';

const percent = (id: string, percent_off: number): Reduction => ({ id, percent_off, amount_off: null, products: null });
const off = (id: string, amount_off: number): Reduction => ({ id, percent_off: null, amount_off, products: null });
const line = (amount: number, own: Reduction[] = []): Charged => ({ amount, discountable: true, product: null, own });
const reductions = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 100 }).map((value) => percent('p', value)),
    fc.integer({ min: 1, max: 100_000 }).map((value) => off('a', value)),
  ),
  { maxLength: 3 },
);
const charged = fc.record({
  amount: fc.integer({ min: -50_000, max: 50_000 }),
  discountable: fc.boolean(),
  product: fc.constant(null),
  own: reductions,
});

describe('discounts', () => {
  test('never take more off a line than it costs, nor off what is not discountable or costs nothing', () => {
    fc.assert(
      fc.property(fc.array(charged, { maxLength: 6 }), reductions, (lines, whole) => {
        for (const [place, taken] of discountLines(lines, whole).entries()) {
          const amount = taken.reduce((sum, one) => sum + one.amount, 0);
          const { amount: cost = 0, discountable = false } = lines[place] ?? {};
          expect(taken.every((one) => one.amount >= 0)).toBe(true);
          expect(amount).toBeLessThanOrEqual(discountable ? Math.max(0, cost) : 0);
        }
      }),
    );
  });

  test('of an amount take off exactly that, or all there is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 200_000 }),
        (amounts, amount) => {
          const taken = discountLines(
            amounts.map((one) => line(one)),
            [off('a', amount)],
          ).flat();
          const all = amounts.reduce((sum, one) => sum + one, 0);
          expect(taken.reduce((sum, one) => sum + one.amount, 0)).toBe(Math.min(amount, all));
        },
      ),
    );
  });

  test('come in order, a line’s own before those of the whole', () => {
    expect(discountLines([line(1000, [off('own', 200)]), line(500)], [percent('whole', 10)])).toEqual([
      [
        { discount: 'own', amount: 200 },
        { discount: 'whole', amount: 80 },
      ],
      [{ discount: 'whole', amount: 50 }],
    ]);
  });
});

test('shares add up to the whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 8 }),
      (total, weights) => {
        const sum = weights.reduce((all, weight) => all + weight, 0);
        expect(spread(total, weights).reduce((all, share) => all + share, 0)).toBe(sum === 0 ? 0 : total);
      },
    ),
  );
});

describe('taxes', () => {
  const rates = fc.array(
    fc.record({ id: fc.string(), percentage: fc.integer({ min: 0, max: 50 }), inclusive: fc.boolean() }),
    { maxLength: 5 },
  );

  test('that are inclusive and what they are calculated on add up to the amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), rates, (amount, all) => {
        const taxes = taxesOn(amount, all);
        const included = taxes.filter(({ inclusive }) => inclusive).reduce((sum, tax) => sum + tax.amount, 0);
        for (const { taxable } of taxes) expect(taxable + included).toBe(amount);
      }),
    );
  });

  test('on what is given back are what was paid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), rates, (amount, all) => {
        const given = taxesOn(-amount, all).map((tax) => tax.amount + 0);
        expect(given).toEqual(taxesOn(amount, all).map((tax) => (tax.amount === 0 ? 0 : -tax.amount)));
      }),
    );
  });
});
