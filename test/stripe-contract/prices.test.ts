import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract } from './support.js';

const c = contract();
const TIERS: Stripe.PriceCreateParams.Tier[] = [
  { up_to: 5, unit_amount: 1000, flat_amount: 500 },
  { up_to: 10, unit_amount: 800 },
  { up_to: 'inf', unit_amount: 500 },
];
const tiered = (tiers_mode: 'graduated' | 'volume') =>
  c.price(undefined, { billing_scheme: 'tiered', tiers_mode, tiers: TIERS });

async function total(price: string, quantity: number, more: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const { latest_invoice } = await c.stripe.subscriptions.create({
    customer: await c.customer('pm_card_visa'),
    items: [{ price, quantity }],
    ...more,
    expand: ['latest_invoice'],
  });
  if (latest_invoice === null || typeof latest_invoice === 'string') throw new Error('the invoice is not expanded');
  return latest_invoice.total;
}

describe('a price', () => {
  // https://docs.stripe.com/products-prices/pricing-models#graduated-pricing
  test('with graduated tiers asks for each part by its tier', async () => {
    const price = await tiered('graduated');
    expect(await total(price, 1)).toBe(1500);
    expect(await total(price, 5)).toBe(5500);
    expect(await total(price, 6)).toBe(6300);
    expect(await total(price, 12)).toBe(5500 + 4000 + 1000);
  });

  // https://docs.stripe.com/products-prices/pricing-models#volume-based-pricing
  test('with volume tiers asks for all of it by the tier that it falls into', async () => {
    const price = await tiered('volume');
    expect(await total(price, 5)).toBe(5500);
    expect(await total(price, 6)).toBe(4800);
    expect(await total(price, 12)).toBe(6000);
  });

  test('shows its tiers only when asked', async () => {
    const id = await tiered('volume');
    const price = await c.stripe.prices.retrieve(id);
    expect(price).toMatchObject({ billing_scheme: 'tiered', tiers_mode: 'volume', unit_amount: null });
    expect(price.tiers).toBeUndefined();
    const { tiers } = await c.stripe.prices.retrieve(id, { expand: ['tiers'] });
    expect(tiers?.map(({ up_to, unit_amount, flat_amount }) => [up_to, unit_amount, flat_amount])).toEqual([
      [5, 1000, 500],
      [10, 800, null],
      [null, 500, null],
    ]);
  });

  // https://docs.stripe.com/products-prices/pricing-models#package-pricing
  test.each([
    ['up', 7, 2000],
    ['down', 7, 1000],
  ] as const)('by the package rounds %s', async (round, quantity, asked) => {
    const price = await c.price(1000, { transform_quantity: { divide_by: 5, round } });
    expect(await total(price, quantity)).toBe(asked);
  });

  test('in several currencies asks for the one of the subscription', async () => {
    const price = await c.price(1000, { currency_options: { eur: { unit_amount: 900 } } });
    expect(await total(price, 2, { currency: 'eur' })).toBe(1800);
    expect(await total(price, 2)).toBe(2000);
    await expect(total(price, 2, { currency: 'gbp' })).rejects.toMatchObject({ statusCode: 400 });
    const { currency_options } = await c.stripe.prices.retrieve(price, { expand: ['currency_options'] });
    expect(currency_options).toMatchObject({ usd: { unit_amount: 1000 }, eur: { unit_amount: 900 } });
  });

  test('that is asked for once is in the currency of what it comes with', async () => {
    const extra = await c.oneTimePrice(500, { currency_options: { eur: { unit_amount: 450 } } });
    const monthly = await c.price(1000, { currency_options: { eur: { unit_amount: 900 } } });
    expect(await total(monthly, 1, { currency: 'eur', add_invoice_items: [{ price: extra, quantity: 2 }] })).toBe(1800);
    const customer = await c.customer('pm_card_visa');
    const waiting = await c.stripe.invoiceItems.create({ customer, currency: 'eur', pricing: { price: extra } });
    expect(waiting).toMatchObject({ currency: 'eur', amount: 450 });
    const other = c.stripe.invoiceItems.create({ customer, currency: 'gbp', pricing: { price: extra } });
    await expect(other).rejects.toMatchObject({ statusCode: 400 });
  });

  test('with fractions of a cent is rounded at the end', async () => {
    const price = await c.price(undefined, { unit_amount_decimal: c.decimal('0.35') });
    expect(await total(price, 1000)).toBe(350);
    expect(await total(price, 301)).toBe(105);
  });

  test('whose tiers make no sense is refused', async () => {
    const refused = { type: 'StripeInvalidRequestError', statusCode: 400 };
    const make = (tiers: Stripe.PriceCreateParams.Tier[]) =>
      c.price(undefined, { billing_scheme: 'tiered', tiers_mode: 'volume', tiers });
    await expect(make([{ up_to: 5, unit_amount: 100 }])).rejects.toMatchObject(refused);
    await expect(
      make([
        { up_to: 5, unit_amount: 100 },
        { up_to: 3, unit_amount: 90 },
        { up_to: 'inf', unit_amount: 80 },
      ]),
    ).rejects.toMatchObject(refused);
    await expect(c.price(100, { tiers: TIERS })).rejects.toMatchObject(refused);
  });
});
