import type Stripe from 'stripe';
import { periodAt } from '../calc/periods.js';
import { restOf } from '../calc/proration.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { finalizeAndCollect, type Collected } from './collect.js';
import { unpaidError } from './create.js';
import { finalizeInvoice } from './finalize.js';
import { createInvoiceItem, pendingItems } from './invoice-items.js';
import { createInvoice } from './invoices.js';
import { listOfItems, makeItem, planOf, recurringPrice, rhythmOf } from './items.js';
import { itemAmount, itemLine, productName, type Line } from './lines.js';
import { holdUpdate } from './pending-updates.js';
import { afterPaid, updateSubscription } from './subscriptions.js';

export interface ItemChange {
  id?: string | undefined;
  price?: string | undefined;
  quantity?: number | undefined;
  deleted?: boolean | undefined;
  metadata?: Record<string, string> | undefined;
}
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
    prorate(context, before, after, change, resets);
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

/** What was asked for, item by item; an item without an id is a new one. */
function itemsAfter(context: Context, before: Stripe.Subscription, changes: ItemChange[]): Stripe.SubscriptionItem[] {
  const first = before.items.data[0];
  const added = changes
    .map((change, index) => ({ change, param: `items[${index}][price]` }))
    .filter(({ change }) => change.id === undefined)
    .map(({ change, param }) => addItem(context, before, change, param, first));
  const kept = before.items.data.flatMap((item) => {
    const index = changes.findIndex((change) => change.id === item.id);
    const change = changes[index];
    if (change === undefined) return [item];
    return change.deleted === true ? [] : [changeItem(context, item, change, `items[${index}][price]`)];
  });
  for (const [index, { id }] of changes.entries())
    if (id !== undefined && !before.items.data.some((item) => item.id === id))
      throw invalid(`No such subscription item: '${id}'`, { code: 'resource_missing', param: `items[${index}][id]` });
  const items = [...kept, ...added];
  if (items.length === 0)
    throw invalid(
      'A subscription must have at least one active plan. To remove the last plan, cancel the subscription.',
      { param: 'items' },
    );
  return items;
}

function addItem(
  context: Context,
  before: Stripe.Subscription,
  change: ItemChange,
  param: string,
  first: Stripe.SubscriptionItem | undefined,
): Stripe.SubscriptionItem {
  if (change.price === undefined)
    throw invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  const price = recurringPrice(context, change.price, param);
  refuseOtherCurrency(before, price, param);
  const period = periodAt(before.billing_cycle_anchor, rhythmOf(price), context.now);
  const trialing = before.status === 'trialing' && first !== undefined;
  const shown = trialing ? { start: first.current_period_start, end: first.current_period_end } : period;
  return makeItem(
    context,
    before.id,
    { price: change.price, quantity: change.quantity, ...(change.metadata && { metadata: change.metadata }) },
    shown,
    param,
  );
}

function changeItem(
  context: Context,
  item: Stripe.SubscriptionItem,
  change: ItemChange,
  param: string,
): Stripe.SubscriptionItem {
  const price = change.price === undefined ? item.price : recurringPrice(context, change.price, param);
  if (price.currency !== item.price.currency) refuseOtherCurrency({ currency: item.price.currency }, price, param);
  return {
    ...item,
    price,
    plan: planOf(price),
    quantity: change.quantity ?? item.quantity ?? 1,
    metadata: change.metadata ?? item.metadata,
  };
}

function refuseOtherCurrency({ currency }: { currency: string }, price: Stripe.Price, param: string): void {
  if (price.currency !== currency)
    throw invalid(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
      { param },
    );
}

function changesRhythm(before: Stripe.Subscription, wanted: Stripe.SubscriptionItem[]): boolean {
  return wanted.some((item) => {
    const was = before.items.data.find((old) => old.id === item.id);
    if (was === undefined) return false;
    const [one, other] = [rhythmOf(was.price), rhythmOf(item.price)];
    return one.interval !== other.interval || one.interval_count !== other.interval_count;
  });
}

/**
 * What was paid for and not used is given back, what is now used is asked for, both for the rest of the period:
 * https://docs.stripe.com/billing/subscriptions/prorations
 */
function prorate(
  context: Context,
  before: Stripe.Subscription,
  after: Stripe.Subscription,
  change: Change,
  resets: boolean,
): void {
  for (const item of before.items.data) {
    const now = after.items.data.find(({ id }) => id === item.id);
    if (resets || now === undefined || !sameCost(item, now)) bookProration(context, before, item, change, -1);
  }
  if (resets) return;
  for (const item of after.items.data) {
    const was = before.items.data.find(({ id }) => id === item.id);
    if (was === undefined || !sameCost(was, item)) bookProration(context, before, item, change, 1);
  }
}

export function bookProration(
  context: Context,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  { proration_date }: Pick<Change, 'proration_date'>,
  sign: 1 | -1,
): void {
  const period = { start: item.current_period_start, end: item.current_period_end };
  const amount = sign * restOf(itemAmount(item), period, proration_date);
  const quantity = item.quantity ?? 1;
  const what = `${quantity === 1 ? '' : `${quantity} × `}${productName(context, item.price)}`;
  createInvoiceItem(context, {
    customer: idOf(subscription.customer),
    amount,
    currency: subscription.currency,
    description: `${sign < 0 ? 'Unused' : 'Remaining'} time on ${what} after ${shownDay(proration_date)}`,
    period: { start: proration_date, end: period.end },
    price: item.price,
    quantity,
    subscription: { id: subscription.id, item: item.id },
    proration: true,
  });
}

function wholePeriods(context: Context, after: Stripe.Subscription, invoice: string): Line[] {
  return after.items.data.map((item) =>
    itemLine(context, after, item, { start: item.current_period_start, end: item.current_period_end }, invoice),
  );
}

function hasPending(context: Context, { customer, currency, id }: Stripe.Subscription): boolean {
  return pendingItems(context, idOf(customer), currency, id).length > 0;
}

function sameCost(one: Stripe.SubscriptionItem, other: Stripe.SubscriptionItem): boolean {
  return one.price.id === other.price.id && one.quantity === other.quantity;
}

function inPeriod(item: Stripe.SubscriptionItem, anchor: number, at: number): Stripe.SubscriptionItem {
  const { start, end } = periodAt(anchor, rhythmOf(item.price), at);
  return { ...item, current_period_start: start, current_period_end: end };
}

function shownDay(at: number): string {
  return new Date(at * 1000).toLocaleDateString('en-GB', {
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
