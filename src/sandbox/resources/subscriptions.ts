import type Stripe from 'stripe';
import { createSubscription } from '../billing/create.js';
import { undiscount } from '../billing/discount-subscription.js';
import { pauseNow } from '../billing/pause.js';
import { resume } from '../billing/resume.js';
import { updateSubscription } from '../billing/subscriptions.js';
import { cancelNow, modifySubscription } from '../billing/modify.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { addedItems } from './added-items.js';
import { currencyKind } from './prices.js';
import { priceOf } from './price-data.js';
import { cancelAt, cancellation, changeFields, itemFields, proration, sharedFields } from './subscription-fields.js';
import { pauseFields, pausingOf } from './subscription-pause.js';
import { itemChanges } from './item-changes.js';
import { billingMode, fieldsOf, modeOf } from './subscription-values.js';
import { taxRatesOf } from './tax-rates.js';

const DAY = 86_400;
const STATUSES = [
  'active',
  'past_due',
  'unpaid',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'trialing',
  'paused',
  'ended',
  'all',
] as const;

const createShape = {
  ...sharedFields,
  backdate_start_date: p.timestamp,
  billing_cycle_anchor: p.timestamp,
  billing_cycle_anchor_config: p.hash({
    day_of_month: p.needed(p.atLeast(1)),
    month: p.atLeast(1),
    hour: p.atLeast(0),
    minute: p.atLeast(0),
    second: p.atLeast(0),
  }),
  billing_mode: billingMode,
  cancel_at: cancelAt,
  currency: currencyKind,
  customer: p.needed(p.text),
  items: p.needed(p.listOf(p.hash(itemFields))),
  payment_behavior: p.oneOf('allow_incomplete', 'default_incomplete', 'error_if_incomplete'),
  trial_period_days: p.atLeast(1),
};

export const subscriptions = [
  route('POST', '/v1/subscriptions', createShape, (context, params) => {
    if (params.items.length === 0)
      throw invalid('Missing required param: items.', { code: 'parameter_missing', param: 'items' });
    return createSubscription(context, {
      customer: params.customer,
      items: params.items.map(({ metadata, price, price_data, tax_rates, ...item }, index) => ({
        ...item,
        price: priceOf(context, { price, price_data }, `items[${index}]`),
        metadata: p.mergeMetadata({}, metadata),
        tax_rates: taxRatesOf(context, tax_rates ?? [], `items[${index}][tax_rates]`),
      })),
      currency: params.currency,
      discounts: params.discounts ?? [],
      payment_behavior: params.payment_behavior ?? 'allow_incomplete',
      proration_behavior: params.proration_behavior ?? 'create_prorations',
      offSession: params.off_session ?? false,
      trial_end: trialEnd(context, params),
      backdate_start_date: params.backdate_start_date,
      billing_cycle_anchor: params.billing_cycle_anchor,
      anchorConfig: params.billing_cycle_anchor_config,
      add_invoice_items: addedItems(context, params.add_invoice_items),
      fields: {
        ...fieldsOf(context, undefined, params),
        ...(params.billing_mode && { billing_mode: modeOf(params.billing_mode) }),
      },
      end: { cancel_at: params.cancel_at, cancel_at_period_end: params.cancel_at_period_end },
    });
  }),
  route(
    'GET',
    '/v1/subscriptions',
    {
      ...pagingByTime,
      collection_method: p.oneOf('charge_automatically', 'send_invoice'),
      current_period_end: p.range,
      current_period_start: p.range,
      customer: p.text,
      price: p.text,
      status: p.oneOf(...STATUSES),
      test_clock: p.text,
    },
    (
      context,
      {
        created,
        collection_method,
        current_period_end,
        current_period_start,
        customer,
        price,
        status,
        test_clock,
        ...page
      },
    ) =>
      list(context, 'subscription', page, {
        url: '/v1/subscriptions',
        ...(test_clock !== undefined && { by: ['test_clock', test_clock] }),
        ...(price !== undefined && { by: ['price', price] }),
        ...(customer !== undefined && { by: ['customer', customer] }),
        where: (subscription) =>
          hasStatus(subscription, status) &&
          isOfClock(subscription, test_clock, customer) &&
          p.inRange(subscription.created, created) &&
          (collection_method === undefined || subscription.collection_method === collection_method) &&
          (customer === undefined || idOf(subscription.customer) === customer) &&
          subscription.items.data.some(
            (item) =>
              (price === undefined || item.price.id === price) &&
              p.inRange(item.current_period_end, current_period_end) &&
              p.inRange(item.current_period_start, current_period_start),
          ),
      }),
  ),
  route('GET', '/v1/subscriptions/:id', {}, (context, _params, id) => find(context, 'subscription', id)),
  route('POST', '/v1/subscriptions/:id', { ...sharedFields, ...changeFields }, (context, params, id) =>
    modifySubscription(context, live(context, id), {
      ...params,
      items: itemChanges(context, params.items),
      fields: fieldsOf(context, find(context, 'subscription', id), params),
      add_invoice_items: addedItems(context, params.add_invoice_items),
    }),
  ),
  route(
    'DELETE',
    '/v1/subscriptions/:id',
    { cancellation_details: cancellation, invoice_now: p.flag, prorate: p.flag },
    (context, params, id) => cancelNow(context, live(context, id), params),
  ),
  route('DELETE', '/v1/subscriptions/:id/discount', {}, (context, _params, id) =>
    undiscount(context, live(context, id)),
  ),
  route(
    'POST',
    '/v1/subscriptions/:id/migrate',
    { billing_mode: p.needed(p.hash({ type: p.needed(p.oneOf('flexible')) })) },
    (context, _params, id) => {
      const before = live(context, id);
      // There is no way back: https://docs.stripe.com/billing/subscriptions/billing-mode
      if (before.billing_mode.type === 'flexible')
        throw invalid('This subscription is in flexible billing mode already.', { param: 'billing_mode[type]' });
      return updateSubscription(context, before, {
        billing_mode: { type: 'flexible', flexible: { proration_discounts: 'included' }, updated_at: context.now },
      });
    },
  ),
  route('POST', '/v1/subscriptions/:id/pause', pauseFields, (context, params, id) =>
    pauseNow(context, find(context, 'subscription', id), pausingOf(params)),
  ),
  route(
    'POST',
    '/v1/subscriptions/:id/resume',
    {
      ...proration,
      billing_cycle_anchor: p.hash({ type: p.needed(p.oneOf('now', 'unchanged')) }),
      payment_behavior: p.oneOf('resume_on_payment_attempt', 'resume_on_payment_success'),
    },
    (context, { billing_cycle_anchor, payment_behavior, proration_behavior, proration_date }, id) =>
      resume(context, find(context, 'subscription', id), {
        anchor: billing_cycle_anchor?.type ?? 'now',
        payment_behavior: payment_behavior ?? 'resume_on_payment_attempt',
        prorates: proration_behavior !== 'none',
        proration_date,
      }),
  ),
];

