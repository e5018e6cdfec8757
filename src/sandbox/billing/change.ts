import type Stripe from 'stripe';
import { periodAt } from '../calc/periods.js';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import { finalizeAndCollect, type Collected } from './collect.js';
import { unpaidError } from './create.js';
import { finalizeInvoice } from './finalize.js';
import { pendingItems } from './invoice-items.js';
import { createInvoice } from './invoices.js';
import { itemsAfter, type ItemChange } from './change-items.js';
import { listOfItems, rhythmOf } from './items.js';
import { itemLines, type Line } from './lines.js';
import { holdUpdate } from './pending-updates.js';
import { prorate } from './prorate.js';
import { afterPaid, updateSubscription } from './subscriptions.js';

export interface Change {
  items: ItemChange[];
  resetsAnchor: boolean;
  proration_behavior: 'create_prorations' | 'none' | 'always_invoice';
  /** Seconds: as of when the change is prorated. */
  proration_date: number;
  payment_behavior: 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete';
  offSession: boolean;
}

/**
 * Changes what a subscription is for: https://docs.stripe.com/billing/subscriptions/change. Another interval begins a
 * new period now and is invoiced at once; else the difference waits for the next invoice, or is invoiced as asked.
 */
export function changeItems(context: Context, before: Stripe.Subscription, change: Change): Stripe.Subscription {
  const wanted = itemsAfter(context, before, change.items);
  const resets = change.resetsAnchor || changesRhythm(before, wanted);
  const anchor = resets ? context.now : before.billing_cycle_anchor;
  const items = wanted.map((item) => (resets ? inPeriod(item, anchor, context.now) : item));
  const after = { ...before, billing_cycle_anchor: anchor, items: listOfItems(before.id, items) };
  if (before.status !== 'trialing' && change.proration_behavior !== 'none')
    prorate(context, before, after, { at: change.proration_date, resets });
  const invoicesNow = before.status !== 'trialing' && (resets || change.proration_behavior === 'always_invoice');
  if (!invoicesNow || (!resets && !hasPending(context, before)))
    return updateSubscription(context, before, { billing_cycle_anchor: anchor, items: after.items });
  return invoiceChange(context, before, after, change, resets);
}

function invoiceChange(
  context: Context,
  before: Stripe.Subscription,
  after: Stripe.Subscription,
  change: Change,
  resets: boolean,
): Stripe.Subscription {
  const draft = createInvoice(context, {
    customer: idOf(before.customer),
    currency: before.currency,
    reason: 'subscription_update',
    subscription: after,
    period: { start: context.now, end: context.now },
    lines: (invoice) => (resets ? wholePeriods(context, after, invoice) : []),
    takesPendingItems: true,
    finalizesByItself: false,
  });
  const { billing_cycle_anchor, items } = after;
  if (change.payment_behavior === 'default_incomplete' && draft.total > 0) {
    const invoice = finalizeInvoice(context, draft);
    const status = invoice.amount_due > 0 ? 'past_due' : before.status;
    return updateSubscription(context, before, { billing_cycle_anchor, items, latest_invoice: invoice.id, status });
  }
  const collected = finalizeAndCollect(context, draft, { offSession: change.offSession });
  return applyCollected(context, before, after, change, collected);
}

function applyCollected(
  context: Context,
  before: Stripe.Subscription,
  { billing_cycle_anchor, items }: Stripe.Subscription,
  change: Change,
  { invoice, attempt }: Collected,
): Stripe.Subscription {
  const paid = invoice.status === 'paid' || invoice.collection_method === 'send_invoice';
  if (!paid && change.payment_behavior === 'error_if_incomplete') throw unpaidError(attempt);
  if (!paid && change.payment_behavior === 'pending_if_incomplete')
    return holdUpdate(context, before, items.data, invoice.id);
  const applied = updateSubscription(context, before, {
    billing_cycle_anchor,
    items,
    latest_invoice: invoice.id,
    status: paid ? before.status : 'past_due',
  });
  if (paid) afterPaid(context, invoice);
  return context.store.get('subscription', applied.id) ?? applied;
}

function changesRhythm(before: Stripe.Subscription, wanted: Stripe.SubscriptionItem[]): boolean {
  return wanted.some((item) => {
    const was = before.items.data.find((old) => old.id === item.id);
    if (was === undefined) return false;
    const [one, other] = [rhythmOf(was.price), rhythmOf(item.price)];
    return one.interval !== other.interval || one.interval_count !== other.interval_count;
  });
}

function wholePeriods(context: Context, after: Stripe.Subscription, invoice: string): Line[] {
  return after.items.data.flatMap((item) =>
    itemLines(context, after, item, { start: item.current_period_start, end: item.current_period_end }, invoice),
  );
}

function hasPending(context: Context, { customer, currency, id }: Stripe.Subscription): boolean {
  return pendingItems(context, idOf(customer), currency, id).length > 0;
}

function inPeriod(item: Stripe.SubscriptionItem, anchor: number, at: number): Stripe.SubscriptionItem {
  const { start, end } = periodAt(anchor, rhythmOf(item.price), at);
  return { ...item, current_period_start: start, current_period_end: end };
}
