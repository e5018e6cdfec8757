import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { entitlementShown } from '../entitlements/refresh.js';
import { invalid } from '../errors.js';
import { find, notFound } from '../find.js';
import { answer, list, paging } from '../list.js';
import type { AttachedFeature } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';

/** https://docs.stripe.com/api/entitlements/feature */
const features = [
  route(
    'POST',
    '/v1/entitlements/features',
    { lookup_key: p.needed(p.text), metadata: p.metadata, name: p.needed(p.text) },
    (context, { lookup_key, metadata, name }) => {
      if (lookup_key.length > 80 || name.length > 80)
        throw invalid('At most 80 characters.', { param: name.length > 80 ? 'name' : 'lookup_key' });
      if (context.store.by('feature', 'lookup_key', lookup_key).some(({ active }) => active))
        throw invalid(`A feature with the lookup key ${lookup_key} already exists.`, {
          code: 'resource_already_exists',
          param: 'lookup_key',
        });
      return context.store.put('feature', {
        id: context.ids.next('feat_test', 24),
        object: 'entitlements.feature',
        active: true,
        livemode: false,
        lookup_key,
        metadata: p.mergeMetadata({}, metadata),
        name,
      });
    },
  ),
  route(
    'GET',
    '/v1/entitlements/features',
    { ...paging, archived: p.flag, lookup_key: p.text },
    (context, { archived, lookup_key, ...page }) =>
      list(context, 'feature', page, {
        url: '/v1/entitlements/features',
        ...(lookup_key !== undefined && { by: ['lookup_key', lookup_key] }),
        where: ({ active }) => archived === undefined || active !== archived,
      }),
  ),
  route('GET', '/v1/entitlements/features/:id', {}, (context, _params, id) => find(context, 'feature', id)),
  route(
    'POST',
    '/v1/entitlements/features/:id',
    { active: p.flag, metadata: p.metadata, name: p.text },
    (context, { metadata, ...given }, id) => {
      const before = find(context, 'feature', id);
      return context.store.put('feature', {
        ...before,
        ...given,
        metadata: p.mergeMetadata(before.metadata, metadata),
      });
    },
  ),
];

/** https://docs.stripe.com/api/product-feature */
const productFeatures = [
  route(
    'POST',
    '/v1/products/:id/features',
    { entitlement_feature: p.needed(p.text) },
    (context, { entitlement_feature }, product) => {
      find(context, 'product', product);
      const feature = find(context, 'feature', entitlement_feature, 'entitlement_feature');
      if (!feature.active) throw invalid('This feature is archived.', { param: 'entitlement_feature' });
      if (context.store.by('product_feature', 'product', product).some((one) => one.feature === feature.id))
        throw invalid('This feature is already attached to the product.', { param: 'entitlement_feature' });
      const id = context.ids.next('prodft', 24);
      return attachedShown(context, context.store.put('product_feature', { id, product, feature: feature.id }));
    },
  ),
  route('GET', '/v1/products/:id/features', paging, (context, page, product) => {
    find(context, 'product', product);
    const url = `/v1/products/${product}/features`;
    const { data, has_more } = list(context, 'product_feature', page, { url, by: ['product', product] });
    return answer(
      data.map((attached) => attachedShown(context, attached)),
      has_more,
      url,
    );
  }),
  route('GET', '/v1/products/:id/features/:second', {}, (context, _params, product, id) =>
    attachedShown(context, attachedTo(context, product, id)),
  ),
  route(
    'DELETE',
    '/v1/products/:id/features/:second',
    {},
    (context, _params, product, id): Stripe.DeletedProductFeature => {
      context.store.remove('product_feature', attachedTo(context, product, id).id);
      return { id, object: 'product_feature', deleted: true };
    },
  ),
];

/** https://docs.stripe.com/api/entitlements/active-entitlement */
const activeEntitlements = [
  route(
    'GET',
    '/v1/entitlements/active_entitlements',
    { ...paging, customer: p.needed(p.text) },
    (context, { customer, ...page }) => {
      find(context, 'customer', customer, 'customer');
      const url = '/v1/entitlements/active_entitlements';
      const { data, has_more } = list(context, 'active_entitlement', page, { url, by: ['customer', customer] });
      return answer(data.map(entitlementShown), has_more, url);
    },
  ),
  route('GET', '/v1/entitlements/active_entitlements/:id', {}, (context, _params, id) =>
    entitlementShown(find(context, 'active_entitlement', id)),
  ),
];

export const entitlements = [...features, ...productFeatures, ...activeEntitlements];

function attachedTo(context: Context, product: string, id: string): AttachedFeature {
  const attached = find(context, 'product_feature', id);
  if (attached.product !== product) throw notFound('product_feature', id);
  return attached;
}

function attachedShown(context: Context, { id, feature }: AttachedFeature): Stripe.ProductFeature {
  return {
    id,
    object: 'product_feature',
    entitlement_feature: find(context, 'feature', feature),
    livemode: false,
  };
}
