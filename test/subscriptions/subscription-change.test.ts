import { describe, expect, test } from '@jest/globals';
import type { Price } from '../../src/catalog/price.entity.js';
import { changeOf, isChangeable } from '../../src/subscriptions/subscription-change.js';
import type { Side } from '../../src/subscriptions/subscription-change.js';

type Interval = 'month' | 'year';

function side(unit_amount: number, recurring_interval: Interval = 'month', quantity = 1): Side {
  const price: Pick<Price, 'id' | 'unit_amount' | 'recurring_interval' | 'recurring_interval_count'> = {
    id: `price_${recurring_interval}_${unit_amount}`,
    unit_amount,
    recurring_interval,
    recurring_interval_count: 1,
  };
  return { price, quantity };
}

const now = { proration_behavior: 'always_invoice', payment_behavior: 'error_if_incomplete' };
const later = { proration_behavior: 'create_prorations' };

describe('a change', () => {
  test.each([
    ['to a dearer plan', 'active', side(900), side(4900), now],
    ['to a cheaper plan', 'active', side(4900), side(900), later],
    ['to more seats', 'active', side(900), side(900, 'month', 2), now],
    ['to fewer seats', 'past_due', side(900, 'month', 3), side(900), later],
    ['to a dearer plan with fewer seats that cost less', 'active', side(900, 'month', 9), side(4900), later],
    ['to a year at a discount: a new period begins', 'active', side(900), side(9000, 'year'), now],
    ['to a month: a new period begins', 'active', side(9000, 'year'), side(900), now],
    ['during the trial', 'trialing', side(900), side(4900), later],
  ])('%s', (_, status, from, to, expected) => {
    expect(changeOf({ id: 'sub_1', status }, 'si_1', from, to)).toEqual({
      id: 'sub_1',
      items: [{ id: 'si_1', price: to.price.id, quantity: to.quantity }],
      ...expected,
    });
  });

  test.each([
    ['trialing', true],
    ['active', true],
    ['past_due', true],
    ['unpaid', false],
    ['paused', false],
    ['incomplete', false],
    ['canceled', false],
    ['incomplete_expired', false],
  ])('of one that is %s: %s', (status, expected) => {
    expect(isChangeable(status)).toBe(expected);
  });
});
