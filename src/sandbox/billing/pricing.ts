import type Stripe from 'stripe';
import { partsOf, priceOf, type Part, type Priced } from '../calc/amounts.js';
import type { Context } from '../context.js';

/** A price as it is asked for in a currency: its own, or one of its options. Undefined: not in this one. */
export function pricedIn(context: Context, price: Stripe.Price, currency: string): Priced | undefined {
  const fact = context.store.get('price_fact', price.id);
  const { billing_scheme, tiers_mode, transform_quantity } = price;
  if (currency === price.currency) return { ...price, tiers: fact?.tiers ?? null };
  const option = fact?.currency_options[currency];
  if (option === undefined) return undefined;
  const { unit_amount, unit_amount_decimal, tiers } = option;
  return { billing_scheme, tiers_mode, transform_quantity, unit_amount, unit_amount_decimal, tiers: tiers ?? null };
}

/** Asked for by what was used, not in advance. */
export function isMetered({ recurring }: Stripe.Price): boolean {
  return recurring?.usage_type === 'metered';
}

/** What a quantity costs, in minor units of the currency. */
export function costOf(context: Context, price: Stripe.Price, quantity: number, currency: string): number {
  const priced = pricedIn(context, price, currency);
  return priced === undefined ? 0 : priceOf(priced, quantity);
}

export function partsFor(context: Context, price: Stripe.Price, quantity: number, currency: string): Part[] {
  const priced = pricedIn(context, price, currency);
  return priced === undefined ? [] : partsOf(priced, quantity);
}
