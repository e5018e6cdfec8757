import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { refund } from '../payments/refunds.js';
import { changeBalance } from './balance.js';
import { markPaid } from './collect.js';
import { creditLine, type CreditWish } from './credit-note-lines.js';
import { intentOf, updateInvoice } from './invoices.js';
import { afterPaid } from './subscriptions.js';

export interface CreditNoteWish {
  lines: CreditWish[];
  /** Of a paid invoice: to the customer's balance, back to the card, or given back elsewhere. Minor units. */
  credit_amount: number | undefined;
  refund_amount: number | undefined;
  out_of_band_amount: number | undefined;
  memo: string | null;
  metadata: Record<string, string>;
  reason: Stripe.CreditNote.Reason | null;
}

/** The note as it would be, nothing stored: also what a preview shows. https://docs.stripe.com/api/credit_notes/preview */
export function buildCreditNote(context: Context, invoice: Stripe.Invoice, wish: CreditNoteWish): Stripe.CreditNote {
  if (invoice.status !== 'open' && invoice.status !== 'paid')
    throw invalid(`Credit notes can only be issued for invoices that are open or paid, not ${invoice.status}.`, {
      param: 'invoice',
    });
  const id = context.ids.next('cn', 24);
  const lines = wish.lines.map((line, index) => creditLine(context, invoice, line, `lines[${index}]`));
  const sums = sumUp(lines);
  const before = context.store.by('credit_note', 'invoice', invoice.id);
  const paid = invoice.status === 'paid';
  refuseTooMuch(invoice, before, sums.total, wish, paid);
  return {
    id,
    object: 'credit_note',
    amount: sums.total,
    amount_shipping: 0,
    created: context.now,
    currency: invoice.currency,
    customer: idOf(invoice.customer) ?? '',
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: sums.discount,
    discount_amounts: lines.flatMap(({ discount_amounts }) => discount_amounts),
    effective_at: context.now,
    invoice: invoice.id,
    lines: { object: 'list', data: lines, has_more: false, url: `/v1/credit_notes/${id}/lines` },
    livemode: false,
    memo: wish.memo,
    metadata: wish.metadata,
    number: `${invoice.number}-CN-${String(before.length + 1).padStart(2, '0')}`,
    out_of_band_amount: wish.out_of_band_amount ?? null,
    pdf: `${context.url}/credit_notes/${id}/pdf`,
    post_payment_amount: paid ? sums.total : 0,
    pre_payment_amount: paid ? 0 : sums.total,
    pretax_credit_amounts: lines.flatMap(({ pretax_credit_amounts }) => pretax_credit_amounts),
    reason: wish.reason,
    refunds: [],
    shipping_cost: null,
    status: 'issued',
    subtotal: sums.subtotal,
    subtotal_excluding_tax: sums.subtotal - sums.inclusive,
    total: sums.total,
    total_excluding_tax: sums.total - sums.inclusive - sums.exclusive,
    total_taxes: lines.flatMap(({ taxes }) => taxes ?? []),
    type: paid ? 'post_payment' : 'pre_payment',
    voided_at: null,
  };
}

/** Issues it: an open invoice asks for less, of a paid one the money goes back. https://docs.stripe.com/invoicing/integration/programmatic-credit-notes */
export function issueCreditNote(context: Context, invoice: Stripe.Invoice, wish: CreditNoteWish): Stripe.CreditNote {
  const built = buildCreditNote(context, invoice, wish);
  const place = context.emitted.length;
  const note = context.store.put('credit_note', {
    ...built,
    ...(invoice.status === 'paid' && giveBack(context, invoice, built, wish)),
  });
  context.emitAt(place, 'credit_note.created', note);
  if (note.type === 'post_payment')
    updateInvoice(context, invoice, {
      post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + note.total,
    });
  else owe(context, invoice, note.total);
  return note;
}

