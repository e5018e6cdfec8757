import type Stripe from 'stripe';
import { defineMirrored } from '../mirror/mirrored-object.js';
import type { Columns } from '../mirror/mirrored-object.js';
import { dateOf, idOf, optionalDate, optionalId } from '../mirror/stripe-fields.js';
import { subscriptionChanges } from './subscription-changes.js';
import type { Subscription, SubscriptionItem } from './subscription.entity.js';

type Row = Columns<Subscription>;

export const subscriptionMirror = defineMirrored<Stripe.Subscription, Row>({
  object: 'subscription',
  table: 'subscriptions',
  read,
  changes: subscriptionChanges,
  phase,
  truncated: (subscription) => subscription.items.has_more,
  customer: (row) => row.customer,
  retrieve: (stripe, id) => stripe.subscriptions.retrieve(id),
  // Without `status: 'all'` Stripe leaves out the canceled ones. https://docs.stripe.com/api/subscriptions/list
  list: (stripe, params) => stripe.subscriptions.list({ ...params, status: 'all' }),
});

function read(subscription: Stripe.Subscription): Row {
  const items = subscription.items.data.map(itemOf);
  const [start, end] = periodOf(subscription);
  return {
    id: subscription.id,
    customer: idOf(subscription.customer),
    status: subscription.status,
    items,
    plan: items.find((item) => item.plan !== null)?.plan ?? null,
    currency: subscription.currency,
    current_period_start: dateOf(start),
    current_period_end: dateOf(end),
    cancel_at_period_end: subscription.cancel_at_period_end,
    cancel_at: cancelAtOf(subscription, end),
    canceled_at: optionalDate(subscription.canceled_at),
    ended_at: optionalDate(subscription.ended_at),
    cancellation_reason: subscription.cancellation_details?.reason ?? null,
    trial_end: optionalDate(subscription.trial_end),
    pause_collection: subscription.pause_collection?.behavior ?? null,
    latest_invoice: optionalId(subscription.latest_invoice),
    default_payment_method: optionalId(subscription.default_payment_method),
    metadata: subscription.metadata,
    created: dateOf(subscription.created),
  };
}

function itemOf(item: Stripe.SubscriptionItem): SubscriptionItem {
  return {
    id: item.id,
    price: item.price.id,
    product: idOf(item.price.product),
    plan: item.price.metadata['plan'] ?? null,
    quantity: item.quantity ?? 1,
    current_period_start: dateOf(item.current_period_start).toISOString(),
    current_period_end: dateOf(item.current_period_end).toISOString(),
  };
}

/**
 * The period stands on the items, and items may have different ones: the one that ends first counts, as it does for
 * `cancel_at_period_end`. https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end
 */
function periodOf(subscription: Stripe.Subscription): [start: number, end: number] {
  const [first] = subscription.items.data.toSorted((a, b) => a.current_period_end - b.current_period_end);
  return first
    ? [first.current_period_start, first.current_period_end]
    : [subscription.start_date, subscription.start_date];
}

/**
 * A scheduled end may be told by `cancel_at` alone while `cancel_at_period_end` is false: the customer portal does so under
 * flexible billing, as do `min_period_end` and `max_period_end`.
 * https://docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums
 */
function cancelAtOf(subscription: Stripe.Subscription, periodEnd: number): Date | null {
  return optionalDate(subscription.cancel_at ?? (subscription.cancel_at_period_end ? periodEnd : null));
}

/** `incomplete` is never entered again, and nothing follows an end. https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
function phase(row: Row): number {
  if (row.status === 'incomplete') return 0;
  return row.status === 'canceled' || row.status === 'incomplete_expired' ? 2 : 1;
}
