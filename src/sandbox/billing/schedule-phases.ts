import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { createSubscription } from './create.js';
import { modifySubscription } from './modify.js';
import { endSchedule } from './schedule-end.js';
import { addedOf, behaviorOf, discountsOf, fieldsOf, itemOf, itemsFor, modeOf } from './schedule-values.js';
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
    ...(phase.start_date < context.now && { backdate_start_date: phase.start_date }),
    add_invoice_items: addedOf(phase),
    fields: { ...fieldsOf(schedule, phase, {}), billing_mode: modeOf(schedule), schedule: schedule.id },
  });
  goOn(context, { ...schedule, status: 'active', subscription: subscription.id }, phase);
}

function enterPhase(context: Context, schedule: Schedule, phase: Phase): void {
  const before = find(context, 'subscription', idOf(schedule.subscription) ?? '');
  // Where a period ends with the phase, there is nothing left of it to give back.
  const between = before.items.data.every(({ current_period_end }) => current_period_end <= context.now);
  const anchor = phase.billing_cycle_anchor ?? schedule.default_settings.billing_cycle_anchor;
  modifySubscription(context, before, {
    fields: fieldsOf(schedule, phase, before.metadata),
    add_invoice_items: addedOf(phase),
    items: itemsFor(before, phase),
    discounts: discountsOf(phase.discounts),
    proration_behavior: between ? 'none' : behaviorOf(phase),
    ...(anchor === 'phase_start' && !between && { billing_cycle_anchor: { type: 'now' } }),
    ...(phase.trial_end !== null && phase.trial_end > context.now && { trial_end: phase.trial_end }),
  });
  const after = goOn(context, schedule, phase);
  context.emit('subscription_schedule.updated', after, schedule);
}

/**
 * The phase that runs was changed: so is its subscription, with what was changed.
 * https://docs.stripe.com/api/subscription_schedules/update#update_subscription_schedule-proration_behavior
 */
export function applyPhase(
  context: Context,
  schedule: Schedule,
  phase: Phase,
  was: Phase | undefined,
  { proration_behavior }: { proration_behavior: 'create_prorations' | 'none' | 'always_invoice' },
): void {
  const before = find(context, 'subscription', idOf(schedule.subscription) ?? '');
  const known = new Set(was?.add_invoice_items.map((item) => JSON.stringify(item)));
  const differs = JSON.stringify(phase.discounts) !== JSON.stringify(was?.discounts);
  // Another phase that runs now is entered; the one that ran is only corrected.
  const items = JSON.stringify(phase.items) === JSON.stringify(was?.items) ? undefined : itemsFor(before, phase);
  modifySubscription(context, before, {
    fields: fieldsOf(schedule, phase, before.metadata),
    add_invoice_items: addedOf({
      add_invoice_items: phase.add_invoice_items.filter((item) => !known.has(JSON.stringify(item))),
    }),
    items,
    ...(differs && { discounts: discountsOf(phase.discounts) }),
    proration_behavior,
    trial_end: trialOf(context, before, phase),
  });
}

function trialOf(
  { now }: Context,
  { status, trial_end }: Stripe.Subscription,
  phase: Phase,
): number | 'now' | undefined {
  if (phase.trial_end === null || phase.trial_end === trial_end) return undefined;
  if (phase.trial_end > now) return phase.trial_end;
  return status === 'trialing' ? 'now' : undefined;
}

export function phaseAt({ phases }: Schedule, now: number): Phase | undefined {
  return phases.find(({ start_date, end_date }) => start_date <= now && now < end_date);
}

function goOn(context: Context, schedule: Schedule, { start_date, end_date }: Phase): Schedule {
  context.schedule.set('subscription_schedule.phase', schedule.id, end_date);
  planNotice(context, schedule);
  return context.store.put('subscription_schedule', { ...schedule, current_phase: { start_date, end_date } });
}

/** Seven days before the last phase ends. */
export function planNotice({ now, schedule: due }: Context, { id, phases }: Schedule): void {
  const notice = (phases.at(-1)?.end_date ?? 0) - NOTICE;
  if (notice > now) due.set('subscription_schedule.expiring', id, notice);
  else due.clear('subscription_schedule.expiring', id);
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
