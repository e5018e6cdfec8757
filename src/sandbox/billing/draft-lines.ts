import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { pendingLine } from './lines.js';
import { updateInvoice } from './invoices.js';

/** A draft takes up one more item. */
export function addLine(context: Context, draft: Stripe.Invoice, item: Stripe.InvoiceItem): Stripe.Invoice {
  return withLines(context, draft, [...draft.lines.data, pendingLine(context, item, draft.id)]);
}

export function removeLine(context: Context, draft: Stripe.Invoice, item: string): Stripe.Invoice {
  return withLines(
    context,
    draft,
    draft.lines.data.filter((line) => itemOf(line) !== item),
  );
}

function withLines(context: Context, draft: Stripe.Invoice, data: Stripe.InvoiceLineItem[]): Stripe.Invoice {
  const total = data.reduce((sum, line) => sum + line.amount, 0);
  return updateInvoice(context, draft, {
    amount_due: Math.max(0, total),
    amount_remaining: Math.max(0, total),
    lines: { ...draft.lines, data },
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
  });
}

function itemOf({ parent }: Stripe.InvoiceLineItem): string | null {
  return parent?.invoice_item_details?.invoice_item ?? parent?.subscription_item_details?.invoice_item ?? null;
}
