import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { businessDaysLater, endOfDayLater } from '../../../src/sandbox/calc/business-days.js';
import { disputeFee, feeOf, methodFee } from '../../../src/sandbox/calc/fees.js';
import { isIban } from '../../../src/sandbox/calc/iban.js';
import { outcomeOf, testCardOfNumber } from '../../../src/sandbox/outcomes.js';
import { TEST_CARDS } from '../../../src/sandbox/test-cards.js';

const DAY = 86_400;
const moments = fc.integer({ min: 0, max: 4_000_000_000 });
const amounts = fc.integer({ min: 1, max: 99_999_999 });

describe('business days', () => {
  test('end on none but a weekday, and never sooner than as many days', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 30 }), (from, days) => {
        const at = businessDaysLater(from, days);
        expect([1, 2, 3, 4, 5]).toContain(new Date(at * 1000).getUTCDay());
        expect(at - from).toBeGreaterThanOrEqual(days * DAY);
        expect(at - from).toBeLessThanOrEqual((days + 2 * Math.ceil(days / 5) + 2) * DAY);
      }),
    );
  });

  test('over a weekend', () => {
    const friday = Date.parse('2026-01-16T10:00:00Z') / 1000;
    expect(new Date(businessDaysLater(friday, 1) * 1000).toISOString()).toBe('2026-01-19T10:00:00.000Z');
  });

  test('a day ends when the clocks of its place say so', () => {
    const monday = Date.parse('2026-01-12T20:00:00Z') / 1000;
    const shown = (offset: number) => new Date(endOfDayLater(monday, 2, offset) * 1000).toISOString();
    expect(shown(-6)).toBe('2026-01-15T05:59:59.000Z');
    expect(shown(9)).toBe('2026-01-15T14:59:59.000Z');
  });
});

describe('fees', () => {
  test('never exceed the payment, and grow with it', () => {
    const methods = fc.constantFrom('card', 'us_bank_account', 'sepa_debit', 'bacs_debit', 'oxxo', 'ideal', 'paynow');
    const country = { card: null, account: 'US' };
    fc.assert(
      fc.property(amounts, amounts, methods, (one, other, type) => {
        const fee = (amount: number) => methodFee(amount, type, country, 'usd');
        expect(fee(one)).toBeLessThanOrEqual(one);
        expect(fee(Math.min(one, other))).toBeLessThanOrEqual(fee(Math.max(one, other)));
      }),
    );
  });

  test.each([
    ['DE', 'DE', 175],
    ['DE', 'FR', 175],
    ['DE', 'GB', 275],
    ['DE', 'US', 350],
    ['GB', 'GB', 170],
    ['GB', 'DE', 270],
    ['US', 'US', 315],
    ['US', 'DE', 465],
  ])('of a business in %s for a card of %s', (account, card, fee) => {
    expect(feeOf(10_000, 'eur', card, account)).toBe(fee);
  });

  test('of bank debits have a ceiling', () => {
    expect(methodFee(10_000_000, 'us_bank_account', { card: null, account: 'US' }, 'usd')).toBe(500);
    expect([disputeFee('usd'), disputeFee('eur')]).toEqual([1500, 2000]);
  });
});

describe('test numbers', () => {
  test('of cards are valid numbers, and are found by them', () => {
    for (const { number } of TEST_CARDS.values()) {
      expect(luhn(number)).toBe(0);
      expect(outcomeOf(testCardOfNumber(number) ?? '').number).toBe(number);
    }
  });

  test('of accounts are checked by their digits', () => {
    expect(['DE89370400440532013000', 'FR1420041010050500013M02606', 'AT271904300000055555'].every(isIban)).toBe(true);
    expect(['DE89370400440532013001', 'DE', '', 'de89370400440532013000'].some(isIban)).toBe(false);
  });
});

function luhn(number: string): number {
  const digits = number.split('').toReversed().map(Number);
  return (
    digits.reduce((sum, digit, at) => sum + (at % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit), 0) % 10
  );
}
