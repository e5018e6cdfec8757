import Stripe from 'stripe';
import { listOfItems, planOf } from '../billing/items.js';
import { isCurrency } from '../calc/currencies.js';
import type { Context } from '../context.js';
import { invalid, ParameterError } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { blankProduct } from './blank-product.js';
import { checkTiers, priceFact, tiersFields } from './tiers.js';

export const currencyKind: p.Kind<string> = {
  read(value, name) {
    const code = p.text.read(value, name).toLowerCase();
    if (!isCurrency(code)) throw new ParameterError(`Invalid currency: ${code}. Stripe does not support it.`, name);
    return code;
  },
};
const interval = p.oneOf('day', 'week', 'month', 'year');
export const priceFields = {
  currency: currencyKind,
  nickname: p.note,
  recurring: p.hash({
    interval: p.needed(interval),
    interval_count: p.atLeast(1),
    trial_period_days: p.atLeast(1),
    meter: p.text,
    usage_type: p.oneOf('licensed', 'metered'),
  }),
  tax_behavior: p.oneOf('exclusive', 'inclusive', 'unspecified'),
  unit_amount: p.atLeast(0),
  unit_amount_decimal: p.decimal,
};
const createShape = {
  ...priceFields,
  currency: p.needed(currencyKind),
  active: p.flag,
  ...tiersFields,
  lookup_key: p.text,
  metadata: p.metadata,
  product: p.text,
  product_data: p.hash({
    id: p.text,
    name: p.needed(p.text),
    active: p.flag,
    metadata: p.metadata,
    statement_descriptor: p.text,
    unit_label: p.text,
    tax_code: p.text,
  }),
  transfer_lookup_key: p.flag,
};
type PriceWish = Omit<p.Values<typeof createShape>, 'product_data' | 'product'> & { product: string };

export const prices = [
  route('POST', '/v1/prices', createShape, (context, { product, product_data, ...params }) => {
    if ((product === undefined) === (product_data === undefined))
      throw invalid('You must specify exactly one of: product, product_data.', {
        code: 'parameter_missing',
        param: 'product',
      });
    return createPrice(context, { ...params, product: product ?? createProduct(context, product_data) });
  }),
  route(
    'GET',
    '/v1/prices',
    {
      ...pagingByTime,
      active: p.flag,
      currency: currencyKind,
      lookup_keys: p.listOf(p.text),
      product: p.text,
      type: p.oneOf('one_time', 'recurring'),
      recurring: p.hash({ interval, usage_type: p.text, meter: p.text }),
    },
    (context, { active, created, currency, lookup_keys, product, type, recurring, ...page }) =>
      list(context, 'price', page, {
        url: '/v1/prices',
        ...(product !== undefined && { by: ['product', product] }),
        where: (price) =>
          p.inRange(price.created, created) &&
          (active === undefined || price.active === active) &&
          (currency === undefined || price.currency === currency) &&
          (lookup_keys === undefined || (price.lookup_key !== null && lookup_keys.includes(price.lookup_key))) &&
          (type === undefined || price.type === type) &&
          (recurring?.interval === undefined || price.recurring?.interval === recurring.interval) &&
          (recurring?.usage_type === undefined || price.recurring?.usage_type === recurring.usage_type) &&
          (recurring?.meter === undefined || price.recurring?.meter === recurring.meter),
      }),
  ),
  route('GET', '/v1/prices/:id', {}, (context, _params, id) => find(context, 'price', id)),
  route(
    'POST',
    '/v1/prices/:id',
    {
      active: p.flag,
      lookup_key: p.note,
      metadata: p.metadata,
      nickname: p.note,
      tax_behavior: priceFields.tax_behavior,
      transfer_lookup_key: p.flag,
    },
    (context, { metadata, lookup_key, transfer_lookup_key, ...params }, id) => {
      const before = find(context, 'price', id);
      if (typeof lookup_key === 'string') claimLookupKey(context, lookup_key, transfer_lookup_key, id);
      const price = context.store.put('price', {
        ...before,
        ...params,
        ...(lookup_key !== undefined && { lookup_key }),
        metadata: p.mergeMetadata(before.metadata, metadata),
      });
      showInItems(context, price);
      context.emit('price.updated', price, before);
      if (price.recurring !== null) context.emit('plan.updated', planOf(price), planOf(before));
      return price;
    },
  ),
];

