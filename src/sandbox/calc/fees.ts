import { exponentOf } from './currencies.js';

/** 2.9 % + 30 ¢, 1.5 % more for a card of another country: https://stripe.com/pricing (United States) */
const PERCENT = 2.9;
const FOREIGN_PERCENT = 1.5;
/** The fixed part by currency, from the price lists of the countries that settle in it. */
const FIXED = new Map(Object.entries({ usd: 30, eur: 25, gbp: 20, cad: 30, aud: 30, chf: 30, sgd: 50, jpy: 30 }));

/** Stripe's fee in minor units of the same currency. */
export function feeOf(amount: number, currency: string, cardCountry: string | null): number {
  const percent = PERCENT + (cardCountry === null || cardCountry === 'US' ? 0 : FOREIGN_PERCENT);
  const fixed = FIXED.get(currency) ?? Math.round(0.3 * 10 ** exponentOf(currency));
  return Math.min(amount, Math.round((amount * percent) / 100) + fixed);
}
