import type Stripe from 'stripe';
import { nextAttempt } from '../calc/retries.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { subscriptionOf } from '../indexes.js';
import { idOf } from '../objects.js';
import { confirm, type Attempt } from '../payments/intents.js';
import { updateCustomer } from './customers.js';
import { finalizeInvoice } from './finalize.js';
import { defaultPayment, intentOf, updateInvoice } from './invoices.js';

export interface Collection {
  offSession: boolean;
  /** Instead of the default one. */
  method?: Stripe.PaymentMethod;
  /** Asked for by a person or the API, not by the retry schedule. */
  byHand?: boolean;
}
export interface Collected {
  invoice: Stripe.Invoice;
  /** Null: nothing was to be paid, or there was nothing to pay with. */
  attempt: Attempt | null;
}

/** Finalizes and, where the invoice is charged automatically, pays at once. */
export function finalizeAndCollect(context: Context, draft: Stripe.Invoice, how: Collection): Collected {
  const invoice = finalizeInvoice(context, draft);
  if (invoice.amount_due === 0) return { invoice: markPaid(context, invoice, 0), attempt: null };
  if (invoice.collection_method === 'send_invoice') {
    context.emit('invoice.sent', invoice);
    return { invoice, attempt: null };
  }
  return collect(context, invoice, how);
}

/** One attempt to pay an open invoice: https://docs.stripe.com/billing/collection-method */
export function collect(context: Context, invoice: Stripe.Invoice, how: Collection): Collected {
  const intent = intentOf(context, invoice);
  const method = how.method ?? paymentMethodFor(context, invoice);
  if (intent === undefined || method === undefined)
    return { invoice: recordFailure(context, invoice, null, how), attempt: null };
  const attempt = confirm(context, intent, { method, offSession: how.offSession, waitsForAuthentication: true });
  if (attempt.outcome === 'succeeded') return { invoice: markPaid(context, invoice, invoice.amount_due, how), attempt };
  // A bank takes days to say whether it pays: the invoice stays open until then, and is not tried again.
  // https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
  if (attempt.outcome === 'processing') return { invoice: recordPending(context, invoice), attempt };
  return { invoice: recordFailure(context, invoice, attempt, how), attempt };
}

function recordPending(context: Context, before: Stripe.Invoice): Stripe.Invoice {
  context.schedule.clear('invoice.retry', before.id);
  return updateInvoice(context, before, { attempted: true, next_payment_attempt: null });
}

/** Its payment is under way: neither paid nor failed. */
export function isUnderWay(context: Context, invoice: Stripe.Invoice): boolean {
  return intentOf(context, invoice)?.status === 'processing';
}

/** The invoice's own, then the subscription's, then the customer's: https://docs.stripe.com/billing/subscriptions/overview#default-payment-methods */
export function paymentMethodFor(context: Context, invoice: Stripe.Invoice): Stripe.PaymentMethod | undefined {
  const subscription = context.store.get('subscription', subscriptionOf(invoice) ?? '');
  const customer = context.store.get('customer', idOf(invoice.customer) ?? '');
  const id =
    idOf(invoice.default_payment_method) ??
    idOf(subscription?.default_payment_method) ??
    idOf(customer?.invoice_settings.default_payment_method);
  return id === null ? undefined : context.store.get('payment_method', id);
}

/** `amount`: what was paid through Stripe, in minor units. */
export function markPaid(context: Context, before: Stripe.Invoice, amount: number, how?: Collection): Stripe.Invoice {
  context.schedule.clear('invoice.retry', before.id);
  context.schedule.clear('invoice.overdue', before.id);
  const paid = context.store.put('invoice', {
    ...before,
    amount_paid: amount,
    amount_remaining: before.amount_due - amount,
    attempt_count: amount === 0 ? before.attempt_count : countAttempt(before, how),
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...before.status_transitions, paid_at: context.now },
  });
  payInvoicePayment(context, paid, amount - before.amount_paid);
  context.emit('invoice.paid', paid);
  context.emit('invoice.payment_succeeded', paid);
  const customer = context.store.get('customer', idOf(paid.customer) ?? '');
  if (customer?.delinquent === true) updateCustomer(context, customer, { delinquent: false });
  return paid;
}

/** Notes the failure on the invoice and plans the next attempt; what it means for the subscription is for the caller. */
export function recordFailure(
  context: Context,
  before: Stripe.Invoice,
  attempt: Attempt | null,
  how: Collection,
): Stripe.Invoice {
  const attempt_count = countAttempt(before, how);
  const next =
    attempt_count === before.attempt_count ? before.next_payment_attempt : planRetry(context, before, attempt_count);
  const failed = updateInvoice(context, before, { attempt_count, attempted: true, next_payment_attempt: next });
  if (next !== null) context.schedule.set('invoice.retry', failed.id, next);
  if (attempt?.outcome === 'requires_action') context.emit('invoice.payment_action_required', failed);
  context.emit('invoice.payment_failed', failed);
  const customer = context.store.get('customer', idOf(failed.customer) ?? '');
  if (customer !== undefined && customer.delinquent !== true) updateCustomer(context, customer, { delinquent: true });
  return failed;
}

/**
 * Any first attempt counts, later ones only if the schedule made them:
 * https://docs.stripe.com/api/invoices/object#invoice_object-attempt_count
 */
function countAttempt(invoice: Stripe.Invoice, how: Collection | undefined): number {
  return how?.byHand === true ? Math.max(1, invoice.attempt_count) : invoice.attempt_count + 1;
}

/** A first invoice is not retried: the subscription waits 23 hours for it: https://docs.stripe.com/billing/subscriptions/overview#subscription-lifecycle */
function planRetry(context: Context, invoice: Stripe.Invoice, attempts: number): number | null {
  if (invoice.billing_reason === 'subscription_create' || invoice.auto_advance !== true) return null;
  const first = invoice.status_transitions.finalized_at ?? context.now;
  return nextAttempt(context.settings.retry_days, first, attempts);
}

function payInvoicePayment(context: Context, invoice: Stripe.Invoice, amount: number): void {
  const payment = defaultPayment(context, invoice.id);
  if (payment?.status !== 'open' || amount === 0 || intentOf(context, invoice)?.status !== 'succeeded') return;
  const paid = context.store.put('invoice_payment', {
    ...payment,
    amount_paid: amount,
    status: 'paid',
    status_transitions: { ...payment.status_transitions, paid_at: context.now },
  });
  context.emit('invoice_payment.paid', paid);
}

export function customerOf(context: Context, invoice: Stripe.Invoice): Stripe.Customer {
  return find(context, 'customer', idOf(invoice.customer) ?? '');
}
