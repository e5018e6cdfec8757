import type Stripe from 'stripe';
import { minimumCharge } from '../calc/currencies.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { blankIntent } from '../payments/blank-intent.js';
import { noteBalance } from './balance.js';
import { updateCustomer } from './customers.js';

const DAY = 86_400;

/** Fixes the invoice: number, balance, and the payment intent that will pay it: https://docs.stripe.com/invoicing/overview */
export function finalizeInvoice(context: Context, before: Stripe.Invoice): Stripe.Invoice {
  if (before.status !== 'draft')
    throw invalid('This invoice is already finalized, you can only finalize a draft invoice.', {
      code: 'invoice_not_editable',
    });
  context.schedule.clear('invoice.finalize', before.id);
  const customer = find(context, 'customer', idOf(before.customer) ?? '');
  const { due, balance, type } = applyBalance(before.total, customer.balance, before.currency);
  const sequence = customer.next_invoice_sequence ?? 1;
  const sends = before.collection_method === 'send_invoice';
  const open = context.store.put('invoice', {
    ...before,
    amount_due: due,
    amount_remaining: due,
    automatically_finalizes_at: null,
    due_date: sends ? (before.due_date ?? context.now + daysUntilDue(context, before) * DAY) : null,
    effective_at: context.now,
    ending_balance: balance,
    hosted_invoice_url: `${context.url}/invoices/${before.id}`,
    invoice_pdf: `${context.url}/invoices/${before.id}/pdf`,
    number: `${customer.invoice_prefix ?? 'SANDBOX'}-${String(sequence).padStart(4, '0')}`,
    starting_balance: customer.balance,
    status: 'open',
    status_transitions: { ...before.status_transitions, finalized_at: context.now },
  });
  const amount = balance - customer.balance;
  if (amount !== 0)
    noteBalance(context, customer, { amount, currency: open.currency, type, invoice: open.id }, balance);
  updateCustomer(context, { ...customer, next_invoice_sequence: sequence + 1 }, { balance });
  const ready = due > 0 ? joinIntent(context, open) : open;
  context.emit('invoice.finalized', ready);
  if (ready.due_date !== null && due > 0) context.schedule.set('invoice.overdue', ready.id, ready.due_date);
  return ready;
}

/**
 * A negative balance pays, a positive one is paid with the invoice; what is too little to be charged waits on the
 * balance for the next one: https://docs.stripe.com/billing/customer/balance
 */
function applyBalance(
  total: number,
  balance: number,
  currency: string,
): { due: number; balance: number; type: 'applied_to_invoice' | 'invoice_too_small' } {
  const owed = total + balance;
  if (owed <= 0) return { due: 0, balance: owed, type: 'applied_to_invoice' };
  if (owed < minimumCharge(currency)) return { due: 0, balance: owed, type: 'invoice_too_small' };
  return { due: owed, balance: 0, type: 'applied_to_invoice' };
}

function joinIntent(context: Context, invoice: Stripe.Invoice): Stripe.Invoice {
  const first = invoice.billing_reason === 'subscription_create';
  const intent = context.store.put('payment_intent', {
    ...blankIntent(context, invoice.amount_due, invoice.currency),
    customer: idOf(invoice.customer),
    description: describe(invoice),
    receipt_email: null,
    setup_future_usage: first ? 'off_session' : null,
  });
  context.store.put('invoice_payment', {
    id: context.ids.next('inpay', 24),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: context.now,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent.id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
  context.emit('payment_intent.created', intent);
  return invoice;
}

function describe({ billing_reason }: Stripe.Invoice): string {
  if (billing_reason === 'subscription_create') return 'Subscription creation';
  return billing_reason === 'manual' ? 'Payment for Invoice' : 'Subscription update';
}

function daysUntilDue(context: Context, invoice: Stripe.Invoice): number {
  const id = idOf(invoice.parent?.subscription_details?.subscription);
  return (id === null ? null : context.store.get('subscription', id)?.days_until_due) ?? 30;
}