/** `now`: without a trial: https://docs.stripe.com/api/subscriptions/create#create_subscription-trial_end */
function trialEnd(
  { now }: Context,
  { trial_end, trial_period_days }: { trial_end?: number | 'now'; trial_period_days?: number },
): number | undefined {
  if (trial_end !== undefined && trial_period_days !== undefined)
    throw invalid('You may only specify one of these parameters: trial_end, trial_period_days.', {
      param: 'trial_period_days',
    });
  if (trial_end === 'now') return undefined;
  return trial_period_days === undefined ? trial_end : now + trial_period_days * DAY;
}

/** Those of a test clock are listed by it or by their customer: https://docs.stripe.com/api/subscriptions/list#list_subscriptions-test_clock */
function isOfClock(
  { test_clock }: Stripe.Subscription,
  asked: string | undefined,
  customer: string | undefined,
): boolean {
  const clock = idOf(test_clock);
  return asked === undefined ? clock === null || customer !== undefined : clock === asked;
}

/** Without a status all but canceled ones are listed: https://docs.stripe.com/api/subscriptions/list#list_subscriptions-status */
function hasStatus({ status }: Stripe.Subscription, asked: (typeof STATUSES)[number] | undefined): boolean {
  if (asked === 'all') return true;
  if (asked === undefined) return status !== 'canceled';
  return asked === 'ended' ? ['canceled', 'incomplete_expired'].includes(status) : status === asked;
}

/** https://docs.stripe.com/billing/subscriptions/cancel: of an ended subscription only its metadata can change */
function live(context: Context, id: string): Stripe.Subscription {
  const subscription = find(context, 'subscription', id);
  if (!['canceled', 'incomplete_expired'].includes(subscription.status)) return subscription;
  throw invalid('A canceled subscription can only update its cancellation_details and metadata.', {
    code: 'invalid_canceled_subscription_fields',
  });
}
