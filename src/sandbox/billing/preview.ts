import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { createSubscription } from './create.js';
import { discountSubscription } from './discount-subscription.js';
import type { DiscountWish } from './discounts.js';
import { cancelNow, modifySubscription, type Modification } from './modify.js';
import { pauseNow, type Pausing } from './pause.js';
import { nextInvoice, none, previewSchedule, type ScheduleDetails } from './preview-schedule.js';
import { resume } from './resume.js';

export interface PreviewWish {
  customer: string | undefined;
  subscription: string | undefined;
  schedule: string | undefined;
  discounts: DiscountWish[] | undefined;
  /** Puts what would be added where it waits. */
  addItems: (customer: string, subscription: string | undefined, currency: string | undefined) => void;
  details: SubscriptionDetails | undefined;
  schedule_details: ScheduleDetails | undefined;
}
export type SubscriptionDetails = Omit<Modification, 'fields' | 'add_invoice_items' | 'billing_cycle_anchor'> & {
  fields: Partial<Stripe.Subscription>;
  billing_cycle_anchor?: { type: 'now' | 'timestamp' | 'unchanged'; timestamp?: number } | undefined;
  cancel_now?: boolean | undefined;
  pause?: Pausing | undefined;
  resume_at?: 'now' | undefined;
  start_date?: number | undefined;
  billing_mode?: Stripe.Subscription['billing_mode'] | undefined;
};

/**
 * What would be invoiced: the change is made, its invoice looked at, and everything undone, so that the preview is what
 * is invoiced then. https://docs.stripe.com/api/invoices/create_preview
 */
export function preview(context: Context, wish: PreviewWish): Stripe.Invoice {
  context.discarded = true;
  const { customer, discounts, subscription, schedule, details, schedule_details } = wish;
  if (schedule !== undefined || schedule_details !== undefined) {
    refuseBoth(wish);
    wish.addItems(customer ?? ownerOf(context, schedule), undefined, undefined);
    return previewed(context, previewSchedule(context, { customer, schedule, details: schedule_details ?? {} }));
  }
  if (
    subscription === undefined &&
    customer !== undefined &&
    details?.items?.every(({ id }) => id === undefined) === true
  )
    return previewNew(context, customer, details, wish);
  const found = find(context, 'subscription', subscription ?? onlyOne(context, customer), 'subscription');
  wish.addItems(idOf(found.customer), found.id, found.currency);
  const before = context.store.put('subscription', discountSubscription(context, found, discounts));
  return previewed(context, details === undefined ? nextInvoice(context, before) : changed(context, before, details));
}

function changed(context: Context, before: Stripe.Subscription, details: SubscriptionDetails): Stripe.Invoice {
  const { cancel_now, pause, resume_at, start_date, billing_mode, billing_cycle_anchor, fields, ...change } = details;
  for (const [name, value] of Object.entries({ start_date, billing_mode }))
    if (value !== undefined)
      throw invalid(`The ${name} of a subscription cannot be changed.`, { param: `subscription_details[${name}]` });
  if (billing_cycle_anchor?.type === 'timestamp')
    throw invalid('The anchor of a subscription can only be reset to now.', {
      param: 'subscription_details[billing_cycle_anchor][type]',
    });
  const anchor = billing_cycle_anchor === undefined ? undefined : { type: billing_cycle_anchor.type };
  if (pause !== undefined) return latestAfter(context, before, pauseNow(context, before, pause));
  const prorates = change.proration_behavior !== 'none';
  if (resume_at === 'now') {
    const { proration_date } = change;
    const how = {
      anchor: anchor?.type ?? 'now',
      payment_behavior: 'resume_on_payment_attempt',
      prorates,
      proration_date,
    } as const;
    return latestAfter(context, before, resume(context, before, how));
  }
  const after =
    cancel_now === true
      ? cancelNow(context, before, { invoice_now: true, prorate: prorates })
      : modifySubscription(context, before, {
          ...change,
          fields: { ...fields, metadata: { ...before.metadata, ...fields.metadata } },
          billing_cycle_anchor: anchor,
          add_invoice_items: [],
        });
  return latestAfter(context, before, after);
}

