import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { updateCustomer } from './customers.js';

type Transaction = Stripe.CustomerBalanceTransaction;
export interface BalanceChange {
  /** Minor units; below zero the customer gets a credit, above it owes more. */
  amount: number;
  currency: string;
  type: Stripe.CustomerBalanceTransaction.Type;
  invoice?: string;
  credit_note?: string;
  description?: string | null;
  metadata?: Record<string, string>;
}

/** Moves a customer's balance and notes why: https://docs.stripe.com/billing/customer/balance */
export function changeBalance(context: Context, id: string, change: BalanceChange): Transaction {
  const customer = find(context, 'customer', id, 'customer');
  const balance = customer.balance + change.amount;
  const transaction = noteBalance(context, customer, change, balance);
  updateCustomer(context, customer, { balance, currency: customer.currency ?? change.currency });
  return transaction;
}

/** Only the note, where the customer is changed with something else. */
export function noteBalance(
  context: Context,
  customer: Stripe.Customer,
  { description, metadata, invoice, credit_note, ...change }: BalanceChange,
  ending_balance: number,
): Transaction {
  return context.store.put('customer_balance_transaction', {
    id: context.ids.next('cbtxn', 24),
    object: 'customer_balance_transaction',
    ...change,
    checkout_session: null,
    created: context.now,
    credit_note: credit_note ?? null,
    customer: customer.id,
    customer_account: null,
    description: description ?? null,
    ending_balance,
    invoice: invoice ?? null,
    livemode: false,
    metadata: metadata ?? {},
  });
}

/** A voided invoice gives back what it took of the balance: https://docs.stripe.com/billing/customer/balance#types */
export function unapplyBalance(context: Context, invoice: Stripe.Invoice): void {
  const customer = context.store.get('customer', idOf(invoice.customer) ?? '');
  const applied = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance;
  if (customer === undefined || applied === 0) return;
  changeBalance(context, customer.id, {
    amount: -applied,
    currency: invoice.currency,
    type: 'unapplied_from_invoice',
    invoice: invoice.id,
  });
}
