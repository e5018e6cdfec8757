import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { subscriptionOf } from '../indexes.js';
import { idOf } from '../objects.js';
import { cancelIntent } from '../payments/intents.js';
import { markPaid } from './collect.js';
import { defaultPayment, intentOf, updateInvoice } from './invoices.js';
import { settled } from './pay-invoice.js';

/** One of several payments of an invoice: https://docs.stripe.com/invoicing/partial-payments */
export function attachPayment(context: Context, invoice: Stripe.Invoice, id: string): Stripe.Invoice {
  const intent = find(context, 'payment_intent', id, 'payment_intent');
  refuse(context, invoice, intent);
  const payment = context.store.put('invoice_payment', {
    id: context.ids.next('inpay', 24),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: intent.amount,
    created: context.now,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: false,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent.id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
  return intent.status === 'succeeded' ? creditPayment(context, invoice, payment, intent.amount_received) : invoice;
}

/** A payment beside the default one has succeeded: the invoice asks for less, or is paid. */
export function creditPayment(
  context: Context,
  invoice: Stripe.Invoice,
  payment: Stripe.InvoicePayment,
  received: number,
): Stripe.Invoice {
  const amount = Math.min(received, invoice.amount_remaining);
  const paid = context.store.put('invoice_payment', {
    ...payment,
    amount_paid: amount,
    status: 'paid',
    status_transitions: { ...payment.status_transitions, paid_at: context.now },
  });
  context.emit('invoice_payment.paid', paid);
  const left = invoice.amount_remaining - amount;
  const own = intentOf(context, invoice);
  // The default payment asks for what remains: https://docs.stripe.com/api/invoice-payment/object
  if (left === 0) {
    if (own !== undefined && own.status !== 'canceled') cancelIntent(context, own, null);
    return settled(
      context,
      markPaid(context, invoice, invoice.amount_paid + amount, { offSession: false, byHand: true }),
    );
  }
  if (own !== undefined) context.store.put('payment_intent', { ...own, amount: left });
  const usual = defaultPayment(context, invoice.id);
  if (usual !== undefined) context.store.put('invoice_payment', { ...usual, amount_requested: left });
  return updateInvoice(context, invoice, {
    amount_paid: invoice.amount_paid + amount,
    amount_remaining: left,
  });
}

function refuse(context: Context, invoice: Stripe.Invoice, intent: Stripe.PaymentIntent): void {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible')
    throw invalid(`A payment can only be attached to an invoice that is open or uncollectible, not ${invoice.status}.`);
  if (subscriptionOf(invoice) !== null && invoice.collection_method === 'charge_automatically')
    throw invalid('Partial payments are not supported for invoices of a subscription that are charged automatically.');
  if (context.store.by('invoice_payment', 'payment_intent', intent.id).length > 0)
    throw wrong(`The PaymentIntent ${intent.id} is attached to an invoice already.`);
  if (intent.status === 'canceled') throw wrong(`The PaymentIntent ${intent.id} is canceled.`);
  if (idOf(intent.customer) !== idOf(invoice.customer) || intent.currency !== invoice.currency)
    throw wrong("The PaymentIntent must have the invoice's customer and currency.");
  if (intent.amount > invoice.amount_remaining)
    throw wrong(`The PaymentIntent's amount exceeds what remains of the invoice, ${invoice.amount_remaining}.`);
}

function wrong(message: string) {
  return invalid(message, { param: 'payment_intent' });
}
