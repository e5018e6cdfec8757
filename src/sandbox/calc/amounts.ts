import type Stripe from 'stripe';

/** What a price asks for a quantity, in minor units; fractions of a unit are rounded at the end:
 * https://docs.stripe.com/products-prices/pricing-models */
export function priceOf(price: Pick<Stripe.Price, 'unit_amount' | 'unit_amount_decimal'>, quantity: number): number {
  if (price.unit_amount_decimal === null) return (price.unit_amount ?? 0) * quantity;
  return Math.round(Number((price.unit_amount_decimal.toNumber() * quantity).toFixed(6)));
}
