import type Stripe from 'stripe';
import type { OperationParams } from '../stripe/operations.js';
import { priceKey } from './catalog.js';
import type { Catalog, Plan } from './catalog.js';
import type { CatalogPrice } from './catalog-file.js';
import { idOf } from '../mirror/stripe-fields.js';

type ChangeKind = 'product.create' | 'product.update' | 'price.create' | 'price.update';

/** One command to Stripe, and what it does in words. */
export type Change = { [K in ChangeKind]: { kind: K; params: OperationParams<K>; text: string } }[ChangeKind];

/** The product of a plan bears an id of ours, so that it cannot be made twice. */
export function productId(plan: string): string {
  return `gs_${plan}`;
}

/**
 * What it takes to make Stripe agree with the catalogue; nothing when it does. Only what bears our mark (product id
 * `gs_<plan>`, prices of it with `metadata.plan`) is touched. A price's amount cannot be changed at Stripe, and who has
 * bought it keeps it: a new amount is a new price that takes over the lookup key, and the old one is sold no longer.
 * https://docs.stripe.com/products-prices/manage-prices#edit-price
 * @param products every product with an id of ours. @param prices the active prices of these products.
 */
export function planChanges(
  catalog: Pick<Catalog, 'plans'>,
  products: Stripe.Product[],
  prices: Stripe.Price[],
): Change[] {
  const ours = Map.groupBy(prices.filter(isOurs), (price) => idOf(price.product));
  const changes: Change[] = [];
  for (const plan of catalog.plans.values()) {
    const id = productId(plan.id);
    const product = products.find((candidate) => candidate.id === id);
    changes.push(...productChanges(plan, product), ...priceChanges(plan, ours.get(id) ?? []));
  }
  const forgotten = products.filter(
    ({ id, metadata: { plan } }) => plan && id === productId(plan) && !catalog.plans.has(plan),
  );
  for (const product of forgotten) changes.push(...retirement(product, ours.get(product.id) ?? []));
  return changes;
}

function productChanges(plan: Plan, product: Stripe.Product | undefined): Change[] {
  const id = productId(plan.id);
  const wanted = { name: plan.name, active: !plan.archived, metadata: { plan: plan.id } };
  if (product === undefined) {
    if (plan.archived) return [];
    const description = plan.description === null ? {} : { description: plan.description };
    return [
      {
        kind: 'product.create',
        params: { id, ...wanted, ...description },
        text: `create product ${id} "${plan.name}"`,
      },
    ];
  }
  const differences = [
    product.name !== plan.name && `rename it from "${product.name}" to "${plan.name}"`,
    product.active === plan.archived && (plan.archived ? 'archive it' : 'sell it again'),
    product.metadata['plan'] !== plan.id && `set its metadata to plan=${plan.id}`,
    product.description !== plan.description && 'change its description',
  ].filter((difference) => difference !== false);
  if (differences.length === 0) return [];
  // Stripe unsets a text that is given as ''. https://docs.stripe.com/api/products/update
  const params = { id, ...wanted, description: plan.description ?? '' };
  return [{ kind: 'product.update', params, text: `product ${id}: ${differences.join(', ')}` }];
}

function priceChanges(plan: Plan, active: Stripe.Price[]): Change[] {
  const wanted = plan.archived ? [] : plan.prices;
  const kept = wanted.map((price) => active.find((candidate) => isSame(plan, price, candidate)));
  const creations = wanted.flatMap((price, index) => (kept[index] ? [] : [creation(plan, price, active)]));
  const repairs = wanted.flatMap((price, index) => {
    const stripes = kept[index];
    return stripes ? lookupKeyRepair(plan, price, stripes) : [];
  });
  const obsolete = active.filter((price) => !kept.includes(price));
  return [...creations, ...repairs, ...obsolete.map((price) => withdrawal(price))];
}

function creation(plan: Plan, price: CatalogPrice, active: Stripe.Price[]): Change {
  const { interval, currency, amount } = price;
  const lookup_key = priceKey(plan.id, interval, currency);
  const replaced = active.find(
    (candidate) => candidate.currency === currency && candidate.recurring?.interval === interval,
  );
  const was = replaced ? ` (was ${replaced.unit_amount}; whoever has ${replaced.id} keeps it)` : '';
  return {
    kind: 'price.create',
    params: {
      product: productId(plan.id),
      currency,
      unit_amount: amount,
      recurring: { interval },
      lookup_key,
      transfer_lookup_key: true,
      metadata: { plan: plan.id, interval },
    },
    text: `create price ${lookup_key}: ${amount} ${currency} per ${interval}${was}`,
  };
}

/** A crash or a hand in the dashboard may have left the right price without its key. */
function lookupKeyRepair(plan: Plan, price: CatalogPrice, stripes: Stripe.Price): Change[] {
  const lookup_key = priceKey(plan.id, price.interval, price.currency);
  if (stripes.lookup_key === lookup_key) return [];
  const params = { id: stripes.id, lookup_key, transfer_lookup_key: true };
  return [{ kind: 'price.update', params, text: `give price ${stripes.id} the lookup key ${lookup_key}` }];
}

function withdrawal(price: Stripe.Price): Change {
  const what = `${price.unit_amount} ${price.currency} per ${price.recurring?.interval}`;
  return {
    kind: 'price.update',
    params: { id: price.id, active: false },
    text: `stop selling price ${price.id} (${what})`,
  };
}

function retirement(product: Stripe.Product, prices: Stripe.Price[]): Change[] {
  const withdrawals = prices.map((price) => withdrawal(price));
  if (!product.active) return withdrawals;
  const text = `stop selling product ${product.id}: its plan is not in the catalogue any more, so whoever has it has no access by it (\`archived: true\` would keep it)`;
  return [...withdrawals, { kind: 'product.update', params: { id: product.id, active: false }, text }];
}

function isOurs(price: Stripe.Price): boolean {
  return price.metadata['plan'] !== undefined && idOf(price.product) === productId(price.metadata['plan']);
}

function isSame(plan: Plan, price: CatalogPrice, stripes: Stripe.Price): boolean {
  return (
    stripes.metadata['plan'] === plan.id &&
    stripes.currency === price.currency &&
    stripes.unit_amount === price.amount &&
    stripes.recurring?.interval === price.interval &&
    stripes.recurring.interval_count === 1
  );
}
