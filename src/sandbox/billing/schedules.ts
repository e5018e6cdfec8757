import type Stripe from 'stripe';
import { boundary } from '../calc/periods.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { blankSchedule, phaseOf, settingsFrom } from './blank-schedule.js';
import { cancelNow } from './modify.js';
import { endSchedule } from './schedule-end.js';
import { applyPhase, phaseAt, planNotice, releaseSubscription, startSchedule } from './schedule-phases.js';
import { checkSubscriptions } from './test-clocks.js';

type Schedule = Stripe.SubscriptionSchedule;
export type PhaseDraft = Omit<Stripe.SubscriptionSchedule.Phase, 'start_date' | 'end_date'> & {
  start_date?: number | undefined;
  end_date?: number | undefined;
  duration?: { interval: string; interval_count?: number } | undefined;
};
export interface ScheduleWish {
  customer: string;
  start: number;
  phases: PhaseDraft[];
  end_behavior: Stripe.SubscriptionSchedule.EndBehavior;
  metadata: Record<string, string>;
  billing_mode: Stripe.Subscription['billing_mode'];
  default_settings?: Stripe.SubscriptionSchedule.DefaultSettings | undefined;
}

/** Plans what a subscription will be, phase after phase: https://docs.stripe.com/billing/subscriptions/subscription-schedules */
export function createSchedule(context: Context, wish: ScheduleWish): Schedule {
  const customer = find(context, 'customer', wish.customer, 'customer');
  checkSubscriptions(context, customer);
  const place = context.emitted.length;
  const schedule = context.store.put('subscription_schedule', {
    ...blankSchedule(context, customer, wish),
    phases: datedPhases(wish.phases, wish.start),
  });
  // Stripe's documentation does not say what becomes of phases that are over before the schedule is made.
  if ((schedule.phases[0]?.end_date ?? Infinity) <= context.now)
    throw invalid('The first phase must end in the future.', { param: 'phases[0][end_date]' });
  if (wish.start > context.now) context.schedule.set('subscription_schedule.phase', schedule.id, wish.start);
  if (wish.start <= context.now) startSchedule(context, schedule);
  const created = find(context, 'subscription_schedule', schedule.id);
  context.emitAt(place, 'subscription_schedule.created', created);
  return created;
}

/** Takes a subscription over as it is, until the end of its period. */
export function scheduleFrom(context: Context, id: string): Schedule {
  const subscription = find(context, 'subscription', id, 'from_subscription');
  if (idOf(subscription.schedule) !== null)
    throw invalid(`The subscription ${id} is already attached to a schedule: ${idOf(subscription.schedule)}.`, {
      param: 'from_subscription',
    });
  // https://docs.stripe.com/billing/subscriptions/pause#limitations
  if (subscription.status === 'paused')
    throw invalid('A schedule cannot be attached to a paused subscription.', { param: 'from_subscription' });
  const { customer, items, billing_mode } = subscription;
  const starts = items.data.map((item) => item.current_period_start);
  const ends = items.data.map((item) => item.current_period_end);
  const wish = { start: Math.min(...starts), phases: [], end_behavior: 'release', metadata: {}, billing_mode } as const;
  const owner = find(context, 'customer', idOf(customer));
  const current_phase = { start_date: Math.min(...starts), end_date: Math.max(...ends) };
  const schedule = context.store.put('subscription_schedule', {
    ...blankSchedule(context, owner, { ...wish, customer: owner.id, phases: [] }),
    default_settings: settingsFrom(subscription),
    current_phase,
    phases: datedPhases([{ ...phaseOf(subscription), end_date: current_phase.end_date }], current_phase.start_date),
    status: 'active',
    subscription: id,
  });
  context.store.put('subscription', { ...subscription, schedule: schedule.id });
  context.schedule.set('subscription_schedule.phase', schedule.id, current_phase.end_date);
  context.emit('subscription_schedule.created', schedule);
  context.emit('customer.subscription.updated', find(context, 'subscription', id), subscription);
  return schedule;
}

