import type Stripe from 'stripe';

const START = 1_767_225_600; // 2026-01-01T00:00:00Z
export const MONTH = 31 * 86_400;

export function priceFixture(over: Partial<Stripe.Price> = {}): Stripe.Price {
  return {
    id: 'price_pro_month',
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: START,
    currency: 'eur',
    custom_unit_amount: null,
    livemode: false,
    lookup_key: 'pro_month_eur',
    metadata: { plan: 'pro', interval: 'month' },
    nickname: null,
    product: 'gs_pro',
    recurring: { interval: 'month', interval_count: 1, meter: null, trial_period_days: null, usage_type: 'licensed' },
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'recurring',
    unit_amount: 4900,
    unit_amount_decimal: null,
    ...over,
  };
}

export function itemFixture(price: Stripe.Price, over: Partial<Stripe.SubscriptionItem> = {}): Stripe.SubscriptionItem {
  return {
    id: 'si_1',
    object: 'subscription_item',
    billing_thresholds: null,
    created: START,
    current_period_end: START + MONTH,
    current_period_start: START,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planFixture(price),
    price,
    quantity: 1,
    subscription: 'sub_1',
    tax_rates: [],
    ...over,
  };
}

export function subscriptionFixture(
  over: Partial<Stripe.Subscription> = {},
  items = [itemFixture(priceFixture())],
): Stripe.Subscription {
  return {
    id: 'sub_1',
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: START,
    billing_cycle_anchor_config: null,
    billing_mode: { type: 'flexible', flexible: { proration_discounts: 'included' } },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: START,
    currency: 'eur',
    customer: 'cus_TestAda',
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: { object: 'list', data: items, has_more: false, url: '/v1/subscription_items?subscription=sub_1' },
    latest_invoice: 'in_1',
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: START,
    status: 'active',
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: null,
    ...over,
  };
}

/** The older shape of a price, which Stripe still sends with every item. */
function planFixture(price: Stripe.Price): Stripe.Plan {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: null,
    product: 'gs_pro',
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}
