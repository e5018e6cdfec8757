import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import { voidInvoice } from './close-invoice.js';
import { listOfItems } from './items.js';
import { plan } from './timers.js';

const WAITS = 23 * 3_600;

/** The change waits for its payment, at most 23 hours: https://docs.stripe.com/billing/subscriptions/pending-updates */
export function holdUpdate(
  context: Context,
  before: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  latest_invoice: string,
): Stripe.Subscription {
  const expires_at = context.now + WAITS;
  const held = context.store.put('subscription', {
    ...before,
    latest_invoice,
    pending_update: {
      billing_cycle_anchor: null,
      cancel_at_period_end: null,
      discount: null,
      discounts: null,
      expires_at,
      metadata: null,
      subscription_items: items,
      trial_end: null,
      trial_from_plan: null,
    },
  });
  context.emit('customer.subscription.updated', held, before);
  context.schedule.set('subscription.pending_update_expiry', held.id, expires_at);
  return held;
}

export function applyPendingUpdate(context: Context, before: Stripe.Subscription): void {
  const items = before.pending_update?.subscription_items ?? before.items.data;
  const applied = context.store.put('subscription', {
    ...before,
    items: listOfItems(before.id, items),
    pending_update: null,
  });
  context.schedule.clear('subscription.pending_update_expiry', before.id);
  context.emit('customer.subscription.pending_update_applied', applied);
  context.emit('customer.subscription.updated', applied, before);
  plan(context, applied);
}

/** Nobody is to pay any more for what will not come. */
export function dropPendingUpdate(context: Context, { id, latest_invoice, pending_update }: Stripe.Subscription): void {
  if (pending_update === null) return;
  context.schedule.clear('subscription.pending_update_expiry', id);
  const invoice = context.store.get('invoice', idOf(latest_invoice) ?? '');
  if (invoice?.status === 'open') voidInvoice(context, invoice);
}

export function expirePendingUpdate(context: Context, id: string): void {
  const before = context.store.get('subscription', id);
  if (before === undefined || before.pending_update === null) return;
  dropPendingUpdate(context, before);
  const expired = context.store.put('subscription', { ...before, pending_update: null });
  context.emit('customer.subscription.pending_update_expired', expired);
  context.emit('customer.subscription.updated', expired, before);
}
