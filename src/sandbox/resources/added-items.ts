import Stripe from 'stripe';
import type { InvoiceItemDraft } from '../billing/invoice-items.js';
import { productName } from '../billing/lines.js';
import { priceOf } from '../calc/amounts.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import * as p from '../params.js';

/** Something extra on a subscription's next invoice: https://docs.stripe.com/api/subscriptions/create#create_subscription-add_invoice_items */
export const addedItem = p.hash({ price: p.needed(p.text), quantity: p.atLeast(1), metadata: p.metadata });

export function addedItems(
  context: Context,
  items: ReturnType<typeof addedItem.read>[] = [],
): Omit<InvoiceItemDraft, 'customer'>[] {
  return items.map(({ price, quantity, metadata }, index) => ({
    ...oneTime(context, price, quantity ?? 1, `add_invoice_items[${index}][price]`),
    metadata: p.mergeMetadata({}, metadata),
  }));
}

/** What a one-time price asks for. */
export function oneTime(
  context: Context,
  id: string,
  quantity: number,
  param: string,
): { amount: number; currency: string; description: string; price: Stripe.Price; quantity: number } {
  const price = find(context, 'price', id, param);
  if (price.recurring !== null)
    throw invalid(
      'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
      { param },
    );
  return {
    amount: priceOf(price, quantity),
    currency: price.currency,
    description: productName(context, price),
    price,
    quantity,
  };
}
