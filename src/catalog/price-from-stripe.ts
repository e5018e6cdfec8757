import type Stripe from 'stripe';
import { defineMirrored } from '../mirror/mirrored-object.js';
import type { Columns } from '../mirror/mirrored-object.js';
import { idOf } from '../mirror/stripe-fields.js';
import type { Price } from './price.entity.js';

export const priceMirror = defineMirrored<Stripe.Price, Columns<Price>>({
  object: 'price',
  table: 'prices',
  deletedBy: 'price.deleted',
  read,
  changes: () => [],
  customer: () => null,
  retrieve: (stripe, id) => stripe.prices.retrieve(id),
  // Without `active` Stripe lists both. https://docs.stripe.com/api/prices/list
  list: (stripe, params) => stripe.prices.list(params),
});

function read(price: Stripe.Price): Columns<Price> {
  const { id, active, currency, unit_amount, recurring, lookup_key, metadata, product } = price;
  return {
    id,
    product: idOf(product),
    active,
    currency,
    unit_amount,
    recurring_interval: recurring?.interval ?? null,
    recurring_interval_count: recurring?.interval_count ?? null,
    lookup_key,
    plan: metadata['plan'] ?? null,
    metadata,
  };
}
