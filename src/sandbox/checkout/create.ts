import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, ParameterError } from '../errors.js';
import { find } from '../find.js';
import type { CheckoutFact } from '../objects.js';
import * as p from '../params.js';
import { blankSetupIntent } from '../payments/setup-intents.js';
import { currencyKind } from '../resources/prices.js';
import { trialSettings } from '../resources/subscription-fields.js';
import { blankSession, EXPIRES_AFTER } from './blank-session.js';
import { discountSession } from './discounts.js';
import { lineItem, makeLineItems } from './items.js';

const DAY = 86_400;
const MINUTE = 60;

/** A place to send people to. `{CHECKOUT_SESSION_ID}` stays in it until then: https://docs.stripe.com/payments/checkout/custom-success-page */
export const link: p.Kind<string> = {
  read(value, name) {
    const given = p.text.read(value, name);
    if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
      throw new ParameterError(
        'Not a valid URL. It must begin with an explicit scheme (such as https).',
        name,
        'url_invalid',
      );
    return given;
  },
};

export const sessionShape = {
  allow_promotion_codes: p.flag,
  billing_address_collection: p.oneOf('auto', 'required'),
  cancel_url: link,
  client_reference_id: p.text,
  currency: currencyKind,
  customer: p.text,
  customer_creation: p.oneOf('always', 'if_required'),
  customer_email: p.text,
  discounts: p.listOf(p.hash({ coupon: p.text, promotion_code: p.text })),
  expires_at: p.timestamp,
  line_items: p.listOf(lineItem),
  locale: p.text,
  metadata: p.metadata,
  mode: p.needed(p.oneOf('payment', 'setup', 'subscription')),
  payment_intent_data: p.hash({
    capture_method: p.oneOf('automatic', 'automatic_async', 'manual'),
    description: p.text,
    metadata: p.metadata,
    receipt_email: p.text,
    setup_future_usage: p.oneOf('off_session', 'on_session'),
    statement_descriptor: p.text,
    statement_descriptor_suffix: p.text,
  }),
  payment_method_collection: p.oneOf('always', 'if_required'),
  setup_intent_data: p.hash({ description: p.text, metadata: p.metadata }),
  submit_type: p.oneOf('auto', 'book', 'donate', 'pay', 'subscribe'),
  subscription_data: p.hash({
    description: p.text,
    metadata: p.metadata,
    trial_end: p.timestamp,
    trial_period_days: p.atLeast(1),
    trial_settings: trialSettings,
  }),
  success_url: link,
  ui_mode: p.oneOf('hosted_page'),
};
type Params = p.Values<typeof sessionShape>;

/** https://docs.stripe.com/api/checkout/sessions/create */
export function makeSession(context: Context, params: Params): Stripe.Checkout.Session {
  refuseWrongMode(params);
  if (params.customer !== undefined) find(context, 'customer', params.customer, 'customer');
  const blank = blankSession(context, params.mode);
  const fact = context.store.put('checkout_fact', factOf(context, blank.id, params));
  if (params.mode !== 'setup') refuseWrongItems(fact.items, params.mode);
  const { expires_at = context.now + EXPIRES_AFTER } = params;
  if (expires_at < context.now + 30 * MINUTE || expires_at > context.now + EXPIRES_AFTER)
    throw invalid(
      'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.',
      {
        param: 'expires_at',
      },
    );
  const total = fact.trial_end === null ? sum(fact.items) : sum(fact.items.filter(({ price }) => !price?.recurring));
  const session = context.store.put('checkout_session', {
    ...blank,
    ...(params.mode !== 'setup' && { amount_subtotal: total, amount_total: total }),
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    currency: fact.items[0]?.currency ?? params.currency ?? null,
    customer: params.customer ?? null,
    customer_creation: creationOf(params),
    customer_details: knownDetails(context, params),
    customer_email: params.customer_email ?? null,
    expires_at,
    invoice_creation: params.mode === 'payment' ? NO_INVOICE : null,
    locale: params.locale ?? null,
    metadata: p.mergeMetadata({}, params.metadata),
    payment_method_collection: params.payment_method_collection ?? blank.payment_method_collection,
    setup_intent: params.mode === 'setup' ? makeSetupIntent(context, params, fact) : null,
    submit_type: params.submit_type ?? null,
    success_url: params.success_url ?? null,
  });
  context.schedule.set('checkout.expire', session.id, expires_at);
  const [discount] = params.discounts ?? [];
  return discount === undefined ? session : discountSession(context, session, discount, 'discounts[0]');
}

