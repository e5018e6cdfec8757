import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { finalizeAndCollect } from './collect.js';
import { pendingItems } from './invoice-items.js';
import { createInvoice } from './invoices.js';
import { listOfItems } from './items.js';
import { dropPendingUpdate } from './pending-updates.js';
import { isMetered } from './pricing.js';
import { bookCredit } from './prorate.js';
import { updateSubscription } from './subscriptions.js';
import { bookUsage } from './usage.js';

type Subscription = Stripe.Subscription;
export interface Pausing {
  unused_time_from: 'item_current_period_start' | 'none' | 'now';
  outstanding_usage_through: 'none' | 'now';
  invoicing_behavior: 'invoice' | 'pending_invoice_item';
}

/** At once, its period ends with it: https://docs.stripe.com/billing/subscriptions/pause */
export function pauseNow(context: Context, before: Subscription, how: Pausing): Subscription {
  refuse(before);
  const waiting = countPending(context, before);
  for (const item of before.items.data) {
    if (isMetered(item.price)) {
      if (how.outstanding_usage_through === 'now') bookUsage(context, before, item);
    } else if (how.unused_time_from !== 'none')
      bookCredit(context, before, item, how.unused_time_from === 'now' ? context.now : item.current_period_start);
  }
  // Where there is nothing to give back or to ask for there is no invoice either.
  const invoices = how.invoicing_behavior === 'invoice' && countPending(context, before) > waiting;
  dropPendingUpdate(context, before);
  const items = before.items.data.map((item) => ({ ...item, current_period_end: context.now }));
  return pauseAs(context, before, 'pause_requested', {
    items: listOfItems(before.id, items),
    pending_update: null,
    ...(invoices && { latest_invoice: invoiceWaiting(context, before) }),
  });
}

/** `paused` is not `pause_collection`: no period passes until it is resumed: https://docs.stripe.com/billing/subscriptions/pause */
export function pauseAs(
  context: Context,
  before: Subscription,
  type: Stripe.Subscription.StatusDetails.Paused.Subscription.Type,
  change: Partial<Subscription>,
): Subscription {
  const paused = updateSubscription(context, before, {
    ...change,
    status: 'paused',
    status_details: { paused: { subscription: { type }, transitioned_at: context.now, type: 'subscription' } },
  });
  context.emit('customer.subscription.paused', paused);
  return paused;
}

function invoiceWaiting(context: Context, subscription: Subscription): string {
  const draft = createInvoice(context, {
    customer: idOf(subscription.customer),
    currency: subscription.currency,
    reason: 'subscription_update',
    subscription,
    period: { start: context.now, end: context.now },
    lines: () => [],
    takesPendingItems: true,
    finalizesByItself: false,
  });
  return finalizeAndCollect(context, draft, { offSession: true }).invoice.id;
}

function countPending(context: Context, { customer, currency, id }: Subscription): number {
  return pendingItems(context, idOf(customer), currency, id).length;
}

/** https://docs.stripe.com/billing/subscriptions/pause#limitations */
function refuse({ billing_mode, collection_method, schedule, status }: Subscription): void {
  if (['trialing', 'paused', 'incomplete', 'incomplete_expired', 'canceled'].includes(status))
    throw invalid(`This subscription cannot be paused because it has a status of ${status}.`);
  if (collection_method === 'send_invoice')
    throw invalid('Only subscriptions with `collection_method=charge_automatically` can be paused.');
  if (billing_mode.type === 'classic') throw invalid('Only subscriptions in flexible billing mode can be paused.');
  if (schedule !== null) throw invalid('A subscription with an attached schedule cannot be paused.');
}
