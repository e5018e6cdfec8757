import Stripe from 'stripe';
import type { Period } from '../calc/periods.js';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import { pricingOf } from './lines.js';

export interface InvoiceItemDraft {
  customer: string;
  amount: number;
  currency: string;
  description: string | null;
  period?: Period;
  price?: Stripe.Price;
  quantity?: number;
  metadata?: Record<string, string>;
  discountable?: boolean;
  invoice?: string | null;
  subscription?: { id: string; item?: string };
  proration?: boolean;
  tax_rates?: Stripe.TaxRate[];
  discounts?: string[];
}

/** Waits on the customer until the next invoice takes it: https://docs.stripe.com/api/invoiceitems */
export function createInvoiceItem(context: Context, draft: InvoiceItemDraft): Stripe.InvoiceItem {
  const quantity = draft.quantity ?? 1;
  const item = context.store.put('invoiceitem', {
    id: context.ids.next('ii', 24),
    object: 'invoiceitem',
    amount: draft.amount,
    currency: draft.currency,
    customer: draft.customer,
    customer_account: null,
    date: context.now,
    description: draft.description,
    discountable: draft.discountable ?? draft.proration !== true,
    discounts: draft.discounts ?? [],
    invoice: draft.invoice ?? null,
    livemode: false,
    metadata: draft.metadata ?? {},
    net_amount: draft.amount,
    parent:
      draft.subscription === undefined
        ? null
        : {
            type: 'subscription_details',
            subscription_details: {
              subscription: draft.subscription.id,
              ...(draft.subscription.item !== undefined && { subscription_item: draft.subscription.item }),
            },
          },
    period: draft.period ?? { start: context.now, end: context.now },
    pricing: draft.price === undefined ? null : pricingOf(draft.price),
    proration: draft.proration ?? false,
    quantity,
    quantity_decimal: Stripe.Decimal.from(quantity),
    tax_rates: draft.tax_rates ?? [],
    test_clock: idOf(context.store.get('customer', draft.customer)?.test_clock),
  });
  context.emit('invoiceitem.created', item);
  return item;
}

/** What the next invoice of this subscription takes up: its own items, and those of the customer that belong to none. */
export function pendingItems(
  context: Context,
  customer: string,
  currency: string,
  subscription: string | null,
): Stripe.InvoiceItem[] {
  return context.store.by('invoiceitem', 'pending', customer).filter((item) => {
    const owner = idOf(item.parent?.subscription_details?.subscription);
    return item.currency === currency && (owner === null || owner === subscription);
  });
}
