import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, until } from './support.js';

const world = contract();
const DAY = 86_400;

async function meter(more: Partial<Stripe.Billing.MeterCreateParams> = {}): Promise<Stripe.Billing.Meter> {
  return world.stripe.billing.meters.create({
    display_name: 'Calls',
    event_name: `calls_${randomUUID()}`,
    default_aggregation: { formula: 'sum' },
    ...more,
  });
}

async function use(event_name: string, customer: string, value: number, timestamp: number): Promise<void> {
  await world.stripe.billing.meterEvents.create({
    event_name,
    timestamp,
    payload: { stripe_customer_id: customer, value: String(value) },
  });
}

/** Midnight of the day before the customer was made, and the customer. */
async function yesterday(): Promise<{ customer: string; start: number }> {
  const { id, created } = await world.stripe.customers.create({});
  return { customer: id, start: Math.floor(created / DAY) * DAY - DAY };
}

async function total(id: string, customer: string, start_time: number, end_time: number, expected: number) {
  const { data } = await until(
    () => world.stripe.billing.meters.listEventSummaries(id, { customer, start_time, end_time }),
    (found) => found.data[0]?.aggregated_value === expected,
  );
  return data;
}

describe('a meter', () => {
  test('has its defaults, is renamed, deactivated and reactivated', async () => {
    const made = await meter();
    expect(made).toMatchObject({
      object: 'billing.meter',
      customer_mapping: { event_payload_key: 'stripe_customer_id', type: 'by_id' },
      default_aggregation: { formula: 'sum' },
      event_time_window: null,
      status: 'active',
      status_transitions: { deactivated_at: null },
      value_settings: { event_payload_key: 'value' },
    });
    const { meters } = world.stripe.billing;
    expect(await meters.update(made.id, { display_name: 'API calls' })).toMatchObject({ display_name: 'API calls' });
    expect(await meters.deactivate(made.id)).toMatchObject({
      status: 'inactive',
      status_transitions: { deactivated_at: expect.any(Number) },
    });
    expect((await meters.list({ status: 'inactive', limit: 100 })).data.map(({ id }) => id)).toContain(made.id);
    expect(await meters.reactivate(made.id)).toMatchObject({
      status: 'active',
      status_transitions: { deactivated_at: null },
    });
    const types = ['created', 'updated', 'deactivated', 'reactivated'] as const;
    for (const type of types) expect(await world.events(`billing.meter.${type}`, made.id)).toHaveLength(1);
  });

  test('has its event name for itself', async () => {
    const { event_name } = await meter();
    await expect(meter({ event_name })).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('the summary of a meter', () => {
  test.each([
    ['sum', 42],
    ['count', 3],
    ['last', 30],
  ] as const)('by %s is %i', async (formula, expected) => {
    const { id, event_name } = await meter({ default_aggregation: { formula } });
    const { customer, start } = await yesterday();
    await use(event_name, customer, 5, start + 60);
    await use(event_name, customer, 7, start + 3_600);
    await use(event_name, customer, 30, start + 7_200);
    await use(event_name, (await yesterday()).customer, 1_000, start + 60);
    const data = await total(id, customer, start, start + DAY, expected);
    expect(data).toMatchObject([
      { object: 'billing.meter_event_summary', meter: id, start_time: start, end_time: start + DAY },
    ]);
  });

  test('can be cut by the hour, newest first', async () => {
    const { id, event_name } = await meter();
    const { customer, start } = await yesterday();
    await use(event_name, customer, 2, start + 10);
    await use(event_name, customer, 3, start + 2 * 3_600 + 10);
    await total(id, customer, start, start + 3 * 3_600, 5);
    const { data } = await world.stripe.billing.meters.listEventSummaries(id, {
      customer,
      start_time: start,
      end_time: start + 3 * 3_600,
      value_grouping_window: 'hour',
    });
    const worth = data.filter(({ aggregated_value }) => aggregated_value > 0);
    expect(worth.map(({ start_time, aggregated_value }) => [start_time - start, aggregated_value])).toEqual([
      [7_200, 3],
      [0, 2],
    ]);
  });

  test('of a meter of hours takes the latest report of each hour', async () => {
    const { id, event_name } = await meter({ event_time_window: 'hour' });
    const { customer, start } = await yesterday();
    for (const [value, at] of [
      [5, 60],
      [9, 120],
      [4, 3_700],
    ] as const)
      await use(event_name, customer, value, start + at);
    await total(id, customer, start, start + DAY, 13);
  });
});

describe('a meter event', () => {
  test('is answered as it was sent', async () => {
    const { event_name } = await meter();
    const { customer, start } = await yesterday();
    const identifier = randomUUID();
    const payload = { stripe_customer_id: customer, value: '25' };
    expect(
      await world.stripe.billing.meterEvents.create({ event_name, identifier, payload, timestamp: start }),
    ).toMatchObject({ object: 'billing.meter_event', event_name, identifier, payload, timestamp: start });
  });

  test('counts once by its identifier', async () => {
    const { id, event_name } = await meter();
    const { customer, start } = await yesterday();
    const event = {
      event_name,
      identifier: randomUUID(),
      payload: { stripe_customer_id: customer, value: '10' },
      timestamp: start + 5,
    };
    await world.stripe.billing.meterEvents.create(event);
    // The documentation says that uniqueness is enforced, not how the second one is answered.
    await world.stripe.billing.meterEvents.create(event).catch(() => undefined);
    await use(event_name, customer, 1, start + 6);
    await total(id, customer, start, start + DAY, 11);
  });

  test('can be taken back', async () => {
    const { id, event_name } = await meter();
    const { customer, start } = await yesterday();
    const identifier = randomUUID();
    const payload = { stripe_customer_id: customer, value: '10' };
    await world.stripe.billing.meterEvents.create({ event_name, identifier, payload, timestamp: start });
    await use(event_name, customer, 1, start);
    await total(id, customer, start, start + DAY, 11);
    const adjustment = await world.stripe.billing.meterEventAdjustments.create({
      event_name,
      type: 'cancel',
      cancel: { identifier },
    });
    expect(adjustment).toMatchObject({ object: 'billing.meter_event_adjustment', cancel: { identifier }, event_name });
    await total(id, customer, start, start + DAY, 1);
  });

  test.each([
    ['36 days old', -36 * DAY],
    ['of the future', 3_600],
  ])('%s is refused', async (_when, offset) => {
    const { event_name } = await meter();
    const { id, created } = await world.stripe.customers.create({});
    await expect(use(event_name, id, 1, created + offset)).rejects.toMatchObject({ statusCode: 400 });
  });
});
