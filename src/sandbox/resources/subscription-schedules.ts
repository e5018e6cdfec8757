import type Stripe from 'stripe';
import {
  cancelSchedule,
  createSchedule,
  releaseSchedule,
  scheduleFrom,
  updateSchedule,
  type PhaseDraft,
} from '../billing/schedules.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { currencyKind } from './prices.js';
import { discounts } from './discount-kind.js';
import { proration } from './subscription-fields.js';
import { taxRatesOf } from './tax-rates.js';

const PATH = '/v1/subscription_schedules';
const moment = p.either(p.timestamp, p.oneOf('now'));
const phase = p.hash({
  billing_cycle_anchor: p.oneOf('automatic', 'phase_start'),
  collection_method: p.oneOf('charge_automatically', 'send_invoice'),
  currency: currencyKind,
  default_payment_method: p.text,
  default_tax_rates: p.listOf(p.text),
  description: p.note,
  discounts,
  duration: p.hash({ interval: p.needed(p.oneOf('day', 'week', 'month', 'year')), interval_count: p.atLeast(1) }),
  end_date: moment,
  items: p.needed(
    p.listOf(
      p.hash({
        discounts,
        metadata: p.metadata,
        price: p.needed(p.text),
        quantity: p.atLeast(0),
        tax_rates: p.listOf(p.text),
      }),
    ),
  ),
  metadata: p.metadata,
  proration_behavior: proration.proration_behavior,
  start_date: moment,
  trial: p.flag,
  trial_end: moment,
});
const fields = {
  end_behavior: p.oneOf('cancel', 'release'),
  metadata: p.metadata,
  phases: p.listOf(phase),
};

/** https://docs.stripe.com/api/subscription_schedules */
export const subscriptionSchedules = [
  route(
    'POST',
    PATH,
    {
      ...fields,
      billing_mode: p.hash({ type: p.needed(p.oneOf('classic', 'flexible')) }),
      customer: p.text,
      from_subscription: p.text,
      start_date: moment,
    },
    (context, { billing_mode, customer, end_behavior, from_subscription, metadata, phases, start_date }) => {
      if (from_subscription !== undefined) {
        if (phases !== undefined || customer !== undefined)
          throw invalid('You cannot set `phases` or `customer` with `from_subscription`.', {
            param: phases === undefined ? 'customer' : 'phases',
          });
        return scheduleFrom(context, from_subscription, p.mergeMetadata({}, metadata));
      }
      if (customer === undefined) throw needed('customer');
      if (phases === undefined || phases.length === 0) throw needed('phases');
      return createSchedule(context, {
        customer,
        start: start_date === undefined || start_date === 'now' ? context.now : start_date,
        phases: phases.map((one, index) => phaseOf(context, one, `phases[${index}]`)),
        end_behavior: end_behavior ?? 'release',
        metadata: p.mergeMetadata({}, metadata),
        billing_mode:
          billing_mode?.type === 'classic'
            ? { type: 'classic', flexible: null }
            : { type: 'flexible', flexible: { proration_discounts: 'included' } },
      });
    },
  ),
  route(
    'GET',
    PATH,
    {
      ...pagingByTime,
      customer: p.text,
      scheduled: p.flag,
      canceled_at: p.range,
      completed_at: p.range,
      released_at: p.range,
    },
    (context, { canceled_at, completed_at, created, customer, released_at, scheduled, ...page }) =>
      list(context, 'subscription_schedule', page, {
        url: PATH,
        ...(customer !== undefined && { by: ['customer', customer] }),
        where: (schedule) =>
          p.inRange(schedule.created, created) &&
          happened(schedule.canceled_at, canceled_at) &&
          happened(schedule.completed_at, completed_at) &&
          happened(schedule.released_at, released_at) &&
          (scheduled === undefined || (schedule.status === 'not_started') === scheduled),
      }),
  ),
  route('GET', `${PATH}/:id`, {}, (context, _params, id) => find(context, 'subscription_schedule', id)),
  route(
    'POST',
    `${PATH}/:id`,
    { ...fields, proration_behavior: proration.proration_behavior },
    (context, { end_behavior, metadata, phases }, id) => {
      const before = find(context, 'subscription_schedule', id);
      return updateSchedule(context, before, {
        phases: phases?.map((one, index) => phaseOf(context, one, `phases[${index}]`)),
        end_behavior: end_behavior ?? before.end_behavior,
        metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
      });
    },
  ),
  route('POST', `${PATH}/:id/cancel`, { invoice_now: p.flag, prorate: p.flag }, (context, params, id) =>
    cancelSchedule(context, find(context, 'subscription_schedule', id), params),
  ),
  route('POST', `${PATH}/:id/release`, {}, (context, _params, id) =>
    releaseSchedule(context, find(context, 'subscription_schedule', id)),
  ),
];

function phaseOf(context: Context, given: ReturnType<typeof phase.read>, param: string): PhaseDraft {
  const at = (value: number | 'now' | undefined) => (value === 'now' ? context.now : value);
  const prices = given.items.map(({ price }, index) =>
    find(context, 'price', price, `${param}[items][${index}][price]`),
  );
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: given.billing_cycle_anchor ?? null,
    billing_thresholds: null,
    collection_method: given.collection_method ?? null,
    currency: given.currency ?? prices[0]?.currency ?? 'usd',
    default_payment_method: given.default_payment_method ?? null,
    default_tax_rates: taxRatesOf(context, given.default_tax_rates ?? [], `${param}[default_tax_rates]`),
    description: given.description ?? null,
    discounts: (given.discounts ?? []).map(shownDiscount),
    invoice_settings: null,
    items: given.items.map((item, index) => ({
      billing_thresholds: null,
      discounts: (item.discounts ?? []).map(shownDiscount),
      metadata: p.mergeMetadata({}, item.metadata),
      plan: item.price,
      price: item.price,
      quantity: item.quantity ?? 1,
      tax_rates: taxRatesOf(context, item.tax_rates ?? [], `${param}[items][${index}][tax_rates]`),
    })),
    metadata: p.mergeMetadata({}, given.metadata),
    on_behalf_of: null,
    proration_behavior: given.proration_behavior ?? 'create_prorations',
    transfer_data: null,
    trial_end: at(given.trial_end) ?? null,
    ...(given.trial !== undefined && { trial: given.trial }),
    duration: given.duration,
    end_date: at(given.end_date),
    start_date: at(given.start_date),
  };
}

function shownDiscount(given: {
  coupon?: string;
  discount?: string;
  promotion_code?: string;
}): Stripe.SubscriptionSchedule.Phase.Discount {
  return {
    coupon: given.coupon ?? null,
    discount: given.discount ?? null,
    promotion_code: given.promotion_code ?? null,
  };
}

function happened(at: number | null, range: p.Range | undefined): boolean {
  return range === undefined || (at !== null && p.inRange(at, range));
}

function needed(param: string) {
  return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}
