import type Stripe from 'stripe';
import type { Period } from '../calc/periods.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { pendingItems } from './invoice-items.js';
import { liveDiscounts, spendDiscounts } from './discounts.js';
import { pendingLine, type Line } from './lines.js';
import { withTotals } from './totals.js';

export const HOUR = 3_600;

export interface InvoiceDraft {
  customer: string;
  currency: string;
  reason: Stripe.Invoice.BillingReason;
  subscription: Stripe.Subscription | null;
  period: Period;
  /** Gets the invoice's id. */
  lines: (invoice: string) => Line[];
  takesPendingItems: boolean;
  /** A renewal stays a draft for about an hour: https://docs.stripe.com/billing/invoices/subscription#subscription-renewals */
  finalizesByItself: boolean;
}

/** Makes the draft, takes up what waited for it, and says when it finalizes by itself. */
export function createInvoice(context: Context, draft: InvoiceDraft): Stripe.Invoice {
  const invoice = context.store.put('invoice', buildInvoice(context, draft, context.ids.next('in', 24)));
  if (draft.takesPendingItems)
    for (const item of pendingOf(context, draft)) context.store.put('invoiceitem', { ...item, invoice: invoice.id });
  if (invoice.automatically_finalizes_at !== null)
    context.schedule.set('invoice.finalize', invoice.id, invoice.automatically_finalizes_at);
  context.emit('invoice.created', invoice);
  spendDiscounts(context, invoice);
  return invoice;
}

/** The draft as it would be, nothing stored: also what `invoice.upcoming` and previews show. */
export function buildInvoice(context: Context, draft: InvoiceDraft, id: string): Stripe.Invoice {
  const pending = draft.takesPendingItems ? pendingOf(context, draft) : [];
  const lines = [...pending.map((item) => pendingLine(context, item, id)), ...draft.lines(id)];
  const { subscription } = draft;
  return withTotals(context, {
    ...blankInvoice(context, find(context, 'customer', draft.customer, 'customer'), id),
    auto_advance: draft.finalizesByItself || draft.reason === 'subscription_update',
    automatically_finalizes_at: draft.finalizesByItself ? context.now + HOUR : null,
    billing_reason: draft.reason,
    collection_method: subscription?.collection_method ?? 'charge_automatically',
    currency: draft.currency,
    default_tax_rates: subscription?.default_tax_rates ?? [],
    description: subscription?.description ?? null,
    discounts: liveDiscounts(context, subscription?.discounts ?? []),
    lines: { object: 'list', data: lines, has_more: false, url: `/v1/invoices/${id}/lines` },
    metadata: {},
    parent: subscription === null ? null : parentOf(subscription),
    period_start: draft.period.start,
    period_end: draft.period.end,
  });
}

/** Changes an invoice and says so. */
export function updateInvoice(
  context: Context,
  before: Stripe.Invoice,
  change: Partial<Stripe.Invoice>,
): Stripe.Invoice {
  const after = context.store.put('invoice', { ...before, ...change });
  context.emit('invoice.updated', after, before);
  return after;
}

function pendingOf(context: Context, { customer, currency, subscription }: InvoiceDraft): Stripe.InvoiceItem[] {
  return pendingItems(context, customer, currency, subscription?.id ?? null);
}

function parentOf(subscription: Stripe.Subscription): Stripe.Invoice.Parent {
  return {
    type: 'subscription_details',
    quote_details: null,
    subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
  };
}

function blankInvoice(context: Context, customer: Stripe.Customer, id: string): Stripe.Invoice {
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Good Standing sandbox',
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'manual',
    collection_method: 'charge_automatically',
    created: context.now,
    currency: 'usd',
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: customer.shipping,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: { object: 'list', data: [], has_more: false, url: `/v1/invoices/${id}/lines` },
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: context.now,
    period_start: context.now,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: customer.balance,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: idOf(customer.test_clock),
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: context.now,
  };
}

/** The payment intent that pays an invoice: they are joined by an invoice payment since 2025-03-31. */
export function intentOf(context: Pick<Context, 'store'>, invoice: Stripe.Invoice): Stripe.PaymentIntent | undefined {
  const payment = defaultPayment(context, invoice.id);
  const id = idOf(payment?.payment.payment_intent);
  return id === null ? undefined : context.store.get('payment_intent', id);
}

export function defaultPayment(context: Pick<Context, 'store'>, invoice: string): Stripe.InvoicePayment | undefined {
  return context.store.by('invoice_payment', 'invoice', invoice).find((payment) => payment.is_default);
}

/** The invoice that an intent pays, if it pays one. */
export function invoiceOf(context: Context, intent: Stripe.PaymentIntent): Stripe.Invoice | undefined {
  const [payment] = context.store.by('invoice_payment', 'payment_intent', intent.id);
  return payment === undefined ? undefined : context.store.get('invoice', idOf(payment.invoice));
}

/** A payment goes with its intent: https://docs.stripe.com/invoicing/partial-payments#invoice-payment-statuses */
export function followCanceled(context: Context, intent: string): void {
  if (context.store.get('payment_intent', intent)?.status !== 'canceled') return;
  for (const payment of context.store.by('invoice_payment', 'payment_intent', intent)) {
    if (payment.status !== 'open') continue;
    const status_transitions = { ...payment.status_transitions, canceled_at: context.now };
    context.store.put('invoice_payment', { ...payment, status: 'canceled', status_transitions });
  }
}
