import type Stripe from 'stripe';
import { periodAt } from '../calc/periods.js';
import type { Context } from '../context.js';
import { subscriptionOf } from '../indexes.js';
import { idOf } from '../objects.js';
import { same } from '../same.js';
import { withoutSpent } from './discounts.js';
import { applyPendingUpdate } from './pending-updates.js';
import { listOfItems, rhythmOf } from './items.js';
import { updateInvoice } from './invoices.js';
import { closeSchedule } from './schedule-end.js';
import { plan, stop } from './timers.js';

/** Changes a subscription, says so, and sets its timers anew. */
export function updateSubscription(
  context: Context,
  before: Stripe.Subscription,
  change: Partial<Stripe.Subscription>,
): Stripe.Subscription {
  const after = context.store.put('subscription', withoutSpent(context, withoutPause({ ...before, ...change })));
  if (!same(before, after)) context.emit('customer.subscription.updated', after, before);
  plan(context, after);
  return after;
}

/** What a paid invoice means: incomplete, past due and unpaid ones live again. */
export function afterPaid(context: Context, invoice: Stripe.Invoice): void {
  const subscription = context.store.get('subscription', subscriptionOf(invoice) ?? '');
  if (subscription === undefined) return;
  if (subscription.pending_update !== null && idOf(subscription.latest_invoice) === invoice.id)
    return applyPendingUpdate(context, subscription);
  if (subscription.status === 'paused' && isResumption(subscription, invoice))
    return unpause(context, subscription, invoice);
  if (!['incomplete', 'past_due', 'unpaid'].includes(subscription.status)) return;
  // An older open invoice does not hold the subscription back once its latest is paid:
  // https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
  if (idOf(subscription.latest_invoice) !== invoice.id && latestIsOpen(context, subscription)) return;
  context.schedule.clear('subscription.incomplete_expiry', subscription.id);
  updateSubscription(context, subscription, { status: 'active', ...savedMethod(context, subscription, invoice) });
}

/** Why it is paused is told only while it is. */
function withoutPause(subscription: Stripe.Subscription): Stripe.Subscription {
  if (subscription.status === 'paused' || subscription.status_details === undefined) return subscription;
  const { status_details: _over, ...rest } = subscription;
  return rest;
}

/**
 * Invoices from before the pause, or of it, go on without an end to it; only that of the periods to come resumes:
 * https://docs.stripe.com/billing/subscriptions/pause
 */
function isResumption({ latest_invoice, status_details }: Stripe.Subscription, { id, created, lines }: Stripe.Invoice) {
  const ofPeriods = lines.data.some(({ parent }) => parent?.type === 'subscription_item_details');
  return idOf(latest_invoice) === id && created >= (status_details?.paused.transitioned_at ?? 0) && ofPeriods;
}

/** The new period begins with the invoice that was waited for: https://docs.stripe.com/api/subscriptions/resume */
function unpause(context: Context, before: Stripe.Subscription, invoice: Stripe.Invoice): void {
  const beginsAnew = invoice.lines.data[0]?.period.start === invoice.created;
  const anchor = beginsAnew ? invoice.created : before.billing_cycle_anchor;
  const items = itemsAt(before, anchor, context.now);
  const resumed = updateSubscription(context, before, { billing_cycle_anchor: anchor, items, status: 'active' });
  context.emit('customer.subscription.resumed', resumed);
}

/** What a failed payment means: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
export function afterFailure(context: Context, invoice: Stripe.Invoice): void {
  const subscription = context.store.get('subscription', subscriptionOf(invoice) ?? '');
  if (subscription === undefined || !['active', 'trialing', 'past_due'].includes(subscription.status)) return;
  const isLast = invoice.next_payment_attempt === null && invoice.auto_advance === true;
  if (!isLast) {
    updateSubscription(context, subscription, { status: 'past_due' });
    return;
  }
  updateInvoice(context, invoice, { auto_advance: false });
  const end = context.settings.after_retries;
  if (end === 'cancel') endSubscription(context, subscription, 'payment_failed');
  else updateSubscription(context, subscription, { status: end });
}

/** Ends it now. Nothing more is collected for it by itself: https://docs.stripe.com/billing/subscriptions/cancel */
export function endSubscription(
  context: Context,
  before: Stripe.Subscription,
  reason: Stripe.Subscription.CancellationDetails.Reason,
  details: Partial<Stripe.Subscription.CancellationDetails> = {},
): Stripe.Subscription {
  const ended = context.store.put('subscription', {
    ...withoutPause({ ...before, status: 'canceled' }),
    canceled_at: before.canceled_at ?? context.now,
    cancel_at_period_end: false,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      ...before.cancellation_details,
      reason,
      ...details,
    },
    ended_at: context.now,
    pending_update: null,
  });
  stop(context, ended.id);
  stopCollecting(context, ended.id);
  context.emit('customer.subscription.deleted', ended);
  closeSchedule(context, ended, reason === 'payment_failed');
  return ended;
}

export function stopCollecting(context: Context, subscription: string): void {
  for (const invoice of context.store.by('invoice', 'subscription', subscription)) {
    if (invoice.status !== 'open' && invoice.status !== 'draft') continue;
    context.schedule.clear('invoice.retry', invoice.id);
    context.schedule.clear('invoice.finalize', invoice.id);
    if (invoice.auto_advance === true || invoice.next_payment_attempt !== null)
      updateInvoice(context, invoice, {
        auto_advance: false,
        automatically_finalizes_at: null,
        next_payment_attempt: null,
      });
  }
}

/** Every item in the period that holds `at`. */
export function itemsAt(
  subscription: Stripe.Subscription,
  anchor: number,
  at: number,
): Stripe.ApiList<Stripe.SubscriptionItem> {
  const items = subscription.items.data.map((item) => {
    const period = periodAt(anchor, rhythmOf(item.price), at);
    return { ...item, current_period_start: period.start, current_period_end: period.end };
  });
  return listOfItems(subscription.id, items);
}

/** `save_default_payment_method=on_subscription`: https://docs.stripe.com/api/subscriptions/object#subscription_object-payment_settings-save_default_payment_method */
export function savedMethod(
  context: Context,
  subscription: Stripe.Subscription,
  invoice: Stripe.Invoice,
): Pick<Stripe.Subscription, 'default_payment_method'> {
  const saves = subscription.payment_settings?.save_default_payment_method === 'on_subscription';
  const [payment] = context.store.by('invoice_payment', 'invoice', invoice.id);
  const intent = context.store.get('payment_intent', idOf(payment?.payment.payment_intent) ?? '');
  const method = idOf(intent?.payment_method);
  return { default_payment_method: saves && method !== null ? method : subscription.default_payment_method };
}

function latestIsOpen(context: Context, subscription: Stripe.Subscription): boolean {
  return context.store.get('invoice', idOf(subscription.latest_invoice) ?? '')?.status === 'open';
}
