import type { Modification } from '../billing/modify.js';
import type { Context } from '../context.js';
import { priceIfAny } from './price-data.js';
import type { itemChange } from './subscription-fields.js';
import { taxRatesOf } from './tax-rates.js';

/** Items as parameters name them, with the prices and tax rates that they name. */
export function itemChanges(
  context: Context,
  items: ReturnType<typeof itemChange.read>[] | undefined,
  param = 'items',
): Modification['items'] {
  return items?.map(({ price, price_data, tax_rates, ...item }, index) => ({
    ...item,
    price: priceIfAny(context, { price, price_data }, `${param}[${index}]`),
    ...(tax_rates !== undefined && { tax_rates: taxRatesOf(context, tax_rates, `${param}[${index}][tax_rates]`) }),
  }));
}
