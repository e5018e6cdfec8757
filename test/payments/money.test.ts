import { describe, expect, test } from '@jest/globals';
import { exponent, formatMoney } from '../../src/payments/money.js';

describe('exponent', () => {
  test.each([
    ['eur', 2],
    ['USD', 2],
    ['jpy', 0],
    ['krw', 0],
    ['kwd', 3],
    ['tnd', 3],
    ['isk', 2],
    ['ugx', 2],
    ['huf', 2],
    ['twd', 2],
    ['cop', 2],
    ['idr', 2],
    ['pkr', 2],
  ])("of %s is Stripe's: %i", (currency, digits) => {
    expect(exponent(currency)).toBe(digits);
  });
});

describe('formatMoney', () => {
  test.each([
    [4900, 'eur', 'en', '€49.00'],
    [4900, 'eur', 'de', '49,00 €'],
    [123456, 'usd', 'de-AT', '$ 1.234,56'],
    [500, 'jpy', 'en', '¥500'],
    [5120, 'kwd', 'en', 'KWD 5.120'],
    [500, 'isk', 'en', 'ISK 5'],
    [500, 'ugx', 'en', 'UGX 5'],
    [104500, 'huf', 'hu', '1045 Ft'],
    [1045, 'huf', 'en', 'HUF 10.45'],
    [80045, 'twd', 'en', 'NT$800.45'],
    [-4900, 'eur', 'en', '-€49.00'],
    [90_071_992_547_409, 'usd', 'en', '$900,719,925,474.09'],
  ])('writes %i %s in %s as %s', (amount, currency, locale, text) => {
    expect(formatMoney(amount, currency, locale).replaceAll(/\s/g, ' ')).toBe(text);
  });
});
