import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { redeem, type DiscountWish } from './discounts.js';
import { createInvoiceItem } from './invoice-items.js';
import { refuseOtherCurrency } from './items.js';
import { productName } from './lines.js';
import { costOf } from './pricing.js';

export interface AddedItem {
  price: string;
  quantity: number;
  metadata: Record<string, string>;
  discountable?: boolean | undefined;
  discounts?: DiscountWish[] | undefined;
  tax_rates?: Stripe.TaxRate[] | undefined;
}

/** Something extra on a subscription's next invoice: https://docs.stripe.com/api/subscriptions/create#create_subscription-add_invoice_items */
export function addItems(context: Context, subscription: Stripe.Subscription, items: AddedItem[]): void {
  const customer = idOf(subscription.customer);
  for (const [index, { price, quantity, metadata, discountable, discounts, tax_rates }] of items.entries()) {
    const param = `add_invoice_items[${index}]`;
    const priced = oneTime(context, price, quantity, subscription.currency, `${param}[price]`);
    const owner = { customer, currency: priced.currency, amount: priced.amount };
    createInvoiceItem(context, {
      ...priced,
      customer,
      subscription: { id: subscription.id },
      metadata,
      ...(discountable !== undefined && { discountable }),
      discounts: redeem(context, discounts ?? [], [], owner, `${param}[discounts]`),
      tax_rates: tax_rates ?? [],
    });
  }
}

/** What a one-time price asks for in a currency; in its own where none is given. */
export function oneTime(
  context: Context,
  id: string,
  quantity: number,
  given: string | undefined,
  param: string,
): { amount: number; currency: string; description: string; price: Stripe.Price; quantity: number } {
  const price = find(context, 'price', id, param);
  if (price.recurring !== null)
    throw invalid(
      'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
      { param },
    );
  const currency = given ?? price.currency;
  refuseOtherCurrency(context, currency, price, param);
  return {
    amount: costOf(context, price, quantity, currency),
    currency,
    description: productName(context, price),
    price,
    quantity,
  };
}
