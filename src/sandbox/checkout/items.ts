import type Stripe from 'stripe';
import { priceOf } from '../calc/amounts.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import * as p from '../params.js';
import { productName } from '../billing/lines.js';
import { createPrice, priceFields } from '../resources/prices.js';
import { blankProduct } from '../resources/blank-product.js';

const { currency, recurring, tax_behavior, unit_amount, unit_amount_decimal } = priceFields;

/** https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-line_items */
export const lineItem = p.hash({
  metadata: p.metadata,
  price: p.text,
  price_data: p.hash({
    currency: p.needed(currency),
    product: p.text,
    product_data: p.hash({
      description: p.text,
      images: p.listOf(p.text),
      metadata: p.metadata,
      name: p.needed(p.text),
      tax_code: p.text,
      unit_label: p.text,
    }),
    recurring,
    tax_behavior,
    unit_amount,
    unit_amount_decimal,
  }),
  quantity: p.atLeast(0),
});
type Wish = ReturnType<typeof lineItem.read>;

export function makeLineItems(context: Context, wishes: Wish[]): Stripe.LineItem[] {
  const items = wishes.map((wish, index) => makeLineItem(context, wish, `line_items[${index}]`));
  const [first] = items;
  for (const [index, item] of items.entries())
    if (item.currency !== first?.currency)
      throw invalid(
        `The price at line_items[${index}] has currency ${item.currency}, but the session's is ${first?.currency}: all line items must have the same currency.`,
        { param: `line_items[${index}]` },
      );
  return items;
}

function makeLineItem(context: Context, wish: Wish, param: string): Stripe.LineItem {
  const price = priceFor(context, wish, param);
  const metered = price.recurring?.usage_type === 'metered';
  if (wish.quantity === undefined && !metered)
    throw invalid(`Missing required param: ${param}[quantity].`, {
      code: 'parameter_missing',
      param: `${param}[quantity]`,
    });
  if (metered && wish.quantity !== undefined)
    throw invalid('You cannot set `quantity` for metered prices.', { param: `${param}[quantity]` });
  const amount = metered ? 0 : priceOf(price, wish.quantity ?? 1);
  return {
    id: context.ids.next('li', 24),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: productName(context, price),
    metadata: p.mergeMetadata({}, wish.metadata),
    price,
    quantity: wish.quantity ?? null,
  };
}

function priceFor(context: Context, { price, price_data }: Wish, param: string): Stripe.Price {
  if ((price === undefined) === (price_data === undefined))
    throw invalid(`You must specify exactly one of: ${param}[price], ${param}[price_data].`, { param });
  if (price !== undefined) {
    const found = find(context, 'price', price, `${param}[price]`);
    if (!found.active)
      throw invalid('The price specified is inactive. This field only accepts active prices.', {
        param: `${param}[price]`,
      });
    return found;
  }
  const { product, product_data, ...wish } = price_data ?? { currency: 'usd' };
  if ((product === undefined) === (product_data === undefined))
    throw invalid('You must specify exactly one of: product, product_data.', { param: `${param}[price_data]` });
  return createPrice(context, { ...wish, product: product ?? makeProduct(context, product_data) });
}

function makeProduct(context: Context, data: NonNullable<Wish['price_data']>['product_data']): string {
  const { name = '', metadata, ...more } = data ?? {};
  const product = context.store.put('product', {
    ...blankProduct(context, name, undefined),
    ...more,
    metadata: p.mergeMetadata({}, metadata),
  });
  context.emit('product.created', product);
  return product.id;
}
