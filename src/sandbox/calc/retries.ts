const DAY = 86_400;

/**
 * When an invoice is tried again: so many days after its first failure, by the number of attempts made. Null: no more.
 * https://docs.stripe.com/billing/revenue-recovery/smart-retries
 */
export function nextAttempt(retryDays: readonly number[], firstFailure: number, attempts: number): number | null {
  const days = retryDays[attempts - 1];
  return days === undefined ? null : firstFailure + days * DAY;
}
