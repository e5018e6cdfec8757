import type Stripe from 'stripe';

export function customerFixture(over: Partial<Stripe.Customer> = {}): Stripe.Customer {
  return {
    id: 'cus_TestAda',
    object: 'customer',
    address: null,
    balance: 0,
    created: 1_767_225_600,
    currency: 'eur',
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: 'ada@example.com',
    invoice_prefix: 'ABCD1234',
    invoice_settings: { custom_fields: null, default_payment_method: 'pm_1', footer: null, rendering_options: null },
    livemode: false,
    metadata: { external_id: 'user-1', colour: 'blue' },
    name: 'Ada',
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: ['de-AT', 'en'],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
    ...over,
  };
}
