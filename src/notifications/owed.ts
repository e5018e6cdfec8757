import type { PoliciesFile } from '../access/policies-file.js';
import { graceEnd } from '../access/grace.js';

interface InvoiceFacts {
  status: string | null;
  attempt_count: number;
  as_of_max: Date;
}

interface SubscriptionFacts {
  status: string;
  as_of: Date;
}

/**
 * Why the customer is not (or no longer) to be reminded of the invoice, or null when it is owed. Both rows are the mirror
 * as it is now, and may be of different moments: Stripe tells of the failed invoice and of the subscription that is past
 * due in two events, so "active" means something only if it is known later than the invoice.
 */
export function whyNotOwed(invoice: InvoiceFacts, subscription: SubscriptionFacts | null): string | null {
  if (invoice.status !== 'open') return `The invoice is ${invoice.status}.`;
  if (!subscription) return null;
  const { status } = subscription;
  if (status === 'past_due' || status === 'unpaid') return null;
  if (status === 'incomplete') return 'It is the first payment, which the customer makes in person.';
  const stale = invoice.attempt_count > 0 && subscription.as_of <= invoice.as_of_max;
  if (stale && (status === 'active' || status === 'trialing')) return null;
  return `The subscription is ${status}.`;
}

/** `over`: access is gone already. Null: nothing ends it. */
export type AccessEnd = { until: Date; days: number } | 'over' | null;

/** When access ends if the invoice stays unpaid. `days` are calendar days in UTC, as the dates in e-mails are. */
export function accessEnd(
  finalized_at: Date | null,
  status: string | null,
  policies: Pick<PoliciesFile, 'access'>,
  now: Date,
): AccessEnd {
  if (status === null || finalized_at === null) return null;
  if (status === 'unpaid') return policies.access.unpaid === 'deny' ? 'over' : null;
  const until = graceEnd(finalized_at, policies);
  return until <= now ? 'over' : { until, days: utcDay(until) - utcDay(now) };
}

function utcDay(moment: Date): number {
  return Math.floor(moment.getTime() / 86_400_000);
}
