import Stripe from 'stripe';
import type { PriceFact } from '../objects.js';
import { ParameterError } from '../errors.js';
import * as p from '../params.js';

const upTo: p.Kind<number | 'inf'> = p.either(p.atLeast(1), p.oneOf('inf'));
const amounts = { unit_amount: p.atLeast(0), unit_amount_decimal: p.decimal };
const tier = p.hash({
  ...amounts,
  flat_amount: p.atLeast(0),
  flat_amount_decimal: p.decimal,
  up_to: p.needed(upTo),
});
export const tiersFields = {
  billing_scheme: p.oneOf('per_unit', 'tiered'),
  currency_options: p.mapOf(
    p.hash({ ...amounts, tax_behavior: p.oneOf('exclusive', 'inclusive', 'unspecified'), tiers: p.listOf(tier) }),
  ),
  tiers: p.listOf(tier),
  tiers_mode: p.oneOf('graduated', 'volume'),
  transform_quantity: p.hash({ divide_by: p.needed(p.atLeast(1)), round: p.needed(p.oneOf('down', 'up')) }),
};
type Wish = p.Values<typeof tiersFields>;

/** Refuses what does not go together: https://docs.stripe.com/api/prices/create */
export function checkTiers({ billing_scheme, tiers, tiers_mode, transform_quantity }: Wish): void {
  if (billing_scheme !== 'tiered') {
    if (tiers !== undefined) throw wrong('tiers', 'requires `billing_scheme` to be `tiered`');
    if (tiers_mode !== undefined) throw wrong('tiers_mode', 'requires `billing_scheme` to be `tiered`');
    return;
  }
  if (tiers === undefined || tiers.length === 0) throw wrong('tiers', 'is required with `billing_scheme=tiered`');
  if (tiers_mode === undefined) throw wrong('tiers_mode', 'is required with `billing_scheme=tiered`');
  if (transform_quantity !== undefined) throw wrong('transform_quantity', 'cannot be combined with tiers');
  for (const [index, { up_to, ...prices }] of tiers.entries()) {
    const before = index === 0 ? 0 : tiers[index - 1]?.up_to;
    if ((up_to === 'inf') !== (index === tiers.length - 1))
      throw wrong(`tiers[${index}][up_to]`, 'must be `inf` in the last tier, and only there');
    if (typeof up_to === 'number' && typeof before === 'number' && up_to <= before)
      throw wrong(`tiers[${index}][up_to]`, 'must be above that of the tier before it');
    if (Object.keys(prices).length === 0) throw wrong(`tiers[${index}]`, 'needs a unit_amount or a flat_amount');
  }
}

/** What is only shown when it is asked for; the price's own currency is one of its options. */
export function priceFact(price: Stripe.Price, wish: Wish): PriceFact {
  const tiers = wish.tiers === undefined ? null : wish.tiers.map(tierOf);
  const { unit_amount, unit_amount_decimal, tax_behavior } = price;
  const own = option({ tax_behavior, unit_amount, unit_amount_decimal, tiers });
  const others = [...(wish.currency_options ?? [])].map(([currency, given]): [string, Stripe.Price.CurrencyOptions] => {
    const exact = given.unit_amount_decimal ?? given.unit_amount;
    return [
      currency.toLowerCase(),
      option({
        tax_behavior: given.tax_behavior ?? 'unspecified',
        unit_amount: given.unit_amount ?? null,
        unit_amount_decimal: exact === undefined ? null : Stripe.Decimal.from(exact),
        tiers: given.tiers === undefined ? null : given.tiers.map(tierOf),
      }),
    ];
  });
  return { id: price.id, tiers, currency_options: { [price.currency]: own, ...Object.fromEntries(others) } };
}

function option({
  tiers,
  ...rest
}: Omit<Stripe.Price.CurrencyOptions, 'custom_unit_amount' | 'tiers'> & {
  tiers: Stripe.Price.Tier[] | null;
}): Stripe.Price.CurrencyOptions {
  return { custom_unit_amount: null, ...rest, ...(tiers !== null && { tiers }) };
}

function tierOf(given: ReturnType<typeof tier.read>): Stripe.Price.Tier {
  const flat = given.flat_amount_decimal ?? given.flat_amount;
  const unit = given.unit_amount_decimal ?? given.unit_amount;
  return {
    flat_amount: given.flat_amount ?? null,
    flat_amount_decimal: flat === undefined ? null : Stripe.Decimal.from(flat),
    unit_amount: given.unit_amount ?? null,
    unit_amount_decimal: unit === undefined ? null : Stripe.Decimal.from(unit),
    up_to: given.up_to === 'inf' ? null : given.up_to,
  };
}

function wrong(param: string, why: string): ParameterError {
  return new ParameterError(`${param} ${why}.`, param);
}
