import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { planChanges } from '../../src/catalog/catalog-changes.js';
import { parseCatalog } from '../../src/catalog/catalog-file.js';
import { Catalog } from '../../src/catalog/catalog.js';

const file = (pro: string) => `
features: { api_access: { type: boolean, fallback: deny } }
plans:
  starter:
    name: Starter
    group: main
    prices: [{ interval: month, currency: eur, amount: 900 }]
    features: {}
${pro}`;
const pro = (lines: string, amount = 4900) => `  pro:
    name: Pro
    group: main
    ${lines}
    prices: [{ interval: month, currency: eur, amount: ${amount} }]
    features: { api_access: true }
`;
const catalogOf = (text: string) => new Catalog(parseCatalog(file(text)));

type ProductFacts = Pick<Stripe.Product, 'id' | 'name' | 'active' | 'description' | 'metadata'>;
type PriceFacts = Pick<Stripe.Price, 'id' | 'currency' | 'unit_amount' | 'lookup_key' | 'metadata'> & {
  product: string;
  interval: 'month' | 'year';
};

const products: ProductFacts[] = ['starter', 'pro'].map((plan) => ({
  id: `gs_${plan}`,
  name: plan === 'pro' ? 'Pro' : 'Starter',
  active: true,
  description: null,
  metadata: { plan },
}));
const priceOf = (plan: string, unit_amount: number, facts: Partial<PriceFacts> = {}): PriceFacts => ({
  id: `price_${plan}_${unit_amount}`,
  product: `gs_${plan}`,
  currency: 'eur',
  unit_amount,
  interval: 'month',
  lookup_key: `${plan}_month_eur`,
  metadata: { plan, interval: 'month' },
  ...facts,
});
const prices = [priceOf('starter', 900), priceOf('pro', 4900)];

function changesFor(catalog: Catalog, someProducts: ProductFacts[], somePrices: PriceFacts[]) {
  const asStripe = somePrices.map(({ interval, ...price }) => ({
    ...price,
    recurring: { interval, interval_count: 1 },
  }));
  return planChanges(catalog, someProducts as Stripe.Product[], asStripe as Stripe.Price[]);
}

describe('what it takes to make Stripe agree with the catalogue', () => {
  test('nothing, when it does', () => expect(changesFor(catalogOf(pro('')), products, prices)).toEqual([]));

  test('everything, in an empty account', () => {
    const changes = changesFor(catalogOf(pro('description: For teams')), [], []);
    expect(changes.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'product.create: create product gs_starter "Starter"',
      'price.create: create price starter_month_eur: 900 eur per month',
      'product.create: create product gs_pro "Pro"',
      'price.create: create price pro_month_eur: 4900 eur per month',
    ]);
    expect(changes[2]?.params).toEqual({
      id: 'gs_pro',
      name: 'Pro',
      active: true,
      metadata: { plan: 'pro' },
      description: 'For teams',
    });
    expect(changes[3]?.params).toEqual({
      product: 'gs_pro',
      currency: 'eur',
      unit_amount: 4900,
      recurring: { interval: 'month' },
      lookup_key: 'pro_month_eur',
      transfer_lookup_key: true,
      metadata: { plan: 'pro', interval: 'month' },
    });
  });

  test('another amount: a new price that takes over the key, then the old one is sold no longer', () => {
    expect(changesFor(catalogOf(pro('', 5900)), products, prices)).toMatchObject([
      {
        kind: 'price.create',
        params: { unit_amount: 5900, lookup_key: 'pro_month_eur', transfer_lookup_key: true },
        text: 'create price pro_month_eur: 5900 eur per month (was 4900; whoever has price_pro_4900 keeps it)',
      },
      {
        kind: 'price.update',
        params: { id: 'price_pro_4900', active: false },
        text: 'stop selling price price_pro_4900 (4900 eur per month)',
      },
    ]);
  });

  test('what a crash between the two left undone is done', () => {
    const half = [priceOf('starter', 900), priceOf('pro', 4900, { lookup_key: null }), priceOf('pro', 5900)];
    expect(changesFor(catalogOf(pro('', 5900)), products, half)).toMatchObject([
      { kind: 'price.update', params: { id: 'price_pro_4900', active: false } },
    ]);
  });

  test('the right price made twice is sold once', () => {
    const twice = [...prices, priceOf('pro', 4900, { id: 'price_twin', lookup_key: null })];
    expect(changesFor(catalogOf(pro('')), products, twice)).toMatchObject([
      { kind: 'price.update', params: { id: 'price_twin', active: false } },
    ]);
  });

  test('a price that has lost its key gets it back', () => {
    const lost = [priceOf('starter', 900), priceOf('pro', 4900, { lookup_key: null })];
    expect(changesFor(catalogOf(pro('')), products, lost)).toMatchObject([
      {
        kind: 'price.update',
        params: { id: 'price_pro_4900', lookup_key: 'pro_month_eur', transfer_lookup_key: true },
      },
    ]);
  });

  test('names and descriptions are brought over, products sold again', () => {
    const other = products.map((product) =>
      product.id === 'gs_pro' ? { ...product, name: 'Professional', active: false } : product,
    );
    const [change, ...more] = changesFor(catalogOf(pro('description: For teams')), other, prices);
    expect(more).toEqual([]);
    expect(change).toEqual({
      kind: 'product.update',
      params: { id: 'gs_pro', name: 'Pro', active: true, metadata: { plan: 'pro' }, description: 'For teams' },
      text: 'product gs_pro: rename it from "Professional" to "Pro", sell it again, change its description',
    });
  });

  test('an archived plan is sold no longer, and one that never was is not made', () => {
    const archived = catalogOf(pro('archived: true'));
    expect(changesFor(archived, products, prices)).toMatchObject([
      { kind: 'product.update', params: { id: 'gs_pro', active: false } },
      { kind: 'price.update', params: { id: 'price_pro_4900', active: false } },
    ]);
    expect(changesFor(archived, products.slice(0, 1), prices.slice(0, 1))).toEqual([]);
  });

  test('a plan that is gone from the file is sold no longer, with a warning', () => {
    const changes = changesFor(catalogOf(''), products, prices);
    expect(changes).toMatchObject([
      { kind: 'price.update', params: { id: 'price_pro_4900', active: false } },
      { kind: 'product.update', params: { id: 'gs_pro', active: false } },
    ]);
    expect(changes[1]?.text).toContain('whoever has it has no access by it');
  });

  test('what others made is left alone', () => {
    const foreign = [
      ...products,
      { id: 'prod_1', name: 'T-shirt', active: true, description: null, metadata: {} },
      { id: 'prod_2', name: 'Mug', active: true, description: null, metadata: { plan: 'gone' } },
    ];
    const handmade = [...prices, priceOf('pro', 1, { metadata: {} }), priceOf('pro', 2, { product: 'prod_1' })];
    expect(changesFor(catalogOf(pro('')), foreign, handmade)).toEqual([]);
  });
});
