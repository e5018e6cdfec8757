import type Stripe from 'stripe';
import { z } from 'zod';
import type { Invoice } from './invoice.entity.js';

const amount = z.int().meta({ description: "In the currency's minor unit." });
const moment = z.iso.datetime().nullable();

export const InvoiceView = z
  .object({
    id: z.string(),
    object: z.literal('invoice'),
    number: z.string().nullable(),
    customer: z.string().nullable(),
    subscription: z.string().nullable(),
    status: z.string().nullable(),
    billing_reason: z.string().nullable(),
    currency: z.string(),
    amount_due: amount,
    amount_paid: amount,
    amount_remaining: amount,
    attempt_count: z.int(),
    next_payment_attempt: moment,
    finalized_at: moment,
    paid_at: moment,
    hosted_invoice_url: z.string().nullable(),
    invoice_pdf: z.string().nullable(),
    created: z.iso.datetime(),
  })
  .meta({ id: 'Invoice' });
export type InvoiceView = z.infer<typeof InvoiceView>;

export function invoiceView(row: Invoice): InvoiceView {
  const { id, number, customer, subscription, status, billing_reason, currency } = row;
  const { amount_due, amount_paid, amount_remaining, attempt_count, hosted_invoice_url } = row;
  return {
    id,
    object: 'invoice',
    number,
    customer,
    subscription,
    status,
    billing_reason,
    currency,
    amount_due,
    amount_paid,
    amount_remaining,
    attempt_count,
    next_payment_attempt: iso(row.next_payment_attempt),
    finalized_at: iso(row.finalized_at),
    paid_at: iso(row.paid_at),
    hosted_invoice_url,
    invoice_pdf: (row.data as Stripe.Invoice).invoice_pdf ?? null,
    created: row.created.toISOString(),
  };
}

function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
