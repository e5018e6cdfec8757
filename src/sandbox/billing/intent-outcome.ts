import type { Context } from '../context.js';
import type { Attempt } from '../payments/intents.js';
import { creditPayment } from './attach-payment.js';
import { markPaid, recordFailure } from './collect.js';
import { invoiceOf } from './invoices.js';
import { settled } from './pay-invoice.js';
import { afterFailure } from './subscriptions.js';

/** A payment intent that pays an invoice may be paid by its client: then the invoice is paid too. */
export function settleIntent(context: Context, { outcome, intent }: Attempt): void {
  const invoice = invoiceOf(context, intent);
  if (invoice === undefined) return;
  const [payment] = context.store.by('invoice_payment', 'payment_intent', intent.id);
  if (payment?.is_default === false) {
    if (outcome === 'succeeded' && payment.status === 'open')
      creditPayment(context, invoice, payment, intent.amount_received);
  } else if (outcome === 'succeeded' && (invoice.status === 'open' || invoice.status === 'uncollectible'))
    settled(
      context,
      markPaid(context, invoice, invoice.amount_paid + intent.amount_received, { offSession: false, byHand: true }),
    );
  else if (outcome === 'declined') context.emit('invoice.payment_failed', invoice);
}

/** What is known only days after the attempt, as of a bank debit: a failure then is a failure of its invoice. */
export function settleLater(context: Context, attempt: Attempt | undefined): void {
  if (attempt === undefined) return;
  const invoice = invoiceOf(context, attempt.intent);
  if (attempt.outcome !== 'declined' || invoice?.status !== 'open') return settleIntent(context, attempt);
  afterFailure(context, recordFailure(context, invoice, attempt, { offSession: true }));
}
