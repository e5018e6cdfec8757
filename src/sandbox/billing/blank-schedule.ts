import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import type { PhaseDraft, ScheduleWish } from './schedules.js';

type Schedule = Stripe.SubscriptionSchedule;
export const DEFAULTS: Stripe.SubscriptionSchedule.DefaultSettings = {
  application_fee_percent: null,
  billing_cycle_anchor: 'automatic',
  billing_thresholds: null,
  collection_method: 'charge_automatically',
  default_payment_method: null,
  description: null,
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    days_until_due: null,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  on_behalf_of: null,
  transfer_data: null,
};

export function blankSchedule(context: Context, customer: Stripe.Customer, wish: ScheduleWish): Schedule {
  const { type, flexible } = wish.billing_mode;
  return {
    id: context.ids.next('sub_sched', 24),
    object: 'subscription_schedule',
    application: null,
    billing_mode: { type, flexible: flexible ?? null },
    canceled_at: null,
    completed_at: null,
    created: context.now,
    current_phase: null,
    customer: customer.id,
    customer_account: null,
    default_settings: wish.default_settings ?? DEFAULTS,
    end_behavior: wish.end_behavior,
    livemode: false,
    metadata: wish.metadata,
    pause_schedules: [],
    phases: [],
    released_at: null,
    released_subscription: null,
    status: 'not_started',
    subscription: null,
    test_clock: idOf(customer.test_clock),
  };
}

export function settingsFrom({
  collection_method,
  days_until_due,
  default_payment_method,
}: Stripe.Subscription): Stripe.SubscriptionSchedule.DefaultSettings {
  const invoice_settings = { ...DEFAULTS.invoice_settings, days_until_due };
  return { ...DEFAULTS, collection_method, default_payment_method: idOf(default_payment_method), invoice_settings };
}

/** A phase that leaves a subscription as it is. */
export function phaseOf({ items, discounts, description, metadata, ...rest }: Stripe.Subscription): PhaseDraft {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: rest.collection_method,
    currency: rest.currency,
    default_payment_method: idOf(rest.default_payment_method),
    default_tax_rates: rest.default_tax_rates ?? [],
    description,
    discounts: discounts.map((one) => ({ coupon: null, discount: idOf(one), promotion_code: null })),
    invoice_settings: null,
    items: items.data.map((item) => ({
      billing_thresholds: null,
      discounts: item.discounts.map((one) => ({ coupon: null, discount: idOf(one), promotion_code: null })),
      metadata: item.metadata,
      plan: item.price.id,
      price: item.price.id,
      ...(item.quantity !== undefined && { quantity: item.quantity }),
      tax_rates: item.tax_rates ?? [],
    })),
    metadata,
    on_behalf_of: null,
    proration_behavior: 'create_prorations',
    transfer_data: null,
    trial_end: rest.status === 'trialing' ? rest.trial_end : null,
  };
}