/** Phases that are over, or have begun, keep their beginning: https://docs.stripe.com/api/subscription_schedules/update */
export function updateSchedule(
  context: Context,
  before: Schedule,
  change: {
    phases: PhaseDraft[] | undefined;
    end_behavior: Stripe.SubscriptionSchedule.EndBehavior;
    metadata: Record<string, string>;
    default_settings: Stripe.SubscriptionSchedule.DefaultSettings;
    proration_behavior: 'create_prorations' | 'none' | 'always_invoice';
  },
): Schedule {
  refuseEnded(before);
  const { current_phase } = before;
  const first = change.phases?.[0];
  const start = first?.start_date ?? current_phase?.start_date ?? before.phases[0]?.start_date ?? context.now;
  const phases = change.phases === undefined ? before.phases : datedPhases(change.phases, start);
  const place = context.emitted.length;
  const current = phases.find((phase) => phase.start_date <= context.now && context.now < phase.end_date);
  if (current_phase !== null && current === undefined)
    throw invalid('The phases must include the current one.', { param: 'phases' });
  const schedule = context.store.put('subscription_schedule', {
    ...before,
    phases,
    end_behavior: change.end_behavior,
    metadata: change.metadata,
    default_settings: change.default_settings,
    current_phase: current === undefined ? null : { start_date: current.start_date, end_date: current.end_date },
  });
  context.schedule.set('subscription_schedule.phase', schedule.id, current?.end_date ?? start);
  planNotice(context, schedule);
  if (current !== undefined) applyPhase(context, schedule, current, phaseAt(before, context.now), change);
  context.emitAt(place, 'subscription_schedule.updated', schedule, before);
  return schedule;
}

/** The subscription goes on as it is: https://docs.stripe.com/api/subscription_schedules/release */
export function releaseSchedule(context: Context, before: Schedule): Schedule {
  refuseEnded(before);
  return releaseSubscription(context, before);
}

/** Its subscription is canceled with it, at once: https://docs.stripe.com/api/subscription_schedules/cancel */
export function cancelSchedule(
  context: Context,
  before: Schedule,
  how: { invoice_now?: boolean; prorate?: boolean },
): Schedule {
  refuseEnded(before);
  const canceled = endSchedule(context, before, { status: 'canceled', canceled_at: context.now });
  const subscription = context.store.get('subscription', idOf(before.subscription) ?? '');
  if (subscription !== undefined)
    cancelNow(context, subscription, { invoice_now: how.invoice_now ?? true, prorate: how.prorate ?? true });
  context.emit('subscription_schedule.canceled', canceled);
  return canceled;
}

function refuseEnded({ status }: Schedule): void {
  if (status !== 'not_started' && status !== 'active')
    throw invalid(`The subscription schedule is ${status}, and cannot be changed any more.`);
}

/** A phase begins when the one before it ends; all but the last must say when that is. */
function datedPhases(drafts: PhaseDraft[], start: number): Stripe.SubscriptionSchedule.Phase[] {
  let from = start;
  return drafts.map(({ duration, ...draft }, index) => {
    if (draft.end_date !== undefined && duration !== undefined)
      throw invalid('You may only specify one of these parameters: end_date, duration.', {
        param: `phases[${index}][duration]`,
      });
    if (draft.billing_cycle_anchor === 'phase_start' && (draft.trial === true || draft.trial_end !== null))
      throw invalid('`billing_cycle_anchor` cannot be `phase_start` in a phase with a trial.', {
        param: `phases[${index}][billing_cycle_anchor]`,
      });
    const end_date = draft.end_date ?? (duration === undefined ? undefined : boundary(from, inFull(duration), 1));
    if (end_date === undefined)
      throw invalid('Each phase needs an end_date or a duration.', {
        code: 'parameter_missing',
        param: `phases[${index}][end_date]`,
      });
    if (end_date <= from) throw invalid('A phase must end after it begins.', { param: `phases[${index}][end_date]` });
    const phase = {
      ...draft,
      start_date: from,
      end_date,
      trial_end: draft.trial === true ? end_date : draft.trial_end,
    };
    from = end_date;
    return phase;
  });
}

function inFull({ interval, interval_count }: { interval: string; interval_count?: number }) {
  return { interval, interval_count: interval_count ?? 1 };
}
