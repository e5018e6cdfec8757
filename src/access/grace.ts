import type { PoliciesFile } from './policies-file.js';

const DAY_MS = 24 * 3600 * 1000;

/**
 * When access ends unless the invoice is paid. Counted from `finalized_at`: with automatic collection Stripe makes the
 * first attempt then (https://docs.stripe.com/invoicing/integration/workflow-transitions), and unlike the moment of the
 * failure it is the same on every later attempt. Days of 24 hours, UTC.
 */
export function graceEnd(finalized_at: Date, policies: Pick<PoliciesFile, 'access'>): Date {
  return new Date(finalized_at.getTime() + policies.access.past_due.grace_days * DAY_MS);
}