function latestAfter(context: Context, before: Stripe.Subscription, after: Stripe.Subscription): Stripe.Invoice {
  const latest = idOf(after.latest_invoice);
  if (latest !== null && latest !== idOf(before.latest_invoice)) return find(context, 'invoice', latest);
  return nextInvoice(context, after);
}

/** What a subscription that does not exist yet would ask for first. */
function previewNew(
  context: Context,
  customer: string,
  details: SubscriptionDetails,
  { addItems, discounts }: PreviewWish,
): Stripe.Invoice {
  const items = (details.items ?? []).map(({ price, quantity, tax_rates, discounts: own }, index) => {
    if (price === undefined)
      throw invalid(`Missing required param: subscription_details[items][${index}][price].`, {
        code: 'parameter_missing',
        param: `subscription_details[items][${index}][price]`,
      });
    return { price, quantity, discounts: own, ...(tax_rates && { tax_rates }) };
  });
  if (details.cancel_now === true)
    throw invalid('There is no subscription to cancel.', { param: 'subscription_details[cancel_now]' });
  const { billing_mode, billing_cycle_anchor: anchor, fields, start_date, trial_end } = details;
  if (anchor?.type === 'timestamp' && anchor.timestamp === undefined)
    throw invalid('Missing required param: subscription_details[billing_cycle_anchor][timestamp].', {
      code: 'parameter_missing',
      param: 'subscription_details[billing_cycle_anchor][timestamp]',
    });
  addItems(customer, undefined, find(context, 'price', items[0]?.price ?? '').currency);
  const created = createSubscription(context, {
    customer,
    items,
    discounts,
    payment_behavior: 'default_incomplete',
    proration_behavior: details.proration_behavior ?? 'create_prorations',
    offSession: false,
    trial_end: typeof trial_end === 'number' ? trial_end : undefined,
    backdate_start_date: start_date,
    billing_cycle_anchor: anchor?.timestamp,
    end: details,
    add_invoice_items: [],
    fields: { ...fields, ...(billing_mode && { billing_mode }) },
  });
  return previewed(context, find(context, 'invoice', idOf(created.latest_invoice) ?? ''));
}

/** https://docs.stripe.com/api/invoices/create_preview#create_create_preview-schedule */
function refuseBoth({ subscription, details }: PreviewWish): void {
  if (subscription === undefined && details === undefined) return;
  const param = subscription === undefined ? 'subscription_details' : 'subscription';
  throw invalid(`You cannot set \`${param}\` with \`schedule\` or \`schedule_details\`.`, { param });
}

function ownerOf(context: Context, schedule: string | undefined): string {
  const found = context.store.get('subscription_schedule', schedule ?? '');
  return found === undefined ? '' : idOf(found.customer);
}

function onlyOne(context: Context, customer: string | undefined): string {
  if (customer === undefined)
    throw invalid('You must provide either `customer` or `subscription`.', {
      code: 'parameter_missing',
      param: 'subscription',
    });
  const one = context.store.by('subscription', 'customer', customer).find(({ status }) => status !== 'canceled');
  if (one === undefined) throw none(customer);
  return one.id;
}

/** A preview is a draft that nobody can find again. */
export function previewed(context: Context, invoice: Stripe.Invoice): Stripe.Invoice {
  const id = invoice.id.startsWith('upcoming_in') ? invoice.id : context.ids.next('upcoming_in', 24);
  return {
    ...invoice,
    id,
    amount_paid: 0,
    amount_remaining: invoice.amount_due,
    attempt_count: 0,
    attempted: false,
    auto_advance: false,
    effective_at: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    lines: {
      ...invoice.lines,
      data: invoice.lines.data.map((line) => ({ ...line, invoice: id })),
      url: `/v1/invoices/${id}/lines`,
    },
    number: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
  };
}
