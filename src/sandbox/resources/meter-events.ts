import type Stripe from 'stripe';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { DAY } from '../usage/meter.js';
import { activeMeter } from './meters.js';

/** https://docs.stripe.com/api/billing/meter-event/create#create_billing_meter_event-timestamp */
const OLDEST = 35 * DAY;
const NEWEST = 5 * 60;
/** How long a report may still be taken back: https://docs.stripe.com/api/billing/meter-event-adjustment */
const CANCELABLE = DAY;

const payload: p.Kind<Map<string, string>> = {
  read(value, name) {
    const given = p.metadata.read(value, name);
    if (given === null) throw invalid('Invalid object', { param: name });
    return given;
  },
};
const shortText: p.Kind<string> = {
  read(value, name) {
    const given = p.text.read(value, name);
    if (given.length > 100) throw invalid(`Invalid string: ${name} must be at most 100 characters`, { param: name });
    return given;
  },
};

export const meterEvents = [
  route(
    'POST',
    '/v1/billing/meter_events',
    {
      event_name: p.needed(shortText),
      identifier: shortText,
      payload: p.needed(payload),
      timestamp: p.timestamp,
    },
    (context, params): Stripe.Billing.MeterEvent => {
      const { event_name, identifier = context.ids.letters(32) } = params;
      // Stripe tells later, by an event of its own, of what it cannot use; the sandbox refuses it at once:
      // https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api#handle-meter-event-errors
      const meter = activeMeter(context, event_name);
      if (meter === undefined)
        throw invalid(`No active meter has the event name ${event_name}.`, { param: 'event_name' });
      const key = meter.customer_mapping.event_payload_key;
      const customer = find(context, 'customer', params.payload.get(key) ?? '', `payload[${key}]`).id;
      context.enter([customer], true);
      const timestamp = inTime(context.now, params.timestamp);
      // Uniqueness is enforced for at least 24 hours; here for good.
      if (context.store.get('meter_event', identifier) !== undefined)
        throw invalid(`An event already exists with identifier ${identifier}.`, { param: 'identifier' });
      context.store.put('meter_event', {
        id: identifier,
        meter: meter.id,
        customer,
        value: valueOf(meter, params.payload),
        timestamp,
        created: context.now,
        canceled: false,
      });
      return {
        object: 'billing.meter_event',
        created: context.now,
        event_name,
        identifier,
        livemode: false,
        payload: Object.fromEntries(params.payload),
        timestamp,
      };
    },
  ),
  route(
    'POST',
    '/v1/billing/meter_event_adjustments',
    {
      cancel: p.needed(p.hash({ identifier: p.needed(p.text) })),
      event_name: p.needed(p.text),
      type: p.needed(p.oneOf('cancel')),
    },
    (context, { cancel, event_name, type }): Stripe.Billing.MeterEventAdjustment => {
      const usage = context.store.get('meter_event', cancel.identifier);
      const meter = activeMeter(context, event_name);
      if (usage === undefined || usage.meter !== meter?.id || usage.created < context.now - CANCELABLE)
        throw invalid(`No event of the last 24 hours has the identifier ${cancel.identifier}.`, {
          code: 'resource_missing',
          param: 'cancel[identifier]',
        });
      context.store.put('meter_event', { ...usage, canceled: true });
      return {
        object: 'billing.meter_event_adjustment',
        cancel: { identifier: cancel.identifier },
        event_name,
        livemode: false,
        status: 'complete',
        type,
      };
    },
  ),
];

/** By the clock of the customer, which may be a test clock. */
function inTime(now: number, timestamp = now): number {
  if (timestamp < now - OLDEST)
    throw invalid('The timestamp must be within the past 35 calendar days.', { param: 'timestamp' });
  if (timestamp > now + NEWEST)
    throw invalid('The timestamp must be at most 5 minutes in the future.', { param: 'timestamp' });
  return timestamp;
}

/** A count needs no value. */
function valueOf({ default_aggregation, value_settings }: Stripe.Billing.Meter, given: Map<string, string>): number {
  const name = value_settings.event_payload_key;
  const text = given.get(name) ?? (default_aggregation.formula === 'count' ? '1' : '');
  if (!/^-?\d{1,15}(\.\d{1,12})?$/.test(text))
    throw invalid(`The payload needs a number as its ${name}.`, { param: `payload[${name}]` });
  return Number(text);
}
