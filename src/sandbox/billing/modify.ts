import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { mergeMetadata } from '../params.js';
import { changeItems } from './change.js';
import type { ItemChange } from './change-items.js';
import { finalizeAndCollect } from './collect.js';
import { endTrial, settle } from './cycle.js';
import { discountSubscription } from './discount-subscription.js';
import type { DiscountWish } from './discounts.js';
import { createInvoiceItem, type InvoiceItemDraft } from './invoice-items.js';
import { createInvoice } from './invoices.js';
import { listOfItems, periodEnds } from './items.js';
import { isMetered } from './pricing.js';
import { bookCredit } from './prorate.js';
import { bookUsage } from './usage.js';
import { endSubscription, updateSubscription } from './subscriptions.js';
import { plan, TRIAL_NOTICE } from './timers.js';

export interface Modification {
  fields: Partial<Stripe.Subscription>;
  add_invoice_items: Omit<InvoiceItemDraft, 'customer'>[];
  items?: (Omit<ItemChange, 'metadata'> & { metadata?: Map<string, string> | null | undefined })[] | undefined;
  billing_cycle_anchor?: { type: 'now' | 'unchanged' } | undefined;
  cancel_at?: number | 'min_period_end' | 'max_period_end' | null | undefined;
  cancel_at_period_end?: boolean | undefined;
  cancellation_details?:
    | { comment?: string | null; feedback?: Stripe.Subscription.CancellationDetails.Feedback | null }
    | undefined;
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
  for (const item of wish.add_invoice_items)
    createInvoiceItem(context, { ...item, customer: idOf(before.customer), subscription: { id: before.id } });
  const trialed = changeTrial(context, noted, wish);
  const resetsAnchor = wish.billing_cycle_anchor?.type === 'now';
  const changed =
    wish.items === undefined && !resetsAnchor
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

/** `cancel_at` and `cancel_at_period_end` are two ways to say one thing: https://docs.stripe.com/billing/subscriptions/cancel */
function endOf(context: Context, before: Stripe.Subscription, wish: Modification): Partial<Stripe.Subscription> {
  const details = {
    comment: null,
    feedback: null,
    feedback_option: null,
    reason: null,
    ...before.cancellation_details,
    ...wish.cancellation_details,
  };
  const { first, last } = periodEnds(before);
  if (wish.cancel_at_period_end === true || typeof wish.cancel_at === 'string')
    return {
      cancel_at: wish.cancel_at === 'min_period_end' ? first : last,
      cancel_at_period_end: wish.cancel_at_period_end ?? false,
      canceled_at: before.canceled_at ?? context.now,
      cancellation_details: { ...details, reason: 'cancellation_requested' },
    };
  if (typeof wish.cancel_at === 'number') {
    if (wish.cancel_at <= context.now) throw invalid('`cancel_at` must be in the future.', { param: 'cancel_at' });
    return {
      cancel_at: wish.cancel_at,
      cancel_at_period_end: false,
      canceled_at: before.canceled_at ?? context.now,
      cancellation_details: { ...details, reason: 'cancellation_requested' },
    };
  }
  if (wish.cancel_at === null || (wish.cancel_at_period_end === false && before.cancel_at_period_end))
    return {
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      cancellation_details: { ...details, reason: null },
    };
  return wish.cancellation_details === undefined ? {} : { cancellation_details: details };
}

function pauseOf({ pause_collection }: Modification): Partial<Stripe.Subscription> {
  if (pause_collection === undefined) return {};
  if (pause_collection === null) return { pause_collection: null };
  return { pause_collection: { behavior: pause_collection.behavior, resumes_at: pause_collection.resumes_at ?? null } };
}

function changeTrial(context: Context, before: Stripe.Subscription, { trial_end }: Modification): Stripe.Subscription {
  if (trial_end === undefined) return before;
  if (trial_end === 'now') return before.status === 'trialing' ? startPaying(context, before) : before;
  if (trial_end <= context.now)
    throw invalid('Invalid timestamp: must be an integer Unix timestamp in the future.', { param: 'trial_end' });
  const items = before.items.data.map((item) => ({
    ...item,
    current_period_start: context.now,
    current_period_end: trial_end,
  }));
  const extended = context.store.put('subscription', {
    ...before,
    billing_cycle_anchor: trial_end,
    items: listOfItems(before.id, items),
    status: 'trialing',
    trial_end,
    trial_start: before.trial_start ?? context.now,
  });
  if (trial_end - TRIAL_NOTICE <= context.now) context.emit('customer.subscription.trial_will_end', extended);
  return extended;
}

/** A trial ended by hand is invoiced at once, not after an hour. */
function startPaying(context: Context, before: Stripe.Subscription): Stripe.Subscription {
  const renewed = endTrial(context, before);
  const draft = context.store.get('invoice', idOf(renewed.latest_invoice) ?? '');
  if (draft?.status === 'draft') settle(context, finalizeAndCollect(context, draft, { offSession: false }).invoice);
  return context.store.get('subscription', before.id) ?? renewed;
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
  if (JSON.stringify(before) !== JSON.stringify(after) && after.status !== 'canceled')
    context.emitAt(Math.min(place, context.emitted.length), 'customer.subscription.updated', after, before);
}
