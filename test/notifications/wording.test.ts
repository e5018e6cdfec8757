import { describe, expect, test } from '@jest/globals';
import { de } from '../../src/notifications/messages/de.js';
import { en } from '../../src/notifications/messages/en.js';
import { Wording } from '../../src/notifications/wording.js';

/** The values that a message speaks of; its plural forms begin with a brace, too. */
function valuesIn(text: string): string[] {
  const names = text.matchAll(/\{(name|brand|plan|amount|date|days|last4)\b/g);
  return [...new Set(Array.from(names, ([, name = '']) => name))].toSorted((a, b) => a.localeCompare(b));
}

test.each(Object.keys(en) as Array<keyof typeof en>)('%s speaks of the same values in every language', (key) => {
  expect(valuesIn(de[key])).toEqual(valuesIn(en[key]));
});

describe('Wording', () => {
  test.each([
    ['de', 'de'],
    ['de-AT', 'de-AT'],
    ['DE-at', 'de-AT'],
    ['en-GB', 'en-GB'],
    ['fr', 'en'],
    ['fr-CA', 'en'],
    ['not a locale', 'en'],
    ['', 'en'],
    [null, 'en'],
  ])('writes for %j in %s', (wanted, locale) => {
    expect(new Wording(wanted).locale).toBe(locale);
  });

  test('keeps the region of amounts and dates', () => {
    const words = new Wording('de-AT');
    expect(words.date(new Date('2027-01-31T23:59:59Z'))).toBe('31. Jänner 2027');
    expect(words.money({ amount: 123456, currency: 'eur' }).replaceAll(/\s/g, ' ')).toBe('€ 1.234,56');
  });

  test('counts by the rules of the language', () => {
    const words = new Wording('de');
    const left = (days: number) => words.say('payment_failed.days_left', { days, date: '10. März' });
    expect(left(0)).toBe('Ihr Zugang endet heute, wenn nicht bezahlt wird.');
    expect(left(1)).toBe('Sie behalten Ihren Zugang noch 1 Tag, bis zum 10. März.');
    expect(left(7)).toBe('Sie behalten Ihren Zugang noch 7 Tage, bis zum 10. März.');
  });

  test('refuses to write a sentence with a hole', () => {
    expect(() => new Wording('en').say('welcome.subject')).toThrow(/plan/);
  });
});
