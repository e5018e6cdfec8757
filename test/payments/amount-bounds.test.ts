import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { presentmentCurrencies } from '../../src/catalog/currencies.js';
import { amountBounds, amountFault, minimumCharge } from '../../src/payments/amount-bounds.js';

describe('amountBounds', () => {
  test.each([
    ['usd', 50, 99_999_999, 1],
    ['EUR', 50, 99_999_999, 1],
    ['gbp', 30, 99_999_999, 1],
    ['czk', 1500, 99_999_999, 1],
    ['huf', 17_500, 99_999_999, 1],
    ['jpy', 50, 99_999_999, 1],
    ['idr', 1, 999_999_999_999, 1],
    ['kwd', 10, 99_999_990, 10],
    ['isk', 100, 99_999_900, 100],
    ['ugx', 100, 99_999_900, 100],
    ['cop', 1, 99_999_999, 1],
  ])('of %s are %i to %i in steps of %i', (currency, minimum, maximum, step) => {
    expect(amountBounds(currency)).toEqual({ minimum, maximum, step });
    expect(minimumCharge(currency)).toBe(minimum);
  });
});

describe('amountFault', () => {
  test.each([
    [49, 'usd', "The least that can be charged in USD is 50 (in the currency's minor unit)."],
    [100_000_000, 'usd', "The most that can be charged in USD is 99999999 (in the currency's minor unit)."],
    [5124, 'kwd', "Amounts in KWD have to be multiples of 10 (in the currency's minor unit)."],
    [550, 'isk', "Amounts in ISK have to be multiples of 100 (in the currency's minor unit)."],
  ])('%i %s: %s', (amount, currency, fault) => {
    expect(amountFault(amount, currency)).toBe(fault);
  });

  test('an amount is taken exactly when it is a multiple of the step between the bounds', () => {
    const currency = fc.constantFrom(...presentmentCurrencies);
    fc.assert(
      fc.property(currency, fc.integer({ min: 1, max: 2_000_000_000 }), (code, amount) => {
        const { minimum, maximum, step } = amountBounds(code);
        expect(minimum % step).toBe(0);
        expect(maximum % step).toBe(0);
        expect(amountFault(amount, code) === null).toBe(amount >= minimum && amount <= maximum && amount % step === 0);
      }),
    );
  });
});
