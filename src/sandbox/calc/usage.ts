/** One report of use. Seconds since 1970. */
export interface Use {
  value: number;
  timestamp: number;
}
export interface Window {
  /** Inclusive. */
  start: number;
  /** Exclusive. */
  end: number;
}
export type Formula = 'count' | 'last' | 'sum';

/** What a meter makes of the reports within a window: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage */
export function aggregate(formula: Formula, uses: readonly Use[], window: Window): number {
  const within = uses.filter(({ timestamp }) => timestamp >= window.start && timestamp < window.end);
  if (formula === 'count') return within.length;
  if (formula === 'sum') return exact(within.reduce((sum, { value }) => sum + value, 0));
  // Of two reports of the same second the later one counts.
  return within.reduce((last, use) => (use.timestamp >= last.timestamp ? use : last), {
    value: 0,
    timestamp: -Infinity,
  }).value;
}

/** Pre-aggregated reports: of each hour or day (UTC) only the one that arrived last counts. `uses` as they arrived. */
export function newestPer(length: number, uses: readonly Use[]): Use[] {
  return [...new Map(uses.map((use) => [Math.floor(use.timestamp / length), use])).values()];
}

/** The window cut at every multiple of `length` (UTC), newest first as Stripe lists them. */
export function buckets({ start, end }: Window, length: number): Window[] {
  const found: Window[] = [];
  for (let from = start; from < end; from += length) found.push({ start: from, end: Math.min(from + length, end) });
  return found.toReversed();
}

/** Up to twelve digits behind the point, as decimals are sent; without what binary fractions add. */
function exact(value: number): number {
  return Number(value.toFixed(12));
}
