import type Stripe from 'stripe';
import { fullAnchor, nextAnchor, periodAt, type Period } from '../calc/periods.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { blankSubscription } from './blank-subscription.js';
import type { SubscriptionWish } from './create.js';
import { endOf } from './ending.js';
import { listOfItems, makeItem, recurringPrice, refuseOtherCurrency, rhythmOf } from './items.js';
import { DAY } from './timers.js';

/** A new subscription before anything was asked for it. */
export function draftSubscription(
  context: Context,
  customer: Stripe.Customer,
  wish: SubscriptionWish,
): Stripe.Subscription {
  const id = context.ids.next('sub', 24);
  const anchor = anchorOf(context, wish);
  const items = wish.items.map((item, index) => {
    const param = `items[${index}][price]`;
    const price = recurringPrice(context, item.price, param);
    return makeItem(context, id, item, firstPeriod(context, wish, anchor, price), param);
  });
  const currency = wish.currency ?? items[0]?.price.currency ?? 'usd';
  for (const [index, { price }] of items.entries())
    refuseOtherCurrency(context, currency, price, `items[${index}][price]`);
  const draft = {
    ...blankSubscription(context, id, customer.id, currency),
    test_clock: idOf(customer.test_clock),
    billing_cycle_anchor: anchor,
    billing_cycle_anchor_config:
      wish.anchorConfig === undefined
        ? null
        : { hour: null, minute: null, month: null, second: null, ...wish.anchorConfig },
    items: listOfItems(id, items),
    trial_start: wish.trial_end === undefined ? null : context.now,
    trial_end: wish.trial_end ?? null,
    ...wish.fields,
    start_date: startOf(context, wish),
  };
  return { ...draft, ...endOf(context, draft, wish.end ?? {}) };
}

/** https://docs.stripe.com/billing/subscriptions/backdating */
function startOf(context: Context, { backdate_start_date }: SubscriptionWish): number {
  if (backdate_start_date !== undefined && backdate_start_date > context.now)
    throw invalid('`backdate_start_date` must be in the past.', { param: 'backdate_start_date' });
  return backdate_start_date ?? context.now;
}

function anchorOf(context: Context, wish: SubscriptionWish): number {
  if (wish.trial_end !== undefined) {
    if (wish.trial_end <= context.now)
      throw invalid('Invalid timestamp: must be an integer Unix timestamp in the future.', { param: 'trial_end' });
    if (wish.trial_end > context.now + 2 * 365 * DAY)
      throw invalid('The maximum number of trial period days is 730 (2 years).', { param: 'trial_end' });
  }
  if (wish.billing_cycle_anchor !== undefined && wish.billing_cycle_anchor < context.now)
    throw invalid('billing_cycle_anchor must be in the future.', { param: 'billing_cycle_anchor' });
  const from = wish.trial_end ?? context.now;
  const { anchorConfig, billing_cycle_anchor, items } = wish;
  if (anchorConfig === undefined) return billing_cycle_anchor ?? from;
  const first = context.store.get('price', items[0]?.price ?? '');
  const anchor = nextAnchor(from, anchorConfig);
  return first === undefined ? anchor : fullAnchor(anchor, anchorConfig.day_of_month, rhythmOf(first));
}

function firstPeriod(context: Context, wish: SubscriptionWish, anchor: number, price: Stripe.Price): Period {
  if (wish.trial_end !== undefined) return { start: context.now, end: wish.trial_end };
  return { start: context.now, end: periodAt(anchor, rhythmOf(price), context.now).end };
}
