import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import * as p from '../params.js';

type Configuration = Stripe.BillingPortal.Configuration;
type Features = Configuration['features'];

const proration_behavior = p.oneOf('always_invoice', 'create_prorations', 'none');
const REASONS = [
  'too_expensive',
  'missing_features',
  'switched_service',
  'unused',
  'customer_service',
  'too_complex',
  'low_quality',
  'other',
] as const;

/** https://docs.stripe.com/api/customer_portal/configurations/create */
export const featuresShape = p.hash({
  customer_update: p.hash({
    allowed_updates: p.listOf(p.oneOf('address', 'email', 'name', 'phone', 'shipping', 'tax_id')),
    enabled: p.flag,
  }),
  invoice_history: p.hash({ enabled: p.needed(p.flag) }),
  payment_method_update: p.hash({ enabled: p.needed(p.flag) }),
  subscription_cancel: p.hash({
    cancellation_reason: p.hash({ enabled: p.needed(p.flag), options: p.listOf(p.oneOf(...REASONS)) }),
    enabled: p.flag,
    mode: p.oneOf('at_period_end', 'immediately'),
    proration_behavior,
  }),
  subscription_pause: p.hash({ enabled: p.flag }),
  subscription_update: p.hash({
    default_allowed_updates: p.listOf(p.oneOf('price', 'quantity', 'promotion_code')),
    enabled: p.flag,
    products: p.clearable(p.listOf(p.hash({ prices: p.needed(p.listOf(p.text)), product: p.needed(p.text) }))),
    proration_behavior,
  }),
});
type Wish = ReturnType<typeof featuresShape.read>;

/** What was asked for, over what holds already. */
export function featuresAfter(context: Context, before: Features, wish: Wish): Features {
  const { customer_update, subscription_cancel, subscription_update } = wish;
  if (wish.subscription_pause?.enabled === true)
    throw invalid('This sandbox’s portal does not pause subscriptions.', {
      param: 'features[subscription_pause][enabled]',
    });
  const { products = before.subscription_update.products, ...update } = subscription_update ?? {};
  const features = {
    ...before,
    customer_update: { ...before.customer_update, ...customer_update },
    invoice_history: wish.invoice_history ?? before.invoice_history,
    payment_method_update: { ...before.payment_method_update, ...wish.payment_method_update },
    subscription_cancel: {
      ...before.subscription_cancel,
      ...subscription_cancel,
      cancellation_reason: {
        ...before.subscription_cancel.cancellation_reason,
        ...subscription_cancel?.cancellation_reason,
      },
    },
    subscription_update: {
      ...before.subscription_update,
      ...update,
      products: (products ?? []).map(({ product, prices }) => ({
        adjustable_quantity: { enabled: false, maximum: null, minimum: 1 },
        prices,
        product,
      })),
    },
  };
  refuseIncomplete(context, features);
  return features;
}

function refuseIncomplete(context: Context, { customer_update, subscription_update }: Features): void {
  if (customer_update.enabled && customer_update.allowed_updates.length === 0)
    throw invalid('You must specify `allowed_updates` when `customer_update` is enabled.', {
      code: 'parameter_missing',
      param: 'features[customer_update][allowed_updates]',
    });
  if (!subscription_update.enabled) return;
  const needed = {
    default_allowed_updates: subscription_update.default_allowed_updates,
    products: subscription_update.products ?? [],
  };
  for (const [name, list] of Object.entries(needed))
    if (list.length === 0)
      throw invalid(`You must specify \`${name}\` when \`subscription_update\` is enabled.`, {
        code: 'parameter_missing',
        param: `features[subscription_update][${name}]`,
      });
  for (const [index, { prices, product }] of needed.products.entries()) {
    const param = `features[subscription_update][products][${index}]`;
    find(context, 'product', product, `${param}[product]`);
    for (const price of prices) find(context, 'price', price, `${param}[prices]`);
  }
}

/** Everything off, as of a configuration that asks for nothing. */
export function blankConfiguration(context: Context): Configuration {
  return {
    id: context.ids.next('bpc', 24),
    object: 'billing_portal.configuration',
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created: context.now,
    default_return_url: null,
    features: {
      customer_update: { allowed_updates: [], enabled: false },
      invoice_history: { enabled: false },
      payment_method_update: { enabled: false, payment_method_configuration: null },
      subscription_cancel: {
        cancellation_reason: { enabled: false, feedback_options: null, options: [...REASONS] },
        enabled: false,
        mode: 'at_period_end',
        proration_behavior: 'none',
      },
      subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
      subscription_update: {
        billing_cycle_anchor: null,
        default_allowed_updates: [],
        enabled: false,
        products: [],
        proration_behavior: 'none',
        schedule_at_period_end: { conditions: [] },
        trial_update_behavior: 'end_trial',
      },
    },
    is_default: false,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    updated: context.now,
  };
}

/**
 * At Stripe the default is saved once in the dashboard. The sandbox has none, so it saves what the dashboard proposes when
 * it is first needed: https://docs.stripe.com/customer-management/configure-portal
 */
export function defaultConfiguration(context: Context): Configuration {
  const known = context.store
    .rows('billing_portal_configuration')
    .find(({ value }) => value.is_default && value.active);
  if (known !== undefined) return known.value;
  const blank = blankConfiguration(context);
  const { features } = blank;
  return context.store.put('billing_portal_configuration', {
    ...blank,
    features: {
      ...features,
      customer_update: { allowed_updates: ['email', 'name', 'phone', 'address', 'tax_id'], enabled: true },
      invoice_history: { enabled: true },
      payment_method_update: { ...features.payment_method_update, enabled: true },
      subscription_cancel: {
        ...features.subscription_cancel,
        cancellation_reason: { ...features.subscription_cancel.cancellation_reason, enabled: true },
        enabled: true,
      },
    },
    is_default: true,
  });
}
