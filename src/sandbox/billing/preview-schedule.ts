import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, StripeError } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { upcomingInvoice } from './cycle.js';
import { periodEnds } from './items.js';
import { phaseDue } from './schedule-phases.js';
import { createSchedule, updateSchedule, type PhaseDraft } from './schedules.js';

type Schedule = Stripe.SubscriptionSchedule;
export interface ScheduleDetails {
  phases?: PhaseDraft[] | undefined;
  end_behavior?: Stripe.SubscriptionSchedule.EndBehavior | undefined;
  proration_behavior?: 'create_prorations' | 'none' | 'always_invoice' | undefined;
  billing_mode?: Stripe.Subscription['billing_mode'] | undefined;
}

/** The next invoice of a schedule as it is, as it would be, or that is not there yet. */
export function previewSchedule(
  context: Context,
  {
    customer,
    schedule,
    details,
  }: { customer: string | undefined; schedule: string | undefined; details: ScheduleDetails },
): Stripe.Invoice {
  if (schedule === undefined) return startingInvoice(context, newSchedule(context, customer, details));
  const found = find(context, 'subscription_schedule', schedule, 'schedule');
  if (details.billing_mode !== undefined)
    throw invalid('The billing mode of a schedule cannot be changed.', { param: 'schedule_details[billing_mode]' });
  const before = latestOf(context, found);
  const { phases, end_behavior = found.end_behavior, proration_behavior = 'create_prorations' } = details;
  const { default_settings } = found;
  const metadata = found.metadata ?? {};
  const changed =
    found.status === 'active' || found.status === 'not_started'
      ? updateSchedule(context, found, { phases, end_behavior, proration_behavior, default_settings, metadata })
      : found;
  if (changed.status === 'not_started') return startingInvoice(context, changed);
  const after = latestOf(context, changed);
  if (after !== undefined && after.id !== before?.id) return after;
  const subscription = context.store.get('subscription', idOf(changed.subscription) ?? '');
  if (subscription === undefined) throw none(idOf(changed.customer));
  return nextInvoice(context, subscription);
}

export function nextInvoice(context: Context, subscription: Stripe.Subscription): Stripe.Invoice {
  const next = invoiceToCome(context, subscription);
  if (next === undefined) throw none(idOf(subscription.customer));
  return next;
}

/** The invoice that comes next, if one does: of the next phase, where a schedule begins one until then. */
export function invoiceToCome(context: Context, subscription: Stripe.Subscription): Stripe.Invoice | undefined {
  const end = periodEnds(subscription).first;
  if ((subscription.cancel_at ?? Infinity) <= end || ['canceled', 'paused'].includes(subscription.status))
    return undefined;
  const schedule = context.store.get('subscription_schedule', idOf(subscription.schedule) ?? '');
  const due = schedule?.status === 'active' ? (schedule.current_phase?.end_date ?? Infinity) : Infinity;
  if (schedule === undefined || due > end) return upcomingInvoice(context, subscription);
  context.now = due;
  phaseDue(context, schedule.id);
  const after = find(context, 'subscription', subscription.id);
  const latest = idOf(after.latest_invoice);
  if (latest !== null && latest !== idOf(subscription.latest_invoice)) return find(context, 'invoice', latest);
  return invoiceToCome(context, after);
}

function newSchedule(context: Context, customer: string | undefined, details: ScheduleDetails): Schedule {
  const { phases = [], end_behavior = 'release', billing_mode } = details;
  if (customer === undefined || phases.length === 0)
    throw invalid('You must provide `schedule`, or `customer` and `schedule_details[phases]`.', {
      code: 'parameter_missing',
      param: customer === undefined ? 'customer' : 'schedule_details[phases]',
    });
  const start = phases[0]?.start_date ?? context.now;
  return createSchedule(context, {
    customer,
    start,
    phases,
    end_behavior,
    metadata: {},
    billing_mode: billing_mode ?? { type: 'flexible', flexible: { proration_discounts: 'included' } },
  });
}

function startingInvoice(context: Context, schedule: Schedule): Stripe.Invoice {
  if (schedule.status === 'not_started') {
    context.now = schedule.phases[0]?.start_date ?? context.now;
    phaseDue(context, schedule.id);
  }
  const invoice = latestOf(context, find(context, 'subscription_schedule', schedule.id));
  if (invoice === undefined) throw none(idOf(schedule.customer));
  return invoice;
}

function latestOf(context: Context, { subscription }: Schedule): Stripe.Invoice | undefined {
  const found = context.store.get('subscription', idOf(subscription) ?? '');
  return context.store.get('invoice', idOf(found?.latest_invoice) ?? '');
}

/** A 404: https://github.com/stripe/stripe-dotnet/issues/1246 */
export function none(customer: string) {
  return new StripeError(404, {
    type: 'invalid_request_error',
    code: 'invoice_upcoming_none',
    message: `No upcoming invoices for customer: ${customer}`,
  });
}
