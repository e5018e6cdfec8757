import { describe, expect, test } from '@jest/globals';
import { subscriptionMirror } from '../../src/subscriptions/subscription-from-stripe.js';
import { MONTH, itemFixture, priceFixture, subscriptionFixture } from './fixtures.js';

const start = new Date('2026-01-01T00:00:00Z');
const end = new Date('2026-02-01T00:00:00Z');

describe('a subscription of Stripe', () => {
  test('becomes a row: period and plan stand on its items', () => {
    expect(subscriptionMirror.read(subscriptionFixture())).toEqual({
      id: 'sub_1',
      customer: 'cus_TestAda',
      status: 'active',
      items: [
        {
          id: 'si_1',
          price: 'price_pro_month',
          product: 'gs_pro',
          plan: 'pro',
          quantity: 1,
          current_period_start: start.toISOString(),
          current_period_end: end.toISOString(),
        },
      ],
      plan: 'pro',
      currency: 'eur',
      current_period_start: start,
      current_period_end: end,
      cancel_at_period_end: false,
      cancel_at: null,
      canceled_at: null,
      ended_at: null,
      cancellation_reason: null,
      trial_end: null,
      pause_collection: null,
      latest_invoice: 'in_1',
      default_payment_method: null,
      metadata: {},
      created: start,
    });
  });

  test('of several items: the first with a plan makes the plan, the first to end makes the period', () => {
    const addOn = itemFixture(priceFixture({ id: 'price_addon', metadata: {} }), { id: 'si_addon' });
    const yearly = itemFixture(priceFixture(), { current_period_end: addOn.current_period_end + 11 * MONTH });
    const row = subscriptionMirror.read(subscriptionFixture({}, [addOn, yearly]));
    expect(row.plan).toBe('pro');
    expect(row.items.map(({ plan }) => plan)).toEqual([null, 'pro']);
    expect(row.current_period_end).toEqual(end);
  });

  test('without items still has a period', () => {
    const row = subscriptionMirror.read(subscriptionFixture({}, []));
    expect([row.plan, row.current_period_start, row.current_period_end]).toEqual([null, start, start]);
  });

  test.each([
    ['at the period’s end, in classic billing', { cancel_at_period_end: true, cancel_at: null }, end],
    ['at the period’s end, in flexible billing', { cancel_at_period_end: true, cancel_at: end.getTime() / 1000 }, end],
    [
      'by a date alone, as the portal does in flexible billing',
      { cancel_at_period_end: false, cancel_at: end.getTime() / 1000 },
      end,
    ],
    ['not at all', { cancel_at_period_end: false, cancel_at: null }, null],
  ])('ends %s', (_, over, expected) => {
    expect(subscriptionMirror.read(subscriptionFixture(over)).cancel_at).toEqual(expected);
  });

  test('whose items were cut short is not trusted', () => {
    const subscription = subscriptionFixture();
    expect(subscriptionMirror.truncated?.(subscription)).toBe(false);
    subscription.items.has_more = true;
    expect(subscriptionMirror.truncated?.(subscription)).toBe(true);
  });

  test.each([
    ['incomplete', 0],
    ['trialing', 1],
    ['active', 1],
    ['past_due', 1],
    ['unpaid', 1],
    ['paused', 1],
    ['canceled', 2],
    ['incomplete_expired', 2],
  ] as const)('that is %s is in phase %i', (status, phase) => {
    expect(subscriptionMirror.phase?.(subscriptionMirror.read(subscriptionFixture({ status })))).toBe(phase);
  });
});
