import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { cancelIntent } from '../payments/intents.js';
import { unapplyBalance } from './balance.js';
import { intentOf } from './invoices.js';

/** As if it had never been asked for: https://docs.stripe.com/invoicing/overview#void */
export function voidInvoice(context: Context, before: Stripe.Invoice): Stripe.Invoice {
  if (before.status !== 'open' && before.status !== 'uncollectible')
    throw invalid(`You can only void invoices that are open or uncollectible. This invoice is ${before.status}.`);
  refusePayments(context, before, ['open', 'paid'], 'void');
  const voided = close(context, before, {
    status: 'void',
    status_transitions: { ...before.status_transitions, voided_at: context.now },
  });
  const intent = intentOf(context, voided);
  if (intent !== undefined && intent.status !== 'succeeded' && intent.status !== 'canceled')
    cancelIntent(context, intent, 'void_invoice');
  unapplyBalance(context, voided);
  context.emit('invoice.voided', voided);
  return voided;
}

/** Bad debt, though it may still be paid: https://docs.stripe.com/invoicing/overview#uncollectible */
export function markUncollectible(context: Context, before: Stripe.Invoice): Stripe.Invoice {
  if (before.status !== 'open')
    throw invalid(`You can only mark open invoices as uncollectible. This invoice is ${before.status}.`);
  refusePayments(context, before, ['open'], 'mark as uncollectible');
  const marked = close(context, before, {
    status: 'uncollectible',
    status_transitions: { ...before.status_transitions, marked_uncollectible_at: context.now },
  });
  context.emit('invoice.marked_uncollectible', marked);
  return marked;
}

/** https://docs.stripe.com/invoicing/partial-payments#invoice-payment-statuses */
function refusePayments(context: Context, { id }: Stripe.Invoice, statuses: string[], verb: string): void {
  const payment = context.store
    .by('invoice_payment', 'invoice', id)
    .find(({ is_default, status }) => !is_default && statuses.includes(status));
  if (payment !== undefined) throw invalid(`You cannot ${verb} an invoice with a payment that is ${payment.status}.`);
}

function close(context: Context, before: Stripe.Invoice, change: Partial<Stripe.Invoice>): Stripe.Invoice {
  context.schedule.clear('invoice.retry', before.id);
  context.schedule.clear('invoice.overdue', before.id);
  const closed = context.store.put('invoice', {
    ...before,
    auto_advance: false,
    next_payment_attempt: null,
    ...change,
  });
  context.emit('invoice.updated', closed, before);
  return closed;
}
