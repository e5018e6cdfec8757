import type Stripe from 'stripe';

/** What of a price decides what it asks for. */
export interface Priced {
  billing_scheme?: Stripe.Price.BillingScheme;
  tiers_mode?: Stripe.Price.TiersMode | null;
  transform_quantity?: Stripe.Price.TransformQuantity | null;
  unit_amount: number | null;
  unit_amount_decimal: Stripe.Decimal | null;
  tiers?: readonly Stripe.Price.Tier[] | null;
}
/** One part of what a price asks for: units at an amount, or a flat fee. Minor units, rounded. */
export interface Part {
  amount: number;
  quantity: number;
  /** Minor units, exact; null: a flat fee. */
  unit: number | null;
  /** From 1; null: the price has no tiers. */
  tier: number | null;
}

/** What a price asks for a quantity, in minor units: https://docs.stripe.com/products-prices/pricing-models */
export function priceOf(price: Priced, quantity: number): number {
  return partsOf(price, quantity).reduce((sum, { amount }) => sum + amount, 0);
}

/** Fractions of a unit are rounded at the end of each part. */
export function partsOf(price: Priced, quantity: number): Part[] {
  if (price.billing_scheme === 'tiered') return tierParts(price.tiers ?? [], price.tiers_mode, quantity);
  const units = packages(price.transform_quantity, quantity);
  const unit = exactly(price.unit_amount, price.unit_amount_decimal);
  return [{ amount: rounded(unit * units), quantity, unit, tier: null }];
}

/** A package is charged whole or not at all: https://docs.stripe.com/products-prices/pricing-models#package-pricing */
function packages(transform: Priced['transform_quantity'], quantity: number): number {
  if (transform === null || transform === undefined) return quantity;
  return (transform.round === 'up' ? Math.ceil : Math.floor)(quantity / transform.divide_by);
}

/** Volume: one tier for all of it; graduated: each part by its tier: https://docs.stripe.com/billing/subscriptions/tiers */
function tierParts(tiers: readonly Stripe.Price.Tier[], mode: Priced['tiers_mode'], quantity: number): Part[] {
  let from = 0;
  const parts: Part[] = [];
  for (const [index, tier] of tiers.entries()) {
    const upTo = tier.up_to ?? Infinity;
    const isLast = quantity <= upTo;
    if (mode === 'graduated') parts.push(...partsOfTier(tier, Math.min(quantity, upTo) - from, index + 1));
    else if (isLast) parts.push(...partsOfTier(tier, quantity, index + 1));
    if (isLast) break;
    from = upTo;
  }
  return parts;
}

/** The flat fee of a tier is asked for as soon as the quantity reaches it, even for none of it in the first tier. */
function partsOfTier(tier: Stripe.Price.Tier, quantity: number, number: number): Part[] {
  const unit = exactly(tier.unit_amount, tier.unit_amount_decimal);
  const flat = exactly(tier.flat_amount, tier.flat_amount_decimal);
  return [
    { amount: rounded(unit * quantity), quantity, unit, tier: number },
    ...(flat === 0 ? [] : [{ amount: rounded(flat), quantity: 1, unit: null, tier: number }]),
  ];
}

function exactly(whole: number | null, decimal: Stripe.Decimal | null): number {
  return decimal === null ? (whole ?? 0) : decimal.toNumber();
}

function rounded(amount: number): number {
  return Math.round(Number(amount.toFixed(6)));
}
