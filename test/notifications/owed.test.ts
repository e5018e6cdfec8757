import { describe, expect, test } from '@jest/globals';
import { accessEnd, whyNotOwed } from '../../src/notifications/owed.js';

const at = (text: string) => new Date(`2027-03-${text}Z`);
const invoice = (status: string, attempt_count = 1) => ({ status, attempt_count, as_of_max: at('03T12:00:00') });
const subscription = (status: string, as_of = at('03T12:00:00')) => ({ status, as_of });

const policies = (unpaid: 'allow' | 'deny', grace_days = 7) => ({
  access: {
    trialing: 'allow',
    active: 'allow',
    past_due: { grace_days },
    unpaid,
    paused: 'deny',
    canceled: 'deny',
    incomplete: 'deny',
    incomplete_expired: 'deny',
  } as const,
});

describe('whyNotOwed', () => {
  test.each(['past_due', 'unpaid'])('an open invoice of a subscription that is %s is owed', (status) => {
    expect(whyNotOwed(invoice('open'), subscription(status))).toBeNull();
  });

  test.each(['paid', 'void', 'uncollectible', 'draft'])('an invoice that is %s is not', (status) => {
    expect(whyNotOwed(invoice(status), subscription('past_due'))).toBe(`The invoice is ${status}.`);
  });

  test('a subscription that recovered ends it, one whose event has not come yet does not', () => {
    expect(whyNotOwed(invoice('open'), subscription('active', at('03T12:00:01')))).toBe('The subscription is active.');
    expect(whyNotOwed(invoice('open'), subscription('active', at('03T12:00:00')))).toBeNull();
    expect(whyNotOwed(invoice('open'), subscription('trialing', at('03T11:00:00')))).toBeNull();
    expect(whyNotOwed(invoice('open', 0), subscription('active'))).toBe('The subscription is active.');
  });

  test.each(['canceled', 'incomplete_expired', 'paused'])('a subscription that is %s ends it at any time', (status) => {
    expect(whyNotOwed(invoice('open'), subscription(status, at('01T00:00:00')))).toBe(`The subscription is ${status}.`);
  });

  test('the first payment is not dunned', () => {
    expect(whyNotOwed(invoice('open'), subscription('incomplete'))).toContain('first payment');
  });

  test('an invoice without a subscription is owed while it is open', () => {
    expect(whyNotOwed(invoice('open'), null)).toBeNull();
  });
});

describe('accessEnd', () => {
  const finalized = at('03T12:00:00');

  test.each([
    ['03T12:00:00', { until: at('10T12:00:00'), days: 7 }],
    ['03T23:59:59', { until: at('10T12:00:00'), days: 7 }],
    ['09T00:00:00', { until: at('10T12:00:00'), days: 1 }],
    ['10T11:59:59', { until: at('10T12:00:00'), days: 0 }],
    ['10T12:00:00', 'over'],
  ])('at %s', (now, end) => {
    expect(accessEnd(finalized, 'past_due', policies('deny'), at(now))).toEqual(end);
  });

  test('without grace it is over at once', () => {
    expect(accessEnd(finalized, 'past_due', policies('deny', 0), finalized)).toBe('over');
  });

  test('what is unpaid follows its own policy', () => {
    expect(accessEnd(finalized, 'unpaid', policies('deny'), finalized)).toBe('over');
    expect(accessEnd(finalized, 'unpaid', policies('allow'), finalized)).toBeNull();
  });

  test('no subscription, no access to lose', () => {
    expect(accessEnd(finalized, null, policies('deny'), finalized)).toBeNull();
  });
});
