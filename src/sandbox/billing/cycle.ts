import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { subscriptionOf } from '../indexes.js';
import { idOf } from '../objects.js';
import { markUncollectible, voidInvoice } from './close-invoice.js';
import { collect, finalizeAndCollect, isUnderWay, paymentMethodFor } from './collect.js';
import { finalizeInvoice } from './finalize.js';
import { buildInvoice, createInvoice, HOUR, type InvoiceDraft } from './invoices.js';
import { itemLines } from './lines.js';
import { listOfItems, periodEnds, rhythmOf } from './items.js';
import { pauseAs } from './pause.js';
import { lastInvoice, refreshUsage, usageLines } from './usage.js';
import { afterFailure, afterPaid, endSubscription, itemsAt, updateSubscription } from './subscriptions.js';
import { periodAt } from '../calc/periods.js';

/** A period ends: the subscription ends with it, or the next period begins with its invoice. */
export function periodEnd(context: Context, id: string): void {
  const subscription = context.store.get('subscription', id);
  if (subscription === undefined) return;
  if (subscription.cancel_at !== null && subscription.cancel_at <= context.now) endNow(context, subscription);
  else if (subscription.status === 'trialing') endTrial(context, subscription);
  else renew(context, subscription);
}

export function cancelAt(context: Context, id: string): void {
  const subscription = context.store.get('subscription', id);
  if (subscription !== undefined) endNow(context, subscription);
}

function endNow(context: Context, subscription: Stripe.Subscription): void {
  const trialing = subscription.status === 'trialing';
  const ended = endSubscription(context, subscription, 'cancellation_requested');
  if (!trialing) lastInvoice(context, ended);
}

/** https://docs.stripe.com/billing/subscriptions/trials/free-trials */
export function endTrial(context: Context, subscription: Stripe.Subscription): Stripe.Subscription {
  const missing = subscription.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice';
  if (missing !== 'create_invoice' && !hasPaymentMethod(context, subscription)) {
    if (missing === 'cancel') return endSubscription(context, subscription, 'cancellation_requested');
    const items = itemsAt(subscription, context.now, context.now);
    return pauseAs(context, subscription, 'trial_end_without_payment_method', { items });
  }
  return renew(context, { ...subscription, trial_end: context.now }, subscription, context.now);
}

/** The next period of every item whose period is over, and the invoice for it. */
export function renew(
  context: Context,
  subscription: Stripe.Subscription,
  before = subscription,
  anchor = subscription.billing_cycle_anchor,
): Stripe.Subscription {
  const items = subscription.items.data.map((item) =>
    item.current_period_end > context.now && anchor === before.billing_cycle_anchor
      ? item
      : { ...item, ...periodOf(item, anchor, context.now) },
  );
  const next = { ...subscription, billing_cycle_anchor: anchor, items: listOfItems(subscription.id, items) };
  const invoice = createInvoice(context, renewalDraft(context, next, before));
  return updateSubscription(context, before, {
    billing_cycle_anchor: anchor,
    items: next.items,
    latest_invoice: invoice.id,
    status: before.status === 'trialing' ? 'active' : before.status,
    trial_end: subscription.trial_end,
  });
}

/** The invoice of the periods that begin now; it tells of the period that is over: https://docs.stripe.com/api/invoices/object#invoice_object-period_start */
function renewalDraft(context: Context, next: Stripe.Subscription, before: Stripe.Subscription): InvoiceDraft {
  const begun = next.items.data.filter((item) => item.current_period_start === context.now);
  const over = before.items.data[0];
  return {
    customer: idOf(next.customer),
    currency: next.currency,
    reason: 'subscription_cycle',
    subscription: next,
    period: { start: over?.current_period_start ?? context.now, end: context.now },
    lines: (invoice) => [
      ...before.items.data
        .filter(({ id }) => begun.some((item) => item.id === id))
        .flatMap((item) => usageLines(context, next, item, context.now, invoice)),
      ...begun.flatMap((item) =>
        itemLines(context, next, item, { start: item.current_period_start, end: item.current_period_end }, invoice),
      ),
    ],
    takesPendingItems: true,
    finalizesByItself: next.status !== 'unpaid' && next.pause_collection?.behavior !== 'keep_as_draft',
  };
}

