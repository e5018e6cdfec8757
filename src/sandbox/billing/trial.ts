import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { finalizeAndCollect } from './collect.js';
import { endTrial, settle } from './cycle.js';
import { createInvoice } from './invoices.js';
import { listOfItems } from './items.js';
import { itemLines } from './lines.js';
import { bookCredit } from './prorate.js';
import { TRIAL_NOTICE } from './timers.js';

type Subscription = Stripe.Subscription;

/** A trial given, extended or ended by hand: https://docs.stripe.com/billing/subscriptions/trials/free-trials */
export function changeTrial(
  context: Context,
  before: Subscription,
  trial_end: number | 'now' | undefined,
  prorates: boolean,
): Subscription {
  if (trial_end === undefined) return before;
  if (trial_end === 'now') return before.status === 'trialing' ? startPaying(context, before) : before;
  if (trial_end <= context.now)
    throw invalid('Invalid timestamp: must be an integer Unix timestamp in the future.', { param: 'trial_end' });
  const items = before.items.data.map((item) => ({
    ...item,
    current_period_start: context.now,
    current_period_end: trial_end,
  }));
  const extended = context.store.put('subscription', {
    ...before,
    billing_cycle_anchor: trial_end,
    items: listOfItems(before.id, items),
    status: 'trialing',
    trial_end,
    trial_start: before.trial_start ?? context.now,
  });
  if (trial_end - TRIAL_NOTICE <= context.now) context.emit('customer.subscription.trial_will_end', extended);
  return before.status === 'trialing' ? extended : beginTrial(context, before, extended, prorates);
}

/** What was paid for is given back, and the trial is invoiced at once: https://docs.stripe.com/api/subscriptions/update */
function beginTrial(context: Context, before: Subscription, trialing: Subscription, prorates: boolean): Subscription {
  if (prorates) for (const item of before.items.data) bookCredit(context, before, item, context.now);
  const draft = createInvoice(context, {
    customer: idOf(before.customer),
    currency: before.currency,
    reason: 'subscription_update',
    subscription: trialing,
    period: { start: context.now, end: context.now },
    lines: (invoice) =>
      trialing.items.data.flatMap((item) =>
        itemLines(context, trialing, item, { start: item.current_period_start, end: item.current_period_end }, invoice),
      ),
    takesPendingItems: true,
    finalizesByItself: false,
  });
  const { invoice } = finalizeAndCollect(context, draft, { offSession: true });
  return context.store.put('subscription', { ...trialing, latest_invoice: invoice.id });
}

/** A trial ended by hand is invoiced at once, not after an hour. */
function startPaying(context: Context, before: Subscription): Subscription {
  const renewed = endTrial(context, before);
  const draft = context.store.get('invoice', idOf(renewed.latest_invoice) ?? '');
  if (draft?.status === 'draft') settle(context, finalizeAndCollect(context, draft, { offSession: false }).invoice);
  return context.store.get('subscription', before.id) ?? renewed;
}
