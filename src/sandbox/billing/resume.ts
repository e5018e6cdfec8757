import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { finalizeAndCollect } from './collect.js';
import { settle } from './cycle.js';
import { createInvoice } from './invoices.js';
import { itemLine } from './lines.js';
import { itemsAt, updateSubscription } from './subscriptions.js';

/** A paused subscription begins a new period, invoiced at once: https://docs.stripe.com/api/subscriptions/resume */
export function resume(
  context: Context,
  before: Stripe.Subscription,
  anchor: 'now' | 'unchanged',
): Stripe.Subscription {
  if (before.status !== 'paused') throw invalid('This subscription cannot be resumed because it is not paused.');
  const from = anchor === 'now' ? context.now : before.billing_cycle_anchor;
  const next: Stripe.Subscription = {
    ...before,
    billing_cycle_anchor: from,
    items: itemsAt(before, from, context.now),
    status: 'active',
    trial_end: context.now,
  };
  const draft = createInvoice(context, {
    customer: idOf(before.customer),
    currency: before.currency,
    reason: 'subscription_update',
    subscription: next,
    period: { start: context.now, end: context.now },
    lines: (invoice) =>
      next.items.data.map((item) =>
        itemLine(context, next, item, { start: item.current_period_start, end: item.current_period_end }, invoice),
      ),
    takesPendingItems: true,
    finalizesByItself: false,
  });
  const resumed = updateSubscription(context, before, {
    billing_cycle_anchor: from,
    items: next.items,
    latest_invoice: draft.id,
    status: 'active',
  });
  context.emit('customer.subscription.resumed', resumed);
  settle(context, finalizeAndCollect(context, draft, { offSession: true }).invoice);
  return context.store.get('subscription', before.id) ?? resumed;
}