/** About an hour after a renewal. */
export function finalizeDue(context: Context, id: string): void {
  const draft = context.store.get('invoice', id);
  if (draft === undefined || draft.status !== 'draft') return;
  const invoice = refreshUsage(context, draft);
  const paused = context.store.get('subscription', subscriptionOf(invoice) ?? '')?.pause_collection?.behavior;
  if (paused === 'void') voidInvoice(context, finalizeInvoice(context, invoice));
  else if (paused === 'mark_uncollectible') markUncollectible(context, finalizeInvoice(context, invoice));
  else settle(context, finalizeAndCollect(context, invoice, { offSession: true }).invoice);
}

export function retryDue(context: Context, id: string): void {
  const invoice = context.store.get('invoice', id);
  if (invoice?.status === 'open') settle(context, collect(context, invoice, { offSession: true }).invoice);
}

export function overdue(context: Context, id: string): void {
  const invoice = context.store.get('invoice', id);
  if (invoice?.status !== 'open') return;
  context.emit('invoice.overdue', invoice);
  const subscription = context.store.get('subscription', subscriptionOf(invoice) ?? '');
  if (subscription?.status === 'active') updateSubscription(context, subscription, { status: 'past_due' });
}

/** The next renewal's invoice as it stands today; of the subscription as given, stored or not. */
export function upcomingInvoice(context: Context, subscription: Stripe.Subscription): Stripe.Invoice {
  const end = periodEnds(subscription).first;
  const anchor = subscription.status === 'trialing' ? end : subscription.billing_cycle_anchor;
  const renewing = subscription.items.data.filter((item) => item.current_period_end === end);
  const next = { ...subscription, trial_end: null };
  const draft: InvoiceDraft = {
    customer: idOf(subscription.customer),
    currency: subscription.currency,
    reason: 'upcoming',
    subscription,
    period: { start: renewing[0]?.current_period_start ?? end, end },
    lines: (invoice) =>
      renewing.flatMap((item) => [
        ...usageLines(context, subscription, item, end, invoice),
        ...itemLines(context, next, item, periodAt(anchor, rhythmOf(item.price), end), invoice),
      ]),
    takesPendingItems: true,
    finalizesByItself: false,
  };
  const invoice = buildInvoice(context, draft, context.ids.next('upcoming_in', 24));
  return { ...invoice, created: end, next_payment_attempt: end + HOUR };
}

export function trialWillEnd(context: Context, id: string): void {
  const subscription = context.store.get('subscription', id);
  if (subscription?.status === 'trialing') context.emit('customer.subscription.trial_will_end', subscription);
}

/** 23 hours without a first payment: https://docs.stripe.com/billing/subscriptions/overview#subscription-lifecycle */
export function expireIncomplete(context: Context, id: string): void {
  const subscription = context.store.get('subscription', id);
  if (subscription?.status !== 'incomplete') return;
  const invoice = context.store.get('invoice', idOf(subscription.latest_invoice) ?? '');
  // A bank that has not answered yet may still pay.
  if (invoice !== undefined && isUnderWay(context, invoice))
    return context.schedule.set('subscription.incomplete_expiry', id, context.now + 23 * HOUR);
  if (invoice?.status === 'open') voidInvoice(context, invoice);
  updateSubscription(context, subscription, { status: 'incomplete_expired', ended_at: context.now });
}

export function resumeCollection(context: Context, id: string): void {
  const subscription = context.store.get('subscription', id);
  if (subscription !== undefined) updateSubscription(context, subscription, { pause_collection: null });
}

/** What an attempt led to, carried over to the subscription. */
export function settle(context: Context, invoice: Stripe.Invoice): void {
  if (invoice.status === 'paid') afterPaid(context, invoice);
  else if (invoice.status === 'open' && invoice.attempted && !isUnderWay(context, invoice))
    afterFailure(context, invoice);
}

function hasPaymentMethod(context: Context, subscription: Stripe.Subscription): boolean {
  const invoice = context.store.get('invoice', idOf(subscription.latest_invoice) ?? '');
  return invoice !== undefined && paymentMethodFor(context, invoice) !== undefined;
}

function periodOf(item: Stripe.SubscriptionItem, anchor: number, at: number) {
  const { start, end } = periodAt(anchor, rhythmOf(item.price), at);
  return { current_period_start: start, current_period_end: end };
}
