import type Stripe from 'stripe';
import { defineMirrored } from '../mirror/mirrored-object.js';
import type { Columns } from '../mirror/mirrored-object.js';
import type { Product } from './product.entity.js';

export const productMirror = defineMirrored<Stripe.Product, Columns<Product>>({
  object: 'product',
  table: 'products',
  deletedBy: 'product.deleted',
  read: ({ id, name, active, metadata }) => ({ id, name, active, metadata }),
  changes: () => [],
  customer: () => null,
  retrieve: (stripe, id) => stripe.products.retrieve(id),
  list: (stripe, params) => stripe.products.list(params),
});
