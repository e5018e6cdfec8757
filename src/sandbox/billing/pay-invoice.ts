import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, KeptError } from '../errors.js';
import { declinedPayment, usePaymentMethod } from '../payments/payment-methods.js';
import { collect, finalizeAndCollect, markPaid } from './collect.js';
import { finalizeInvoice } from './finalize.js';
import { afterPaid } from './subscriptions.js';

/** https://docs.stripe.com/api/invoices/pay */
export function payNow(
  context: Context,
  before: Stripe.Invoice,
  params: { off_session?: boolean; paid_out_of_band?: boolean; payment_method?: string },
): Stripe.Invoice {
  if (before.status === 'paid') throw invalid('Invoice is already paid');
  if (before.status === 'void') throw invalid('Invoice is voided and cannot be paid.');
  const how = {
    offSession: params.off_session ?? true,
    byHand: true,
    ...(params.payment_method !== undefined && {
      method: usePaymentMethod(context, params.payment_method, 'payment_method'),
    }),
  };
  if (params.paid_out_of_band === true)
    return settled(
      context,
      markPaid(context, before.status === 'draft' ? finalizeInvoice(context, before) : before, before.amount_paid, how),
    );
  const { invoice, attempt } =
    before.status === 'draft' ? finalizeAndCollect(context, before, how) : collect(context, before, how);
  if (invoice.status === 'paid') return settled(context, invoice);
  if (attempt === null)
    throw invalid('There is no default payment method set for this Customer.', { code: 'resource_missing' });
  if (attempt.decline !== undefined) throw declinedPayment(attempt.decline, attempt.intent, attempt.charge);
  throw new KeptError(402, {
    type: 'card_error',
    code: 'invoice_payment_intent_requires_action',
    message:
      'This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with this invoice.',
    payment_intent: attempt.intent,
  });
}

export function settled(context: Context, invoice: Stripe.Invoice): Stripe.Invoice {
  afterPaid(context, invoice);
  return invoice;
}
