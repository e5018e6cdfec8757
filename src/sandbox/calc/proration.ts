import type { Period } from './periods.js';

/**
 * The part of an amount that falls to the rest of a period, by the second, rounded to the minor unit (halves away from
 * zero): https://docs.stripe.com/billing/subscriptions/prorations
 */
export function restOf(amount: number, period: Period, from: number): number {
  const length = period.end - period.start;
  const left = Math.min(Math.max(period.end - from, 0), length);
  if (length === 0) return 0;
  const share = Math.floor((2 * Math.abs(amount) * left + length) / (2 * length));
  return amount < 0 && share > 0 ? -share : share;
}
