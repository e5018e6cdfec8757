import type Stripe from 'stripe';
import type { Context } from '../context.js';

export function blankProduct(context: Context, name: string, id: string | undefined): Stripe.Product {
  return {
    id: id ?? context.ids.next('prod'),
    object: 'product',
    active: true,
    created: context.now,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: context.now,
    url: null,
  };
}
