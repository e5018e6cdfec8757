import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { StripeApi } from '../stripe/stripe-api.js';
import { CardDeclined } from '../stripe/stripe.errors.js';

/** What the client needs to finish a payment that waits for the customer. */
export interface NextAction {
  /** Stripe's (`use_stripe_sdk`, `redirect_to_url`, …), or the payment's status where a payment method is what is missing. */
  type: string;
  /** For Stripe.js: `stripe.handleNextAction({ clientSecret })`. */
  client_secret: string | null;
  /** Stripe's own page on which the customer can finish it, without any code. */
  hosted_invoice_url: string | null;
  /** The payment intent. */
  payment: string;
}

/** The payment of an invoice as it stands. */
export interface InvoicePayment {
  intent: Stripe.PaymentIntent;
  /** Null when nothing is left for the customer to do. */
  next_action: NextAction | null;
}

const WAITING = new Set(['requires_action', 'requires_confirmation', 'requires_payment_method']);

/** Reads payments of invoices from Stripe: whether they wait for the customer is not mirrored. */
@Injectable()
export class InvoicePayments {
  constructor(private readonly api: StripeApi) {}

  /** @returns null for an invoice that no payment intent pays. @throws Failure as `stripe.errors.ts` maps it */
  async read(invoice: string): Promise<InvoicePayment | null> {
    const { object } = await this.api.read((stripe) =>
      stripe.invoices.retrieve(invoice, { expand: ['confirmation_secret', 'payments.data.payment.payment_intent'] }),
    );
    const intent = intentOf(object);
    return intent && { intent, next_action: nextActionOf(object, intent) };
  }

  /** @returns why the invoice's payment was refused; null when it was not, or waits for the customer's confirmation */
  async decline(invoice: string): Promise<CardDeclined | null> {
    const payment = await this.read(invoice);
    const error = payment?.intent.last_payment_error;
    if (!payment || !error || payment.intent.status !== 'requires_payment_method') return null;
    const { code, decline_code } = error;
    return new CardDeclined({ code, decline_code, payment_intent: payment.intent });
  }
}

/** An invoice has payments since basil: https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices */
function intentOf(invoice: Stripe.Invoice): Stripe.PaymentIntent | null {
  const intents = (invoice.payments?.data ?? []).flatMap(({ payment }) =>
    typeof payment.payment_intent === 'object' ? [payment.payment_intent] : [],
  );
  return intents.find(({ status }) => WAITING.has(status)) ?? intents[0] ?? null;
}

function nextActionOf(invoice: Stripe.Invoice, intent: Stripe.PaymentIntent): NextAction | null {
  if (!WAITING.has(intent.status)) return null;
  return {
    type: intent.next_action?.type ?? intent.status,
    client_secret: invoice.confirmation_secret?.client_secret ?? intent.client_secret,
    hosted_invoice_url: invoice.hosted_invoice_url ?? null,
    payment: intent.id,
  };
}
