import type { Period } from './periods.js';

/**
 * The part of an amount that falls to the rest of a period, by the second, rounded to the minor unit (halves away from
 * zero): https://docs.stripe.com/billing/subscriptions/prorations
 */
export function restOf(amount: number, period: Period, from: number): number {
  const length = period.end - period.start;
  const left = Math.min(Math.max(period.end - from, 0), length);
  if (length === 0) return 0;
  return partOf(amount, left, length);
}

/** So many seconds of what a length of time costs, rounded likewise; may be more than all of it. */
export function partOf(amount: number, seconds: number, length: number): number {
  const share = Math.floor((2 * Math.abs(amount) * seconds + length) / (2 * length));
  return amount < 0 && share > 0 ? -share : share;
}
