import type Stripe from 'stripe';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { blankProduct } from './blank-product.js';
import { createPrice, priceFields } from './prices.js';

const fields = {
  active: p.flag,
  description: p.note,
  images: p.listOf(p.text),
  marketing_features: p.listOf(p.hash({ name: p.needed(p.text) })),
  metadata: p.metadata,
  statement_descriptor: p.text,
  tax_code: p.note,
  unit_label: p.note,
  url: p.note,
};
const { currency, nickname, recurring, tax_behavior, unit_amount, unit_amount_decimal } = priceFields;

export const products = [
  route(
    'POST',
    '/v1/products',
    {
      ...fields,
      id: p.text,
      name: p.needed(p.text),
      type: p.oneOf('service', 'good'),
      default_price_data: p.hash({
        currency: p.needed(currency),
        nickname,
        recurring,
        tax_behavior,
        unit_amount,
        unit_amount_decimal,
        metadata: p.metadata,
      }),
    },
    (context, { default_price_data, metadata, id, ...params }) => {
      if (id !== undefined && context.store.get('product', id) !== undefined)
        throw invalid(`Product already exists.`, { code: 'resource_already_exists', param: 'id' });
      const blank = blankProduct(context, params.name, id);
      const product = context.store.put('product', { ...blank, ...params, metadata: p.mergeMetadata({}, metadata) });
      context.emit('product.created', product);
      if (default_price_data === undefined) return product;
      const price = createPrice(context, { ...default_price_data, product: product.id });
      return context.store.put('product', { ...product, default_price: price.id });
    },
  ),
  route(
    'GET',
    '/v1/products',
    { ...pagingByTime, active: p.flag, ids: p.listOf(p.text), url: p.text, shippable: p.flag },
    (context, { active, created, ids, url, shippable, ...page }) =>
      list(context, 'product', page, {
        url: '/v1/products',
        where: (product) =>
          p.inRange(product.created, created) &&
          (active === undefined || product.active === active) &&
          (ids === undefined || ids.includes(product.id)) &&
          (url === undefined || product.url === url) &&
          (shippable === undefined || product.shippable === shippable),
      }),
  ),
  route('GET', '/v1/products/:id', {}, (context, _params, id) => find(context, 'product', id)),
  route(
    'POST',
    '/v1/products/:id',
    { ...fields, name: p.text, default_price: p.text },
    (context, { metadata, ...params }, id) => {
      const before = find(context, 'product', id);
      if (params.default_price !== undefined) find(context, 'price', params.default_price, 'default_price');
      const product = context.store.put('product', {
        ...before,
        ...params,
        metadata: p.mergeMetadata(before.metadata, metadata),
        updated: context.now,
      });
      context.emit('product.updated', product, before);
      return product;
    },
  ),
  route('DELETE', '/v1/products/:id', {}, (context, _params, id): Stripe.DeletedProduct => {
    const product = find(context, 'product', id);
    if (context.store.rowsBy('price', 'product', id).length > 0)
      throw invalid('This product cannot be deleted because it has one or more user-created prices.');
    context.store.remove('product', id);
    context.emit('product.deleted', product);
    return { id, object: 'product', deleted: true };
  }),
];
