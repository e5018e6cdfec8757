import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { createSubscription } from './create.js';
import { upcomingInvoice } from './cycle.js';
import { discountSubscription } from './discount-subscription.js';
import type { DiscountWish } from './discounts.js';
import { cancelNow, modifySubscription, type Modification } from './modify.js';

export interface PreviewWish {
  customer: string | undefined;
  subscription: string | undefined;
  discounts: DiscountWish[] | undefined;
  details: (Omit<Modification, 'fields' | 'add_invoice_items'> & { cancel_now?: boolean }) | undefined;
}

/**
 * What would be invoiced: the change is made, its invoice looked at, and everything undone, so that the preview is what
 * is invoiced then. https://docs.stripe.com/api/invoices/create_preview
 */
export function preview(context: Context, wish: PreviewWish): Stripe.Invoice {
  context.discarded = true;
  const { customer, discounts, subscription, details } = wish;
  if (
    subscription === undefined &&
    customer !== undefined &&
    details?.items?.every(({ id }) => id === undefined) === true
  )
    return previewNew(context, customer, wish);
  const found = find(context, 'subscription', subscription ?? onlyOne(context, customer), 'subscription');
  const before = context.store.put('subscription', discountSubscription(context, found, discounts));
  if (details === undefined) return previewed(context, upcomingInvoice(context, before));
  const { cancel_now, ...change } = details;
  const after =
    cancel_now === true
      ? cancelNow(context, before, { invoice_now: true, prorate: change.proration_behavior !== 'none' })
      : modifySubscription(context, before, { ...change, fields: {}, add_invoice_items: [] });
  const latest = idOf(after.latest_invoice);
  if (latest !== null && latest !== idOf(before.latest_invoice))
    return previewed(context, find(context, 'invoice', latest));
  if (after.cancel_at !== null || after.status === 'canceled')
    throw invalid('No upcoming invoices for customer: ' + idOf(after.customer), { code: 'invoice_upcoming_none' });
  return previewed(context, upcomingInvoice(context, after));
}

/** What a subscription that does not exist yet would ask for first. */
function previewNew(context: Context, customer: string, { discounts, details }: PreviewWish): Stripe.Invoice {
  const items = (details?.items ?? []).map(({ price, quantity, tax_rates, discounts: own }, index) => {
    if (price === undefined)
      throw invalid(`Missing required param: subscription_details[items][${index}][price].`, {
        code: 'parameter_missing',
        param: `subscription_details[items][${index}][price]`,
      });
    return { price, quantity, discounts: own, ...(tax_rates && { tax_rates }) };
  });
  const created = createSubscription(context, {
    customer,
    items,
    discounts,
    payment_behavior: 'default_incomplete',
    proration_behavior: details?.proration_behavior ?? 'create_prorations',
    offSession: false,
    trial_end: typeof details?.trial_end === 'number' ? details.trial_end : undefined,
    add_invoice_items: [],
    fields: {},
  });
  return previewed(context, find(context, 'invoice', idOf(created.latest_invoice) ?? ''));
}

function onlyOne(context: Context, customer: string | undefined): string {
  if (customer === undefined)
    throw invalid('You must provide either `customer` or `subscription`.', {
      code: 'parameter_missing',
      param: 'subscription',
    });
  const one = context.store.by('subscription', 'customer', customer).find(({ status }) => status !== 'canceled');
  if (one === undefined)
    throw invalid(`No upcoming invoices for customer: ${customer}`, { code: 'invoice_upcoming_none' });
  return one.id;
}

/** A preview is a draft that nobody can find again. */
function previewed(context: Context, invoice: Stripe.Invoice): Stripe.Invoice {
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
