import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';

type Schedule = Stripe.SubscriptionSchedule;
const KINDS = ['subscription_schedule.phase', 'subscription_schedule.expiring'];

/** It plans nothing more. */
export function endSchedule(context: Context, before: Schedule, change: Partial<Schedule>): Schedule {
  for (const kind of KINDS) context.schedule.clear(kind, before.id);
  return context.store.put('subscription_schedule', { ...before, current_phase: null, ...change });
}

/** A schedule ends with its subscription; where that failed to be paid, it is aborted:
 * https://docs.stripe.com/api/events/types#event_types-subscription_schedule.aborted */
export function closeSchedule(context: Context, subscription: Stripe.Subscription, failed: boolean): void {
  const schedule = context.store.get('subscription_schedule', idOf(subscription.schedule) ?? '');
  if (schedule?.status !== 'active') return;
  const closed = endSchedule(context, schedule, { status: 'canceled', canceled_at: context.now });
  context.emit(failed ? 'subscription_schedule.aborted' : 'subscription_schedule.canceled', closed);
}