/** Each mode has parameters that the others refuse. */
function refuseWrongMode(params: Params): void {
  const { mode, line_items = [] } = params;
  const belongs: [keyof Params, readonly string[]][] = [
    ['payment_intent_data', ['payment']],
    ['setup_intent_data', ['setup']],
    ['subscription_data', ['subscription']],
    ['payment_method_collection', ['subscription']],
    ['customer_creation', ['payment', 'setup']],
    ['submit_type', ['payment', 'subscription']],
    ['line_items', ['payment', 'subscription']],
    ['discounts', ['payment', 'subscription']],
    ['allow_promotion_codes', ['payment', 'subscription']],
  ];
  for (const [param, modes] of belongs)
    if (params[param] !== undefined && !modes.includes(mode))
      throw invalid(`You can not pass \`${param}\` in \`${mode}\` mode.`, { param });
  if (mode !== 'setup' && line_items.length === 0)
    throw invalid('Missing required param: line_items.', { code: 'parameter_missing', param: 'line_items' });
  if (mode === 'setup' && params.currency === undefined)
    throw invalid('Missing required param: currency. It is required in `setup` mode with dynamic payment methods.', {
      code: 'parameter_missing',
      param: 'currency',
    });
  if (params.success_url === undefined)
    throw invalid('Missing required param: success_url.', { code: 'parameter_missing', param: 'success_url' });
  refuseDiscounts(params);
  if (params.customer !== undefined && params.customer_email !== undefined)
    throw invalid('You may only specify one of these parameters: customer, customer_email.', {
      param: 'customer_email',
    });
}

/** https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-discounts: only up to one, and no codes beside it */
function refuseDiscounts({ allow_promotion_codes, discounts = [] }: Params): void {
  if (discounts.length > 1) throw invalid('You may only specify up to one discount.', { param: 'discounts' });
  if (discounts.length > 0 && allow_promotion_codes !== undefined)
    throw invalid('You may only specify one of these parameters: allow_promotion_codes, discounts.', {
      param: 'discounts',
    });
}

function refuseWrongItems(items: Stripe.LineItem[], mode: Params['mode']): void {
  const recurring = items.some((item) => item.price?.recurring);
  if (mode === 'payment' && recurring)
    throw invalid(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      { param: 'line_items' },
    );
  if (mode === 'subscription' && !recurring)
    throw invalid('You must provide at least one recurring price in `subscription` mode when using prices.', {
      param: 'line_items',
    });
}

function factOf(context: Context, id: string, params: Params): CheckoutFact {
  const { payment_intent_data = {}, setup_intent_data = {}, subscription_data = {} } = params;
  const { trial_end, trial_period_days, trial_settings, ...noted } = subscription_data;
  if (trial_end !== undefined && trial_end < context.now + 2 * DAY)
    throw invalid('The `trial_end` date has to be at least 2 days in the future.', {
      param: 'subscription_data[trial_end]',
    });
  return {
    id,
    items: makeLineItems(context, params.line_items ?? []),
    payment_intent_data: withMetadata(payment_intent_data),
    setup_intent_data: withMetadata(setup_intent_data),
    subscription_data: {
      ...withMetadata(noted),
      ...(trial_settings !== undefined && {
        trial_settings: { end_behavior: { billing_cycle_anchor: null, ...trial_settings.end_behavior } },
      }),
    },
    trial_end: trial_period_days === undefined ? (trial_end ?? null) : context.now + trial_period_days * DAY,
    pending_subscription: null,
  };
}

function withMetadata<T extends { metadata?: Map<string, string> | null }>({ metadata, ...rest }: T) {
  return { ...rest, metadata: p.mergeMetadata({}, metadata) };
}

function creationOf({ mode, customer, customer_creation }: Params): 'always' | 'if_required' | null {
  if (customer !== undefined) return null;
  return mode === 'subscription' ? 'always' : (customer_creation ?? 'if_required');
}

function knownDetails(
  context: Context,
  { customer, customer_email }: Params,
): Stripe.Checkout.Session.CustomerDetails | null {
  const known = customer === undefined ? undefined : context.store.get('customer', customer);
  const email = known?.email ?? customer_email ?? null;
  if (email === null) return null;
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: known === undefined ? null : 'none',
    tax_ids: null,
  };
}

function makeSetupIntent(context: Context, { customer }: Params, { setup_intent_data }: CheckoutFact): string {
  const intent = context.store.put('setup_intent', {
    ...blankSetupIntent(context),
    customer: customer ?? null,
    ...setup_intent_data,
  });
  context.emit('setup_intent.created', intent);
  return intent.id;
}

function sum(items: Stripe.LineItem[]): number {
  return items.reduce((total, item) => total + item.amount_total, 0);
}

const NO_INVOICE: Stripe.Checkout.Session.InvoiceCreation = {
  enabled: false,
  invoice_data: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
    metadata: {},
    rendering_options: null,
  },
};
