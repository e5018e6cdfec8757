import type Stripe from 'stripe';
import { boundary } from '../calc/periods.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { pendingItems } from './invoice-items.js';
import { createInvoice } from './invoices.js';
import { updateSubscription } from './subscriptions.js';

/** One year, in each of them. */
const MOST: Record<string, number> = { day: 365, week: 52, month: 12, year: 1 };
type Interval = Stripe.Subscription.PendingInvoiceItemInterval;

/** How often items that wait are invoiced: https://docs.stripe.com/api/subscriptions/object#subscription_object-pending_invoice_item_interval */
export function pendingInterval(
  context: Context,
  given: { interval: Interval['interval']; interval_count?: number } | null,
): Pick<Stripe.Subscription, 'next_pending_invoice_item_invoice' | 'pending_invoice_item_interval'> {
  if (given === null) return { next_pending_invoice_item_invoice: null, pending_invoice_item_interval: null };
  const { interval, interval_count = 1 } = given;
  if (interval_count > (MOST[interval] ?? 1))
    throw invalid('The maximum interval is one year.', { param: 'pending_invoice_item_interval[interval_count]' });
  return {
    next_pending_invoice_item_invoice: boundary(context.now, { interval, interval_count }, 1),
    pending_invoice_item_interval: { interval, interval_count },
  };
}

/** As if an invoice were made by hand for the subscription, if anything waits. */
export function invoicePending(context: Context, id: string): void {
  const before = context.store.get('subscription', id);
  if (before === undefined || before.pending_invoice_item_interval === null) return;
  const next = pendingInterval(context, before.pending_invoice_item_interval);
  const { currency } = before;
  const customer = idOf(before.customer);
  if (pendingItems(context, customer, currency, id).length === 0) {
    updateSubscription(context, before, next);
    return;
  }
  const invoice = createInvoice(context, {
    customer,
    currency,
    reason: 'automatic_pending_invoice_item_invoice',
    subscription: before,
    period: { start: context.now, end: context.now },
    lines: () => [],
    takesPendingItems: true,
    finalizesByItself: before.pause_collection?.behavior !== 'keep_as_draft',
  });
  updateSubscription(context, before, { ...next, latest_invoice: invoice.id });
}
