import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { finalizeAndCollect } from './collect.js';
import { settle } from './cycle.js';
import { createInvoice } from './invoices.js';
import { itemLines } from './lines.js';
import { itemsAt, updateSubscription } from './subscriptions.js';

export interface Resumption {
  anchor: 'now' | 'unchanged';
  payment_behavior: 'resume_on_payment_attempt' | 'resume_on_payment_success';
  prorates: boolean;
  /** Seconds; now, if not given. */
  proration_date: number | undefined;
}

/**
 * A paused subscription begins a new period, invoiced at once; with `resume_on_payment_success` not before that is paid:
 * https://docs.stripe.com/changelog/endive/2026-09-30/pause-subscription
 */
export function resume(
  context: Context,
  before: Stripe.Subscription,
  { anchor, payment_behavior, prorates, proration_date = context.now }: Resumption,
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
      next.items.data.flatMap((item) => {
        const natural = { start: item.current_period_start, end: item.current_period_end };
        if (anchor === 'now') return itemLines(context, next, item, natural, invoice);
        // https://docs.stripe.com/api/subscriptions/resume#resume_subscription-proration_behavior: the rest of the period
        const rest = { start: Math.max(proration_date, natural.start), end: natural.end };
        return prorates ? itemLines(context, next, item, rest, invoice, natural) : [];
      }),
    takesPendingItems: true,
    finalizesByItself: false,
  });
  if (payment_behavior === 'resume_on_payment_success')
    updateSubscription(context, before, { latest_invoice: draft.id });
  else {
    const { billing_cycle_anchor, items, status } = next;
    const begun = { billing_cycle_anchor, items, latest_invoice: draft.id, status };
    context.emit('customer.subscription.resumed', updateSubscription(context, before, begun));
  }
  settle(context, finalizeAndCollect(context, draft, { offSession: true }).invoice);
  return find(context, 'subscription', before.id);
}
