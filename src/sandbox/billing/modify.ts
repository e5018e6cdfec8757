import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { mergeMetadata } from '../params.js';
import { same } from '../same.js';
import { addItems, type AddedItem } from './added-items.js';
import { changeItems } from './change.js';
import type { ItemChange } from './change-items.js';
import { finalizeAndCollect } from './collect.js';
import { discountSubscription } from './discount-subscription.js';
import type { DiscountWish } from './discounts.js';
import { endOf, prorateEnd, type EndWish } from './ending.js';
import { pendingItems } from './invoice-items.js';
import { createInvoice } from './invoices.js';
import { periodEnds } from './items.js';
import { isMetered } from './pricing.js';
import { bookCredit } from './prorate.js';
import { bookUsage } from './usage.js';
import { endSubscription, updateSubscription } from './subscriptions.js';
import { plan } from './timers.js';
import { changeTrial } from './trial.js';

export interface Modification extends EndWish {
  fields: Partial<Stripe.Subscription>;
  add_invoice_items: AddedItem[];
  items?: (Omit<ItemChange, 'metadata'> & { metadata?: Map<string, string> | null | undefined })[] | undefined;
  billing_cycle_anchor?: { type: 'now' | 'unchanged' } | undefined;
  discounts?: DiscountWish[] | undefined;
  off_session?: boolean | undefined;
  pause_collection?: { behavior: Stripe.Subscription.PauseCollection.Behavior; resumes_at?: number } | null | undefined;
  payment_behavior?:
    | 'allow_incomplete'
    | 'default_incomplete'
    | 'error_if_incomplete'
    | 'pending_if_incomplete'
    | undefined;
  proration_behavior?: 'create_prorations' | 'none' | 'always_invoice' | undefined;
  proration_date?: number | undefined;
  trial_end?: number | 'now' | undefined;
}

/** https://docs.stripe.com/api/subscriptions/update: what is noted first, then what it costs. */
export function modifySubscription(
  context: Context,
  before: Stripe.Subscription,
  wish: Modification,
): Stripe.Subscription {
  const place = context.emitted.length;
  const noted = context.store.put('subscription', {
    ...discountSubscription(context, before, wish.discounts),
    ...wish.fields,
    ...endOf(context, before, wish),
    ...pauseOf(wish),
  });
  addItems(context, before, wish.add_invoice_items);
  const prorates = wish.proration_behavior !== 'none';
  const endMoves = noted.cancel_at !== before.cancel_at && before.status !== 'trialing' && prorates;
  if (endMoves) prorateEnd(context, before, noted);
  const trialed = changeTrial(context, noted, wish.trial_end, prorates);
  const resetsAnchor = wish.billing_cycle_anchor?.type === 'now';
  const changed =
    wish.items === undefined && !resetsAnchor && !endMoves
      ? updateSubscription(context, trialed, {})
      : changeItems(context, trialed, {
          items: (wish.items ?? []).map((item) => withMetadata(trialed, item)),
          resetsAnchor,
          proration_behavior: wish.proration_behavior ?? 'create_prorations',
          proration_date: prorationDate(context, before, wish),
          payment_behavior: wish.payment_behavior ?? 'allow_incomplete',
          offSession: wish.off_session ?? false,
        });
  if (changed.status !== 'canceled') plan(context, changed);
  tellOnce(context, place, before, changed);
  return changed;
}

/** Cancels at once: https://docs.stripe.com/api/subscriptions/cancel */
export function cancelNow(
  context: Context,
  before: Stripe.Subscription,
  {
    cancellation_details,
    invoice_now,
    prorate,
  }: Pick<Modification, 'cancellation_details'> & { invoice_now?: boolean; prorate?: boolean },
): Stripe.Subscription {
  if (prorate === true && before.status !== 'trialing')
    for (const item of before.items.data) bookCredit(context, before, item, context.now);
  // https://docs.stripe.com/api/subscriptions/cancel#cancel_subscription-invoice_now: with usage that was not invoiced yet
  if (invoice_now === true && before.status !== 'trialing')
    for (const item of before.items.data) if (isMetered(item.price)) bookUsage(context, before, item);
  if (invoice_now !== true && prorate !== true) dropProrations(context, before);
  const ended = endSubscription(context, before, 'cancellation_requested', cancellation_details ?? {});
  if (invoice_now !== true) return ended;
  const draft = createInvoice(context, {
    customer: idOf(ended.customer),
    currency: ended.currency,
    reason: 'subscription_update',
    subscription: ended,
    period: { start: context.now, end: context.now },
    lines: () => [],
    takesPendingItems: true,
    finalizesByItself: false,
  });
  const { invoice } = finalizeAndCollect(context, draft, { offSession: true });
  return context.store.put('subscription', { ...ended, latest_invoice: invoice.id });
}

/** Without either flag prorations that wait are removed: https://docs.stripe.com/api/subscriptions/cancel */
function dropProrations(context: Context, { customer, currency, id }: Stripe.Subscription): void {
  for (const item of pendingItems(context, idOf(customer), currency, id)) {
    if (!item.proration) continue;
    context.store.remove('invoiceitem', item.id);
    context.emit('invoiceitem.deleted', item);
  }
}

function pauseOf({ pause_collection }: Modification): Partial<Stripe.Subscription> {
  if (pause_collection === undefined) return {};
  if (pause_collection === null) return { pause_collection: null };
  return { pause_collection: { behavior: pause_collection.behavior, resumes_at: pause_collection.resumes_at ?? null } };
}

function prorationDate(context: Context, before: Stripe.Subscription, { proration_date }: Modification): number {
  if (proration_date === undefined) return context.now;
  const starts = before.items.data.map((item) => item.current_period_start);
  if (proration_date < Math.min(...starts) || proration_date > periodEnds(before).last)
    throw invalid('Cannot specify `proration_date` outside of current subscription period.', {
      param: 'proration_date',
    });
  return proration_date;
}

function withMetadata(
  subscription: Stripe.Subscription,
  { metadata, ...item }: NonNullable<Modification['items']>[number],
): ItemChange {
  if (metadata === undefined) return item;
  const old = subscription.items.data.find(({ id }) => id === item.id)?.metadata ?? {};
  return { ...item, metadata: mergeMetadata(old, metadata) };
}

/** One request, one `updated`: with everything that it changed from what was before it. */
function tellOnce(context: Context, place: number, before: Stripe.Subscription, after: Stripe.Subscription): void {
  const told = context.emitted.splice(0);
  const kept = told.filter((event, at) => at < place || event.type !== 'customer.subscription.updated');
  context.emitted.push(...kept);
  if (!same(before, after) && after.status !== 'canceled')
    context.emitAt(Math.min(place, context.emitted.length), 'customer.subscription.updated', after, before);
}
