import { exponent } from '../payments/money.js';

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** "3 March 2026", the day in UTC. */
export function onDay(date: Date): string {
  return day.format(date);
}

/** "49.00 EUR": the same for every reader, unlike `formatMoney`. @param amount integer, minor units */
export function plainMoney(amount: number, currency: string): string {
  const digits = exponent(currency);
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency.toUpperCase()}`;
}
