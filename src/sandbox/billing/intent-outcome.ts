import type { Context } from '../context.js';
import type { Attempt } from '../payments/intents.js';
import { markPaid, recordFailure } from './collect.js';
import { invoiceOf } from './invoices.js';
import { afterFailure, afterPaid } from './subscriptions.js';

/** A payment intent that pays an invoice may be paid by its client: then the invoice is paid too. */
export function settleIntent(context: Context, { outcome, intent }: Attempt): void {
  const invoice = invoiceOf(context, intent);
  if (invoice === undefined) return;
  if (outcome === 'succeeded' && (invoice.status === 'open' || invoice.status === 'uncollectible'))
    afterPaid(context, markPaid(context, invoice, intent.amount_received, { offSession: false, byHand: true }));
  else if (outcome === 'declined') context.emit('invoice.payment_failed', invoice);
}

/** What is known only days after the attempt, as of a bank debit: a failure then is a failure of its invoice. */
export function settleLater(context: Context, attempt: Attempt | undefined): void {
  if (attempt === undefined) return;
  const invoice = invoiceOf(context, attempt.intent);
  if (attempt.outcome !== 'declined' || invoice?.status !== 'open') return settleIntent(context, attempt);
  afterFailure(context, recordFailure(context, invoice, attempt, { offSession: true }));
}
