import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { periodEnds } from './items.js';
import { isMetered } from './pricing.js';
import { bookCredit, bookDebit } from './prorate.js';

type Subscription = Stripe.Subscription;
export interface EndWish {
  cancel_at?: number | 'min_period_end' | 'max_period_end' | null | undefined;
  cancel_at_period_end?: boolean | undefined;
  cancellation_details?:
    | { comment?: string | null; feedback?: Stripe.Subscription.CancellationDetails.Feedback | null }
    | undefined;
}

/** `cancel_at` and `cancel_at_period_end` are two ways to say one thing: https://docs.stripe.com/billing/subscriptions/cancel */
export function endOf(context: Context, before: Subscription, wish: EndWish): Partial<Subscription> {
  const details = {
    comment: null,
    feedback: null,
    feedback_option: null,
    reason: null,
    ...before.cancellation_details,
    ...wish.cancellation_details,
  };
  const moment = momentOf(context, before, wish);
  if (moment !== undefined)
    return {
      cancel_at: moment,
      cancel_at_period_end: wish.cancel_at_period_end ?? false,
      canceled_at: before.canceled_at ?? context.now,
      cancellation_details: { ...details, reason: 'cancellation_requested' },
    };
  if (wish.cancel_at === null || (wish.cancel_at_period_end === false && before.cancel_at_period_end))
    return {
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      cancellation_details: { ...details, reason: null },
    };
  return wish.cancellation_details === undefined ? {} : { cancellation_details: details };
}

function momentOf(
  context: Context,
  before: Subscription,
  { cancel_at, cancel_at_period_end }: EndWish,
): number | undefined {
  const { first, last } = periodEnds(before);
  const given = cancel_at !== undefined && cancel_at !== null;
  if (given && cancel_at_period_end === true)
    throw invalid('You may only specify one of these parameters: cancel_at, cancel_at_period_end.', {
      param: 'cancel_at',
    });
  // The words are of flexible billing: https://docs.stripe.com/changelog/basil/2025-05-28/cancel-at-enums
  if (typeof cancel_at === 'string' && before.billing_mode.type === 'classic')
    throw invalid(`\`cancel_at=${cancel_at}\` needs a subscription in flexible billing mode.`, { param: 'cancel_at' });
  if (cancel_at === 'min_period_end') return first;
  if (cancel_at === 'max_period_end' || cancel_at_period_end === true) return last;
  if (typeof cancel_at === 'number' && cancel_at <= context.now)
    throw invalid('`cancel_at` must be in the future.', { param: 'cancel_at' });
  return given ? cancel_at : undefined;
}

/**
 * An end within the current period gives back what is behind it, a later one asks for it again:
 * https://docs.stripe.com/api/subscriptions/update#update_subscription-cancel_at. Stripe's documentation tells of no
 * difference between the billing modes, nor what undoing it does.
 */
export function prorateEnd(context: Context, before: Subscription, after: Subscription): void {
  for (const item of before.items.data) {
    if (isMetered(item.price)) continue;
    const [from, to] = [before, after].map(({ cancel_at }) => within(context, item, cancel_at));
    if (from === undefined || to === undefined || from === to) continue;
    if (to < from) bookCredit(context, before, item, to);
    else bookDebit(context, { ...after, cancel_at: to }, item, from);
  }
}

function within(context: Context, item: Stripe.SubscriptionItem, cancelAt: number | null): number {
  const { current_period_end } = item;
  return Math.max(context.now, Math.min(cancelAt ?? current_period_end, current_period_end));
}
