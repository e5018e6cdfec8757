import type { DomainEventData } from '../events/domain-events.js';
import type { Change, Columns } from '../mirror/mirrored-object.js';
import { hasEnded } from './subscription-status.js';
import type { Subscription, SubscriptionItem } from './subscription.entity.js';

type Row = Columns<Subscription>;
type Told = DomainEventData<'subscription.created'>;

/**
 * What happened between two states of a subscription, whatever happened in between: the last word is always what is true
 * now. One seen for the first time is created, and further only what it is.
 */
export function subscriptionChanges(before: Row | null, after: Row | null): Change[] {
  if (after === null) return before === null ? [] : vanished(before);
  const data = toldOf(after);
  if (before === null) {
    return [
      { type: 'subscription.created', data },
      ...statusChange(null, after, data),
      ...cancellationChange(null, after, data),
    ];
  }
  return [
    ...planChange(before, after, data),
    ...quantityChange(before, after, data),
    ...renewal(before, after, data),
    ...statusChange(before, after, data),
    ...cancellationChange(before, after, data),
  ];
}

/** The item that makes the plan; other items are add-ons. */
export function mainItem(row: Pick<Row, 'items'>): SubscriptionItem | undefined {
  return row.items.find((item) => item.plan !== null) ?? row.items[0];
}

function toldOf(row: Row): Told {
  return {
    subscription: row.id,
    status: row.status,
    plan: row.plan,
    quantity: mainItem(row)?.quantity ?? 0,
    current_period_end: row.current_period_end.toISOString(),
  };
}

/** Gone from Stripe without an end (test data was deleted): for everybody who listens it has ended. */
function vanished(before: Row): Change[] {
  if (hasEnded(before.status)) return [];
  return [{ type: 'subscription.canceled', data: { ...toldOf(before), status: 'canceled', reason: null } }];
}

function statusChange(before: Row | null, after: Row, data: Told): Change[] {
  if (before?.status === after.status) return [];
  switch (after.status) {
    case 'trialing':
      // A subscription that begins with a trial is created, no more; it is activated when it comes to the trial later.
      return before === null
        ? []
        : [{ type: 'subscription.activated', data: { ...data, previous_status: before.status } }];
    case 'active':
      return [{ type: 'subscription.activated', data: { ...data, previous_status: before?.status ?? null } }];
    case 'past_due':
      return [{ type: 'subscription.past_due', data }];
    case 'unpaid':
      return [{ type: 'subscription.unpaid', data }];
    case 'paused':
      return [{ type: 'subscription.paused', data }];
    case 'canceled':
      return [{ type: 'subscription.canceled', data: { ...data, reason: after.cancellation_reason } }];
    case 'incomplete_expired':
      return [{ type: 'subscription.incomplete_expired', data }];
    default:
      return [];
  }
}

/** Another price of the same plan (monthly to yearly) is a change of the plan too. */
function planChange(before: Row, after: Row, data: Told): Change[] {
  if (before.plan === after.plan && mainItem(before)?.price === mainItem(after)?.price) return [];
  return [{ type: 'subscription.plan_changed', data: { ...data, previous_plan: before.plan } }];
}

function quantityChange(before: Row, after: Row, data: Told): Change[] {
  const previous_quantity = mainItem(before)?.quantity ?? 0;
  return previous_quantity === data.quantity
    ? []
    : [{ type: 'subscription.quantity_changed', data: { ...data, previous_quantity } }];
}

/** The next period has begun. Whether it is paid is told by `invoice.paid` or `invoice.payment_failed`: Stripe charges about an hour later. */
function renewal(before: Row, after: Row, data: Told): Change[] {
  const renews = after.status === 'active' && ['active', 'past_due', 'unpaid'].includes(before.status);
  return renews && after.current_period_start >= before.current_period_end
    ? [{ type: 'subscription.renewed', data }]
    : [];
}

function cancellationChange(before: Row | null, after: Row, data: Told): Change[] {
  if (hasEnded(after.status) || before?.cancel_at?.getTime() === after.cancel_at?.getTime()) return [];
  if (after.cancel_at === null) return before?.cancel_at ? [{ type: 'subscription.cancellation_undone', data }] : [];
  return [{ type: 'subscription.cancellation_scheduled', data: { ...data, cancel_at: after.cancel_at.toISOString() } }];
}
