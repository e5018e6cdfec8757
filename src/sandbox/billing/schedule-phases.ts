import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { createSubscription } from './create.js';
import type { DiscountWish } from './discounts.js';
import { modifySubscription } from './modify.js';
import { endSchedule } from './schedule-end.js';
import { endSubscription } from './subscriptions.js';

type Schedule = Stripe.SubscriptionSchedule;
type Phase = Stripe.SubscriptionSchedule.Phase;
/** https://docs.stripe.com/api/events/types#event_types-subscription_schedule.expiring */
const NOTICE = 7 * 86_400;

/** The first phase begins with the subscription, the others change it, and after the last it is as `end_behavior` says. */
export function phaseDue(context: Context, id: string): void {
  const schedule = context.store.get('subscription_schedule', id);
  if (schedule?.status === 'not_started') return startSchedule(context, schedule);
  if (schedule?.status !== 'active') return;
  const next = schedule.phases.find(({ start_date }) => start_date === context.now);
  if (next === undefined) completeSchedule(context, schedule);
  else enterPhase(context, schedule, next);
}

export function expiring(context: Context, id: string): void {
  const schedule = context.store.get('subscription_schedule', id);
  if (schedule?.status === 'active') context.emit('subscription_schedule.expiring', schedule);
}

export function startSchedule(context: Context, schedule: Schedule): void {
  const [phase] = schedule.phases;
  if (phase === undefined) return;
  const subscription = createSubscription(context, {
    customer: idOf(schedule.customer),
    currency: phase.currency,
    items: phase.items.map((item) => ({ ...itemOf(item), metadata: item.metadata ?? {} })),
    discounts: discountsOf(phase.discounts),
    // A schedule's subscription comes to be even if its first payment fails.
    payment_behavior: 'allow_incomplete',
    proration_behavior: 'create_prorations',
    offSession: true,
    trial_end: phase.trial_end ?? undefined,
    add_invoice_items: [],
    fields: { ...fieldsOf(phase), billing_mode: modeOf(schedule), schedule: schedule.id },
  });
  goOn(context, { ...schedule, status: 'active', subscription: subscription.id }, phase);
}

function enterPhase(context: Context, schedule: Schedule, phase: Phase): void {
  const before = find(context, 'subscription', idOf(schedule.subscription) ?? '');
  // Where a period ends with the phase, there is nothing left of it to give back.
  const between = before.items.data.every(({ current_period_end }) => current_period_end <= context.now);
  modifySubscription(context, before, {
    fields: fieldsOf(phase),
    add_invoice_items: [],
    items: itemsFor(before, phase),
    discounts: discountsOf(phase.discounts),
    proration_behavior: between ? 'none' : behaviorOf(phase),
    ...(phase.billing_cycle_anchor === 'phase_start' && !between && { billing_cycle_anchor: { type: 'now' } }),
    ...(phase.trial_end !== null && phase.trial_end > context.now && { trial_end: phase.trial_end }),
  });
  const after = goOn(context, schedule, phase);
  context.emit('subscription_schedule.updated', after, schedule);
}

function goOn(context: Context, schedule: Schedule, { start_date, end_date }: Phase): Schedule {
  context.schedule.set('subscription_schedule.phase', schedule.id, end_date);
  if (schedule.phases.at(-1)?.end_date === end_date && end_date - NOTICE > context.now)
    context.schedule.set('subscription_schedule.expiring', schedule.id, end_date - NOTICE);
  return context.store.put('subscription_schedule', { ...schedule, current_phase: { start_date, end_date } });
}

/** https://docs.stripe.com/billing/subscriptions/subscription-schedules#end-behavior */
function completeSchedule(context: Context, schedule: Schedule): void {
  if (schedule.end_behavior !== 'cancel') {
    releaseSubscription(context, schedule);
    return;
  }
  const completed = endSchedule(context, schedule, { status: 'completed', completed_at: context.now });
  const subscription = context.store.get('subscription', idOf(schedule.subscription) ?? '');
  if (subscription !== undefined && subscription.status !== 'canceled')
    endSubscription(context, subscription, 'cancellation_requested');
  context.emit('subscription_schedule.completed', completed);
}

export function releaseSubscription(context: Context, before: Schedule): Schedule {
  const subscription = context.store.get('subscription', idOf(before.subscription) ?? '');
  const released = endSchedule(context, before, {
    status: 'released',
    released_at: context.now,
    released_subscription: subscription?.id ?? null,
    subscription: null,
  });
  if (subscription !== undefined) {
    const free = context.store.put('subscription', { ...subscription, schedule: null });
    context.emit('customer.subscription.updated', free, subscription);
  }
  context.emit('subscription_schedule.released', released);
  return released;
}

/** An item stays where its price does; the others are changed in their order, added, or removed. */
function itemsFor(before: Stripe.Subscription, { items }: Phase) {
  const rest = [...before.items.data];
  const take = (matches: (item: Stripe.SubscriptionItem) => boolean) => {
    const place = rest.findIndex(matches);
    return place < 0 ? undefined : rest.splice(place, 1)[0];
  };
  const same = items.map((wanted) => take((item) => item.price.id === idOf(wanted.price)));
  const changes = items.map((wanted, index) => {
    const old = same[index] ?? take(() => true);
    return { ...itemOf(wanted), ...(old !== undefined && { id: old.id }) };
  });
  return [...changes, ...rest.map(({ id }) => ({ id, deleted: true }))];
}

function itemOf({ price, quantity, tax_rates, discounts }: Stripe.SubscriptionSchedule.Phase.Item) {
  return { price: idOf(price), quantity, tax_rates: tax_rates ?? [], discounts: discountsOf(discounts) };
}

function discountsOf(discounts: Phase['discounts']): DiscountWish[] {
  return discounts.map(({ coupon, discount, promotion_code }) => ({
    ...(coupon !== null && { coupon: idOf(coupon) }),
    ...(discount !== null && { discount: idOf(discount) }),
    ...(promotion_code !== null && { promotion_code: idOf(promotion_code) }),
  }));
}

function fieldsOf(phase: Phase): Partial<Stripe.Subscription> {
  const { collection_method, default_payment_method, default_tax_rates, description, metadata } = phase;
  return {
    ...(collection_method !== null && { collection_method }),
    ...(default_payment_method !== null && { default_payment_method: idOf(default_payment_method) }),
    default_tax_rates: default_tax_rates ?? [],
    ...(description !== null && { description }),
    metadata: metadata ?? {},
  };
}

function modeOf({ billing_mode: { type, flexible } }: Schedule): Stripe.Subscription['billing_mode'] {
  return { type, flexible };
}

function behaviorOf({ proration_behavior }: Phase): 'create_prorations' | 'none' | 'always_invoice' {
  if (proration_behavior === 'none') return 'none';
  return proration_behavior === 'always_invoice' ? 'always_invoice' : 'create_prorations';
}
