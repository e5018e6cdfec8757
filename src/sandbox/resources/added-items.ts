import type { AddedItem } from '../billing/added-items.js';
import type { Context } from '../context.js';
import * as p from '../params.js';
import { discounts } from './discount-kind.js';
import { oneTimeData, priceOf } from './price-data.js';
import { taxRatesOf } from './tax-rates.js';

export const addedItem = p.hash({
  discountable: p.flag,
  discounts,
  metadata: p.metadata,
  price: p.text,
  price_data: oneTimeData,
  quantity: p.atLeast(1),
  tax_rates: p.listOf(p.text),
});

/** Extra items as parameters name them. */
export function addedItems(
  context: Context,
  items: ReturnType<typeof addedItem.read>[] = [],
  param = 'add_invoice_items',
): AddedItem[] {
  return items.map(({ price, price_data, quantity, metadata, tax_rates, ...rest }, index) => ({
    ...rest,
    price: priceOf(context, { price, price_data }, `${param}[${index}]`),
    quantity: quantity ?? 1,
    metadata: p.mergeMetadata({}, metadata),
    tax_rates: taxRatesOf(context, tax_rates ?? [], `${param}[${index}][tax_rates]`),
  }));
}
