import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import Stripe from 'stripe';
import { priceOf } from '../../../src/sandbox/calc/amounts.js';
import { exponentOf, isCurrency, minimumCharge, shownAmount } from '../../../src/sandbox/calc/currencies.js';
import { feeOf } from '../../../src/sandbox/calc/fees.js';
import { restOf } from '../../../src/sandbox/calc/proration.js';
import { nextAttempt } from '../../../src/sandbox/calc/retries.js';

describe('the rest of a period', () => {
  const period = { start: 1_000, end: 3_600 };
  test.each([
    [1_000, 2_300, 500],
    [999, 2_300, 500],
    [1_000, 1_000, 1_000],
    [1_000, 3_600, 0],
    [1_000, 5_000, 0],
    [1_000, 0, 1_000],
    [-999, 2_300, -500],
  ])('of %i at %i is %i', (amount, from, expected) => {
    expect(restOf(amount, period, from)).toBe(expected);
  });

  test('credits what it would charge, never exceeds the whole, and shrinks as time goes by', () => {
    const amounts = fc.integer({ min: 0, max: 99_999_999 });
    const moments = fc.integer({ min: 1_000, max: 3_600 });
    fc.assert(
      fc.property(amounts, moments, moments, (amount, one, other) => {
        expect(restOf(-amount, period, one) + restOf(amount, period, one)).toBe(0);
        expect(restOf(amount, period, one)).toBeLessThanOrEqual(amount);
        expect(restOf(amount, period, Math.max(one, other))).toBeLessThanOrEqual(
          restOf(amount, period, Math.min(one, other)),
        );
      }),
    );
  });
});

describe('currencies', () => {
  test.each([
    ['usd', 2, 50],
    ['jpy', 0, 50],
    ['kwd', 3, 1],
    ['huf', 2, 17_500],
    ['cop', 2, 1],
    ['gbp', 2, 30],
  ])('%s has %i digits and at least %i', (currency, exponent, minimum) => {
    expect(isCurrency(currency)).toBe(true);
    expect(exponentOf(currency)).toBe(exponent);
    expect(minimumCharge(currency)).toBe(minimum);
  });

  test('unknown ones are unknown', () => {
    expect(isCurrency('xyz')).toBe(false);
  });

  test('are shown with their own digits', () => {
    expect([shownAmount(1050, 'usd'), shownAmount(1050, 'jpy')]).toEqual(['$10.50', '¥1,050']);
  });
});

describe('amounts', () => {
  test('of fractions of a cent are rounded once, at the end', () => {
    const price = { unit_amount: null, unit_amount_decimal: Stripe.Decimal.from('0.5') };
    expect([1, 2, 3].map((quantity) => priceOf(price, quantity))).toEqual([1, 1, 2]);
  });

  test('fees take a percentage and a fixed part, more of a foreign card, and never more than there is', () => {
    expect(feeOf(10_000, 'usd', 'US')).toBe(320);
    expect(feeOf(10_000, 'usd', 'DE')).toBe(470);
    expect(feeOf(10_000, 'eur', null)).toBe(315);
    expect(feeOf(10, 'usd', 'US')).toBe(10);
  });

  test('an invoice is tried again on the days of its schedule, then no more', () => {
    const day = 86_400;
    expect([1, 2, 3, 4, 5].map((attempts) => nextAttempt([3, 5, 7, 14], 0, attempts))).toEqual([
      3 * day,
      5 * day,
      7 * day,
      14 * day,
      null,
    ]);
  });
});
