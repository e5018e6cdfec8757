import type { ObjectType } from '../objects.js';

/** token: whole values; string: also parts of them; numeric: also greater and less. */
export type FieldType = 'token' | 'string' | 'numeric';

const money = { amount: 'numeric', created: 'numeric', currency: 'token', customer: 'token', status: 'token' } as const;

/** What can be searched by, besides metadata: https://docs.stripe.com/search#query-fields-for-charges and its neighbours */
export const FIELDS = {
  charge: {
    ...money,
    'billing_details.address.postal_code': 'token',
    disputed: 'token',
    'payment_method_details.card.brand': 'token',
    'payment_method_details.card.exp_month': 'token',
    'payment_method_details.card.exp_year': 'token',
    'payment_method_details.card.fingerprint': 'token',
    'payment_method_details.card.last4': 'token',
    refunded: 'token',
  },
  customer: { created: 'numeric', email: 'string', name: 'string', phone: 'string' },
  invoice: {
    created: 'numeric',
    currency: 'token',
    customer: 'token',
    number: 'string',
    receipt_number: 'string',
    status: 'token',
    subscription: 'token',
    total: 'numeric',
  },
  payment_intent: money,
  price: { active: 'token', currency: 'token', lookup_key: 'string', product: 'token', type: 'token' },
  product: { active: 'token', description: 'string', name: 'string', shippable: 'token', url: 'string' },
  subscription: { canceled_at: 'numeric', created: 'numeric', status: 'token' },
} as const satisfies Partial<Record<ObjectType, Record<string, FieldType>>>;
export type Searchable = keyof typeof FIELDS;

/** Where a value lies when it is not under its own name. */
export const PLACES = new Map([['invoice subscription', 'parent.subscription_details.subscription']]);
