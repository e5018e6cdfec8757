import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { periodEnds } from './items.js';

export const DAY = 86_400;
export const TRIAL_NOTICE = 3 * DAY;
const ENDED = new Set<string>(['canceled', 'incomplete_expired']);
export const SUBSCRIPTION_TIMERS = [
  'subscription.period_end',
  'subscription.cancel_at',
  'subscription.trial_will_end',
  'subscription.incomplete_expiry',
  'subscription.resume_collection',
  'subscription.pending_items',
  'subscription.pending_update_expiry',
  'invoice.upcoming',
] as const;

/** Sets when a subscription next needs the clock; called whenever its periods, trial or end changed. */
export function plan(context: Context, subscription: Stripe.Subscription): void {
  const { schedule, now } = context;
  const { id, status, cancel_at, next_pending_invoice_item_invoice, trial_end, pause_collection } = subscription;
  if (ENDED.has(status)) return stop(context, id);
  const end = periodEnds(subscription).first;
  const bills = status !== 'paused' && status !== 'incomplete';
  const notice = end - context.settings.upcoming_days * DAY;
  set('subscription.period_end', bills ? end : null);
  set('subscription.cancel_at', cancel_at);
  set('subscription.pending_items', bills ? next_pending_invoice_item_invoice : null);
  set('subscription.resume_collection', pause_collection?.resumes_at ?? null);
  set('invoice.upcoming', bills && status !== 'trialing' && cancel_at === null && notice > now ? notice : null);
  const trialNotice = (trial_end ?? 0) - TRIAL_NOTICE;
  if (status !== 'trialing') set('subscription.trial_will_end', null);
  else if (trialNotice > now) set('subscription.trial_will_end', trialNotice);

  function set(kind: string, at: number | null): void {
    if (at === null) schedule.clear(kind, id);
    else if (schedule.at(kind, id) !== at) schedule.set(kind, id, at);
  }
}

export function stop(context: Context, subscription: string): void {
  for (const kind of SUBSCRIPTION_TIMERS) context.schedule.clear(kind, subscription);
}
