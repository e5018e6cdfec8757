import type { Modification } from '../billing/modify.js';
import type { Context } from '../context.js';
import type { itemChange } from './subscription-fields.js';
import { taxRatesOf } from './tax-rates.js';

/** Items as parameters name them, with the tax rates that they name. */
export function itemChanges(
  context: Context,
  items: ReturnType<typeof itemChange.read>[] | undefined,
): Modification['items'] {
  return items?.map(({ tax_rates, ...item }, index) => ({
    ...item,
    ...(tax_rates !== undefined && { tax_rates: taxRatesOf(context, tax_rates, `items[${index}][tax_rates]`) }),
  }));
}
