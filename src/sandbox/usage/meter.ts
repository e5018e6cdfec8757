import type Stripe from 'stripe';
import { aggregate, newestPer, type Formula, type Use, type Window } from '../calc/usage.js';
import type { Context } from '../context.js';

export const HOUR = 3_600;
export const DAY = 24 * HOUR;
const FORMULAS: readonly Formula[] = ['count', 'last', 'sum'];

/** What a customer used of a meter within a window. */
export function usedOf(context: Context, meter: Stripe.Billing.Meter, customer: string, window: Window): number {
  const formula = FORMULAS.find((known) => known === meter.default_aggregation.formula) ?? 'sum';
  return aggregate(formula, usesOf(context, meter, customer), window);
}

/** In the order they arrived; cancelled ones do not count. */
function usesOf(context: Context, meter: Stripe.Billing.Meter, customer: string): Use[] {
  const uses = context.store.by('meter_event', 'usage', `${meter.id} ${customer}`).filter(({ canceled }) => !canceled);
  if (meter.event_time_window === null) return uses;
  return newestPer(meter.event_time_window === 'day' ? DAY : HOUR, uses);
}
