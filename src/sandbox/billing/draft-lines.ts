import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { pendingLine } from './lines.js';
import { updateInvoice } from './invoices.js';
import { withTotals } from './totals.js';

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

export function withLines(context: Context, draft: Stripe.Invoice, data: Stripe.InvoiceLineItem[]): Stripe.Invoice {
  return updateInvoice(context, draft, withTotals(context, { ...draft, lines: { ...draft.lines, data } }));
}

function itemOf({ parent }: Stripe.InvoiceLineItem): string | null {
  return parent?.invoice_item_details?.invoice_item ?? parent?.subscription_item_details?.invoice_item ?? null;
}
