/**
 * Why a customer has access or has not; the name stands in every answer. From the best for the customer to the worst:
 * where several subscriptions compete, the first one here gives the reason.
 */
export const rules = {
  paid: 'good',
  trial: 'good',
  cancels_at_period_end: 'good',
  grace: 'at_risk',
  grace_ended: 'bad',
  unpaid: 'bad',
  paused: 'bad',
  incomplete: 'bad',
  unknown_status: 'bad',
  unknown_plan: 'bad',
  not_in_plan: 'good',
  canceled: 'none',
  incomplete_expired: 'none',
  no_subscription: 'none',
  /** Nothing is known, because the database cannot be reached: the feature's own `fallback` holds. */
  fallback: 'unknown',
} as const satisfies Record<string, string>;

export type Rule = keyof typeof rules;
/**
 * good: all is well. at_risk: a payment failed, access stays for now. bad: there is a subscription, and it gives no
 * access until something is done. none: there is no subscription (any more). unknown: it cannot be found out now.
 */
export type Standing = (typeof rules)[Rule];

const order = Object.keys(rules);

export function rank(rule: Rule): number {
  return order.indexOf(rule);
}
