import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import * as p from '../params.js';
import { createPrice, currencyKind, priceFields } from './prices.js';

const { tax_behavior, unit_amount, unit_amount_decimal } = priceFields;
const shared = {
  currency: p.needed(currencyKind),
  product: p.needed(p.text),
  tax_behavior,
  unit_amount,
  unit_amount_decimal,
};

/** A price made on the spot: https://docs.stripe.com/products-prices/how-products-and-prices-work#use-price-data */
export const oneTimeData = p.hash(shared);
export const recurringData = p.hash({
  ...shared,
  recurring: p.needed(
    p.hash({ interval: p.needed(p.oneOf('day', 'week', 'month', 'year')), interval_count: p.atLeast(1) }),
  ),
});
export interface PriceWish {
  price?: string | undefined;
  price_data?: ReturnType<typeof oneTimeData.read> | ReturnType<typeof recurringData.read> | undefined;
}

/** The price that is named or described, of which there must be one; `param`: what has it, or "". */
export function priceOf(context: Context, wish: PriceWish, param: string): string {
  const id = priceIfAny(context, wish, param);
  const name = param === '' ? 'price' : `${param}[price]`;
  if (id === undefined) throw invalid(`Missing required param: ${name}.`, { code: 'parameter_missing', param: name });
  return id;
}

export function priceIfAny(context: Context, { price, price_data }: PriceWish, param: string): string | undefined {
  if (price_data === undefined) return price;
  const name = param === '' ? 'price_data' : `${param}[price_data]`;
  if (price !== undefined)
    throw invalid('You may only specify one of these parameters: price, price_data.', { param: name });
  find(context, 'product', price_data.product, `${name}[product]`);
  return createPrice(context, price_data).id;
}
