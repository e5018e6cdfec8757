import type Stripe from 'stripe';
import { boundary, periodAt, type Period } from '../calc/periods.js';
import { partOf } from '../calc/proration.js';
import type { Context } from '../context.js';
import { rhythmOf } from './items.js';
import { itemLines, linesFor, type Line } from './lines.js';
import { isMetered } from './pricing.js';

type Subscription = Stripe.Subscription;
type Item = Stripe.SubscriptionItem;
type Behavior = 'create_prorations' | 'none' | 'always_invoice';

/** What a new subscription asks for first: the time since it began, if that is past, and the period that begins now. */
export function firstLines(context: Context, subscription: Subscription, invoice: string, behavior: Behavior): Line[] {
  return subscription.items.data.flatMap((item) => [
    ...(behavior === 'none' ? [] : backdatedLines(context, subscription, item, invoice)),
    ...firstPeriod(context, subscription, item, invoice, behavior),
  ]);
}

/** A period that an anchor cuts short is charged by its part, or not at all: https://docs.stripe.com/billing/subscriptions/billing-cycle */
function firstPeriod(context: Context, subscription: Subscription, item: Item, invoice: string, behavior: Behavior) {
  const period = { start: item.current_period_start, end: item.current_period_end };
  const natural = periodAt(subscription.billing_cycle_anchor, rhythmOf(item.price), period.start);
  const isPart = natural.start < period.start && subscription.trial_end === null;
  if (isPart && (behavior === 'none' || subscription.start_date < period.start)) return [];
  const asked = behavior === 'none' ? { ...subscription, cancel_at: null } : subscription;
  return itemLines(context, asked, item, period, invoice, isPart ? natural : period);
}

/**
 * The time from the beginning until now, or until an anchor to come: flexible billing has a line for each period, classic
 * one for all, by a period that would begin with it. https://docs.stripe.com/billing/subscriptions/backdating
 */
function backdatedLines(context: Context, subscription: Subscription, item: Item, invoice: string): Line[] {
  const start = subscription.start_date;
  if (start >= context.now || isMetered(item.price)) return [];
  const [end, trial_end, rhythm] = [backdatedUntil(context, subscription), null, rhythmOf(item.price)];
  const paying = { ...subscription, trial_end };
  if (subscription.billing_mode.type === 'flexible')
    return cycles(start, end, rhythm).flatMap(({ asked, natural }) =>
      itemLines(context, paying, item, asked, invoice, natural),
    );
  const length = boundary(start, rhythm, 1) - start;
  const part = (amount: number) => partOf(amount, end - start, length);
  return linesFor(context, paying, item, item.quantity ?? 1, { start, end }, invoice, part);
}

function backdatedUntil(context: Context, { billing_cycle_anchor, trial_end }: Subscription): number {
  return trial_end === null ? Math.max(context.now, billing_cycle_anchor) : context.now;
}

function cycles(start: number, end: number, rhythm: { interval: string; interval_count: number }) {
  const found: { asked: Period; natural: Period }[] = [];
  for (let times = 0, natural = periodAt(start, rhythm, start); natural.start < end; times += 1) {
    found.push({ asked: { start: natural.start, end: Math.min(natural.end, end) }, natural });
    natural = { start: natural.end, end: boundary(start, rhythm, times + 2) };
  }
  return found;
}
