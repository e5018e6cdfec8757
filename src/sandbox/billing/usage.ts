import type Stripe from 'stripe';
import type { Period } from '../calc/periods.js';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import { usedOf } from '../usage/meter.js';
import { withLines } from './draft-lines.js';
import { createInvoiceItem, pendingItems } from './invoice-items.js';
import { createInvoice } from './invoices.js';
import { linesFor, productName, type Line } from './lines.js';
import { costOf, isMetered } from './pricing.js';

type Subscription = Stripe.Subscription;
type Item = Stripe.SubscriptionItem;

/**
 * What was used is asked for when its period is over: https://docs.stripe.com/billing/subscriptions/usage-based
 * `subscription` as it was in that period.
 */
export function usageLines(
  context: Context,
  subscription: Subscription,
  item: Item,
  end: number,
  invoice: string,
): Line[] {
  if (!isMetered(item.price)) return [];
  const period = { start: countsFrom(context, subscription, item), end };
  const used = usedBy(context, subscription, item, period);
  return linesFor(context, subscription, item, used, period, invoice);
}

/** Usage that is reported while the invoice is a draft still counts: https://docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period */
export function refreshUsage(context: Context, draft: Stripe.Invoice): Stripe.Invoice {
  const subscription = subscriptionFor(context, draft);
  if (subscription === undefined) return draft;
  const fresh = new Map<string, Line[]>();
  const lines = draft.lines.data.flatMap((line) => {
    const details = line.parent?.subscription_item_details;
    const item = subscription.items.data.find(({ id }) => id === details?.subscription_item);
    // What was booked as an item is settled.
    if (item === undefined || !isMetered(item.price) || details?.invoice_item !== null) return [line];
    // A price of tiers has several lines for one usage.
    if (fresh.has(item.id)) return [];
    const used = usedBy(context, subscription, item, line.period);
    const anew = linesFor(context, subscription, item, used, line.period, draft.id);
    fresh.set(item.id, anew);
    return anew;
  });
  return worth(lines) === worth(draft.lines.data) ? draft : withLines(context, draft, lines);
}

/**
 * A metered price that goes takes what was used of it along, as an item of the next invoice (flexible billing only):
 * https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing-setup#update-prices-mid-cycle
 */
export function bookUsage(context: Context, subscription: Subscription, item: Item): void {
  if (subscription.billing_mode.type === 'classic') return;
  const period = { start: countsFrom(context, subscription, item), end: context.now };
  const used = usedBy(context, subscription, item, period);
  if (used === 0) return;
  createInvoiceItem(context, {
    customer: idOf(subscription.customer),
    amount: costOf(context, item.price, used, subscription.currency),
    currency: subscription.currency,
    description: `${used} × ${productName(context, item.price)}`,
    period,
    price: item.price,
    quantity: Math.round(used),
    subscription: { id: subscription.id, item: item.id },
    tax_rates: item.tax_rates ?? [],
  });
}

/**
 * A subscription that ends by plan leaves a last invoice, if anything was used, or prorations wait:
 * https://docs.stripe.com/api/subscriptions/cancel
 */
export function lastInvoice(context: Context, subscription: Subscription): void {
  const metered = subscription.items.data.filter(({ price }) => isMetered(price));
  const used = metered.some(
    (item) => usedBy(context, subscription, item, periodUntilNow(context, subscription, item)) > 0,
  );
  const waiting = pendingItems(context, idOf(subscription.customer), subscription.currency, subscription.id);
  if (!used && !waiting.some(({ proration }) => proration)) return;
  createInvoice(context, {
    customer: idOf(subscription.customer),
    currency: subscription.currency,
    reason: 'subscription_cycle',
    subscription,
    period: { start: subscription.items.data[0]?.current_period_start ?? context.now, end: context.now },
    lines: (invoice) => metered.flatMap((item) => usageLines(context, subscription, item, context.now, invoice)),
    takesPendingItems: true,
    finalizesByItself: true,
  });
}

function usedBy(context: Context, { customer }: Subscription, { price }: Item, period: Period): number {
  const meter = context.store.get('meter', price.recurring?.meter ?? '');
  return meter === undefined ? 0 : usedOf(context, meter, idOf(customer), period);
}

function periodUntilNow(context: Context, subscription: Subscription, item: Item): Period {
  return { start: countsFrom(context, subscription, item), end: context.now };
}

/** Since the period began, or the item came, or its usage was last booked. */
function countsFrom(context: Context, { customer }: Subscription, item: Item): number {
  const booked = context.store
    .by('invoiceitem', 'customer', idOf(customer))
    .filter(({ parent, proration }) => !proration && parent?.subscription_details?.subscription_item === item.id)
    .map(({ period }) => period.end);
  return Math.max(item.current_period_start, item.created, ...booked);
}

function subscriptionFor(context: Context, { parent }: Stripe.Invoice): Subscription | undefined {
  return context.store.get('subscription', idOf(parent?.subscription_details?.subscription) ?? '');
}

/** Two sets of lines that ask for as much of as much are the same. */
function worth(lines: readonly Line[]): number {
  return lines.reduce((sum, { amount, quantity }) => sum + amount + (quantity ?? 0), 0);
}
