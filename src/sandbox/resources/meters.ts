import type Stripe from 'stripe';
import { buckets } from '../calc/usage.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { answer, list, paging } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { DAY, HOUR, usedOf } from '../usage/meter.js';

const key = p.hash({ event_payload_key: p.needed(p.text) });

/** https://docs.stripe.com/api/billing/meter */
export const meters = [
  route(
    'POST',
    '/v1/billing/meters',
    {
      customer_mapping: p.hash({ event_payload_key: p.needed(p.text), type: p.needed(p.oneOf('by_id')) }),
      default_aggregation: p.needed(p.hash({ formula: p.needed(p.oneOf('count', 'last', 'sum')) })),
      display_name: p.needed(p.text),
      event_name: p.needed(p.text),
      event_time_window: p.oneOf('day', 'hour'),
      value_settings: key,
    },
    (context, { customer_mapping, event_time_window, value_settings, ...given }) => {
      // One event name, one meter: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage#event-name
      if (activeMeter(context, given.event_name) !== undefined)
        throw invalid(`There is already an active meter with the event name ${given.event_name}.`, {
          code: 'resource_already_exists',
          param: 'event_name',
        });
      const meter = context.store.put('meter', {
        id: context.ids.next('mtr_test', 32),
        object: 'billing.meter',
        created: context.now,
        customer_mapping: customer_mapping ?? { event_payload_key: 'stripe_customer_id', type: 'by_id' },
        event_time_window: event_time_window ?? null,
        livemode: false,
        status: 'active',
        status_transitions: { deactivated_at: null },
        updated: context.now,
        value_settings: value_settings ?? { event_payload_key: 'value' },
        ...given,
      });
      context.emit('billing.meter.created', meter);
      return meter;
    },
  ),
  route(
    'GET',
    '/v1/billing/meters',
    { ...paging, status: p.oneOf('active', 'inactive') },
    (context, { status, ...page }) =>
      list(context, 'meter', page, {
        url: '/v1/billing/meters',
        where: (meter) => status === undefined || meter.status === status,
      }),
  ),
  route('GET', '/v1/billing/meters/:id', {}, (context, _params, id) => find(context, 'meter', id)),
  route('POST', '/v1/billing/meters/:id', { display_name: p.text }, (context, { display_name }, id) => {
    const before = find(context, 'meter', id);
    return change(context, before, 'billing.meter.updated', { display_name: display_name ?? before.display_name });
  }),
  route('POST', '/v1/billing/meters/:id/deactivate', {}, (context, _params, id) => {
    const before = find(context, 'meter', id);
    if (before.status === 'inactive') throw invalid('This meter is already inactive.');
    const status_transitions = { deactivated_at: context.now };
    return change(context, before, 'billing.meter.deactivated', { status: 'inactive', status_transitions });
  }),
  route('POST', '/v1/billing/meters/:id/reactivate', {}, (context, _params, id) => {
    const before = find(context, 'meter', id);
    if (before.status === 'active') throw invalid('This meter is already active.');
    const status_transitions = { deactivated_at: null };
    return change(context, before, 'billing.meter.reactivated', { status: 'active', status_transitions });
  }),
  route(
    'GET',
    '/v1/billing/meters/:id/event_summaries',
    {
      ...paging,
      customer: p.needed(p.text),
      end_time: p.needed(p.timestamp),
      start_time: p.needed(p.timestamp),
      value_grouping_window: p.oneOf('day', 'hour'),
    },
    (context, { customer, end_time, limit = 10, start_time, starting_after, value_grouping_window }, id) => {
      const meter = find(context, 'meter', id);
      find(context, 'customer', customer, 'customer');
      refuseUnaligned({ start_time, end_time }, value_grouping_window);
      const length =
        value_grouping_window === undefined ? end_time - start_time : value_grouping_window === 'day' ? DAY : HOUR;
      const all = buckets({ start: start_time, end: end_time }, length).map(
        (window): Stripe.Billing.MeterEventSummary => ({
          id: `mtrsum_test_${meter.id.slice(9)}_${customer}_${window.start}_${window.end}`,
          object: 'billing.meter_event_summary',
          aggregated_value: usedOf(context, meter, customer, window),
          end_time: window.end,
          livemode: false,
          meter: meter.id,
          start_time: window.start,
        }),
      );
      const from = starting_after === undefined ? 0 : all.findIndex((summary) => summary.id === starting_after) + 1;
      return answer(
        all.slice(from, from + limit),
        all.length > from + limit,
        `/v1/billing/meters/${id}/event_summaries`,
      );
    },
  ),
];

export function activeMeter(context: Context, eventName: string): Stripe.Billing.Meter | undefined {
  return context.store.by('meter', 'event_name', eventName).find(({ status }) => status === 'active');
}

/** On minutes, or on the borders of the window: https://docs.stripe.com/api/billing/meter-event-summary/list */
function refuseUnaligned(times: { start_time: number; end_time: number }, window: 'day' | 'hour' | undefined): void {
  const length = window === undefined ? 60 : window === 'day' ? DAY : HOUR;
  const unit = window ?? 'minute';
  for (const [param, at] of Object.entries(times))
    if (at % length !== 0) throw invalid(`\`${param}\` must be aligned with ${unit} boundaries (UTC).`, { param });
  if (times.start_time >= times.end_time)
    throw invalid('`start_time` must be before `end_time`.', { param: 'start_time' });
}

type Told = 'billing.meter.updated' | 'billing.meter.deactivated' | 'billing.meter.reactivated';
function change(
  context: Context,
  before: Stripe.Billing.Meter,
  told: Told,
  to: Partial<Stripe.Billing.Meter>,
): Stripe.Billing.Meter {
  const after = context.store.put('meter', { ...before, ...to, updated: context.now });
  context.emit(told, after, before);
  return after;
}