export function createPrice(context: Context, wish: PriceWish): Stripe.Price {
  const { recurring, metadata, transfer_lookup_key, lookup_key, unit_amount, unit_amount_decimal } = wish;
  find(context, 'product', wish.product, 'product');
  checkTiers(wish);
  if (recurring !== undefined) checkMeter(context, recurring);
  const tiered = wish.billing_scheme === 'tiered';
  const amounts = [unit_amount, unit_amount_decimal].filter((amount) => amount !== undefined).length;
  if (amounts !== (tiered ? 0 : 1))
    throw invalid(
      tiered
        ? 'A tiered price takes its amounts from its tiers.'
        : 'You must specify exactly one of: unit_amount, unit_amount_decimal.',
      { code: tiered ? 'parameter_unknown' : 'parameter_missing', param: 'unit_amount' },
    );
  if (lookup_key !== undefined) claimLookupKey(context, lookup_key, transfer_lookup_key);
  const exact = Stripe.Decimal.from(unit_amount_decimal ?? unit_amount ?? 0);
  const price = context.store.put('price', {
    id: context.ids.next('price', 24),
    object: 'price',
    active: wish.active ?? true,
    billing_scheme: wish.billing_scheme ?? 'per_unit',
    created: context.now,
    currency: wish.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: lookup_key ?? null,
    metadata: p.mergeMetadata({}, metadata),
    nickname: wish.nickname ?? null,
    product: wish.product,
    recurring:
      recurring === undefined
        ? null
        : {
            interval: recurring.interval,
            interval_count: recurring.interval_count ?? 1,
            meter: recurring.meter ?? null,
            trial_period_days: recurring.trial_period_days ?? null,
            usage_type: recurring.usage_type ?? 'licensed',
          },
    tax_behavior: wish.tax_behavior ?? 'unspecified',
    tiers_mode: wish.tiers_mode ?? null,
    transform_quantity: wish.transform_quantity ?? null,
    type: recurring === undefined ? 'one_time' : 'recurring',
    unit_amount: tiered ? null : (unit_amount ?? (Number.isInteger(exact.toNumber()) ? exact.toNumber() : null)),
    unit_amount_decimal: tiered ? null : exact,
  });
  context.store.put('price_fact', priceFact(price, wish));
  context.emit('price.created', price);
  if (price.recurring !== null) context.emit('plan.created', planOf(price));
  return price;
}

/** Metered prices need a meter since 2025-03-31: https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing */
function checkMeter(
  context: Context,
  { meter, usage_type }: NonNullable<p.Values<typeof priceFields>['recurring']>,
): void {
  if (usage_type === 'metered' && meter === undefined)
    throw invalid('Metered prices must be backed by a meter.', {
      code: 'parameter_missing',
      param: 'recurring[meter]',
    });
  if (meter === undefined) return;
  if (usage_type !== 'metered') throw invalid('Only metered prices have a meter.', { param: 'recurring[usage_type]' });
  if (find(context, 'meter', meter, 'recurring[meter]').status !== 'active')
    throw invalid('The meter is inactive.', { param: 'recurring[meter]' });
}

/** A lookup key belongs to one price; it moves only when that is asked for: https://docs.stripe.com/products-prices/manage-prices#lookup-keys */
function claimLookupKey(context: Context, key: string, transfer: boolean | undefined, claimant?: string): void {
  const holder = context.store.by('price', 'lookup_key', key).find((price) => price.id !== claimant);
  if (holder === undefined) return;
  if (transfer !== true)
    throw invalid(
      `A price (\`${holder.id}\`) already uses that lookup key. You may transfer the lookup key to this price by setting \`transfer_lookup_key=true\`.`,
      { param: 'lookup_key' },
    );
  context.emit('price.updated', context.store.put('price', { ...holder, lookup_key: null }), holder);
}

/** Items show their price as it is, not as it was when they were made. */
function showInItems(context: Context, price: Stripe.Price): void {
  for (const subscription of context.store.by('subscription', 'price', price.id)) {
    const items = subscription.items.data.map((item) =>
      item.price.id === price.id ? { ...item, price, plan: planOf(price) } : item,
    );
    context.store.put('subscription', { ...subscription, items: listOfItems(subscription.id, items) });
  }
}

function createProduct(context: Context, data: p.Values<typeof createShape>['product_data']): string {
  const { id, name = '', metadata, ...more } = data ?? {};
  const blank = blankProduct(context, name, id);
  const product = context.store.put('product', { ...blank, ...more, metadata: p.mergeMetadata({}, metadata) });
  context.emit('product.created', product);
  return product.id;
}
