import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { pendingLine } from './lines.js';
import { updateInvoice } from './invoices.js';
import { withTotals } from './totals.js';

type Line = Stripe.InvoiceLineItem;

/** A draft takes up one more item. */
export function addLine(context: Context, draft: Stripe.Invoice, item: Stripe.InvoiceItem): Stripe.Invoice {
  return withLines(context, draft, [...draft.lines.data, pendingLine(context, item, draft.id)]);
}

/** A draft's line shows its item as it is now. */
export function renewLine(context: Context, draft: Stripe.Invoice, item: Stripe.InvoiceItem): Stripe.Invoice {
  const data = draft.lines.data.map((line) => (itemOf(line) === item.id ? lineOf(context, line, item) : line));
  return withLines(context, draft, data);
}

/** The line with another item, or the same that has changed. */
export function lineOf(context: Context, { id, invoice }: Line, item: Stripe.InvoiceItem): Line {
  return { ...pendingLine(context, item, invoice ?? ''), id };
}

export function removeLine(context: Context, draft: Stripe.Invoice, item: string): Stripe.Invoice {
  return withLines(
    context,
    draft,
    draft.lines.data.filter((line) => itemOf(line) !== item),
  );
}

export function withLines(
  context: Context,
  draft: Stripe.Invoice,
  data: Line[],
  metadata = draft.metadata,
): Stripe.Invoice {
  return updateInvoice(context, draft, withTotals(context, { ...draft, metadata, lines: { ...draft.lines, data } }));
}

/** The invoice item behind a line; null: it is of a subscription. */
export function itemOf({ parent }: Line): string | null {
  return parent?.invoice_item_details?.invoice_item ?? parent?.subscription_item_details?.invoice_item ?? null;
}