/** Only while its invoice is open: https://docs.stripe.com/api/credit_notes/void */
export function voidCreditNote(context: Context, before: Stripe.CreditNote): Stripe.CreditNote {
  const invoice = context.store.get('invoice', idOf(before.invoice));
  if (before.status === 'void' || before.type !== 'pre_payment' || invoice?.status !== 'open')
    throw invalid('You can only void a credit note whose invoice is open.');
  const voided = context.store.put('credit_note', { ...before, status: 'void', voided_at: context.now });
  context.emit('credit_note.voided', voided);
  owe(context, invoice, -before.total);
  return voided;
}

/** What an open invoice still asks for, and what its payment intent does; with nothing left it is paid. */
function owe(context: Context, before: Stripe.Invoice, less: number): void {
  const amount_remaining = before.amount_remaining - less;
  const invoice = updateInvoice(context, before, {
    amount_due: before.amount_due - less,
    amount_remaining,
    pre_payment_credit_notes_amount: before.pre_payment_credit_notes_amount + less,
  });
  const intent = intentOf(context, invoice);
  if (amount_remaining === 0) return afterPaid(context, markPaid(context, invoice, invoice.amount_paid));
  if (intent !== undefined) context.store.put('payment_intent', { ...intent, amount: amount_remaining });
}

function giveBack(
  context: Context,
  invoice: Stripe.Invoice,
  { id }: Stripe.CreditNote,
  { credit_amount = 0, refund_amount = 0 }: CreditNoteWish,
): Partial<Stripe.CreditNote> {
  const charge = context.store.get('charge', idOf(intentOf(context, invoice)?.latest_charge) ?? '');
  if (refund_amount > 0 && charge === undefined)
    throw invalid('The invoice was not paid by a charge that could be refunded.', { param: 'refund_amount' });
  const made =
    refund_amount > 0 && charge !== undefined
      ? refund(context, charge, { amount: refund_amount, reason: null, metadata: {} })
      : undefined;
  const moved =
    credit_amount > 0
      ? changeBalance(context, idOf(invoice.customer) ?? '', {
          amount: -credit_amount,
          currency: invoice.currency,
          type: 'credit_note',
          invoice: invoice.id,
          credit_note: id,
        })
      : undefined;
  return {
    ...(moved !== undefined && { customer_balance_transaction: moved.id }),
    ...(made !== undefined && {
      refunds: [{ amount_refunded: refund_amount, payment_record_refund: null, refund: made.id, type: 'refund' }],
    }),
  };
}

function refuseTooMuch(
  invoice: Stripe.Invoice,
  before: Stripe.CreditNote[],
  total: number,
  { credit_amount = 0, refund_amount = 0, out_of_band_amount = 0 }: CreditNoteWish,
  paid: boolean,
): void {
  if (total <= 0) throw invalid('The credit note must be for more than nothing.', { param: 'amount' });
  const credited = sum(before.filter(({ status }) => status === 'issued').map((note) => note.total));
  const left = paid ? invoice.total - credited : invoice.amount_remaining;
  if (total > left)
    throw invalid(`The credit note's total, ${total}, exceeds what is left of the invoice, ${left}.`, {
      param: 'amount',
    });
  const back = credit_amount + refund_amount + out_of_band_amount;
  if (back !== (paid ? total : 0))
    throw invalid(
      paid
        ? `The sum of credit_amount, refund_amount and out_of_band_amount (${back}) must be the credit note's total (${total}).`
        : 'An open invoice has nothing to refund or to credit.',
      { param: 'refund_amount' },
    );
}

function sum(amounts: number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

function sumUp(lines: Stripe.CreditNoteLineItem[]) {
  const taxes = lines.flatMap((line) => line.taxes ?? []);
  const of = (behavior: string) =>
    sum(taxes.filter(({ tax_behavior }) => tax_behavior === behavior).map(({ amount }) => amount));
  const [subtotal, discount] = [sum(lines.map(({ amount }) => amount)), sum(lines.map((line) => line.discount_amount))];
  const [inclusive, exclusive] = [of('inclusive'), of('exclusive')];
  return { subtotal, discount, inclusive, exclusive, total: subtotal - discount + exclusive };
}
