import { describe, expect, test } from '@jest/globals';
import { deriveAccess } from '../../src/access/derive-access.js';
import type { PoliciesFile } from '../../src/access/policies-file.js';
import type { SubscriptionFacts } from '../../src/access/verdict.js';
import { at, catalog, openInvoice, policies, subscription } from './facts.js';

function derive(subscriptions: SubscriptionFacts[], now = '2027-03-05', access: Partial<PoliciesFile['access']> = {}) {
  return deriveAccess({ subscriptions, catalog, policies: policies(access), now: at(now) });
}

const pastDue = subscription({ status: 'past_due', open_invoices: [openInvoice()] });

interface Case {
  facts: Partial<SubscriptionFacts>;
  now?: string;
  access?: Partial<PoliciesFile['access']>;
  rule: string;
  allowed: boolean;
  text: string;
  until: string | null;
  standing: string;
  next: string | null;
}

const cases: Record<string, Case> = {
  'a paid subscription': {
    facts: {},
    rule: 'paid',
    allowed: true,
    text: 'Paid until 3 April 2027.',
    until: '2027-04-03',
    standing: 'good',
    next: null,
  },
  'a paid period that is over while its renewal is on the way': {
    facts: {},
    now: '2027-04-04',
    rule: 'paid',
    allowed: true,
    text: 'Paid until 3 April 2027.',
    until: '2027-04-03',
    standing: 'good',
    next: null,
  },
  'a trial': {
    facts: { status: 'trialing', trial_end: at('2027-03-17') },
    rule: 'trial',
    allowed: true,
    text: 'In trial until 17 March 2027.',
    until: '2027-03-17',
    standing: 'good',
    next: null,
  },
  'a trial, where the policy denies': {
    facts: { status: 'trialing', trial_end: at('2027-03-17') },
    access: { trialing: 'deny' },
    rule: 'trial',
    allowed: false,
    text: 'In trial until 17 March 2027; the policy gives no access before it ends.',
    until: '2027-03-17',
    standing: 'bad',
    next: null,
  },
  'a failed payment within grace': {
    facts: pastDue,
    rule: 'grace',
    allowed: true,
    text: 'Payment of 49.00 EUR failed on 3 March 2027; access stays until 10 March 2027 while it is retried.',
    until: '2027-03-10T01:00:00Z',
    standing: 'at_risk',
    next: '2027-03-10T01:00:00Z',
  },
  'a failed payment that is not retried': {
    facts: { ...pastDue, open_invoices: [openInvoice({ next_payment_attempt: null })] },
    rule: 'grace',
    allowed: true,
    text: 'Payment of 49.00 EUR failed on 3 March 2027; access ends on 10 March 2027 unless it is paid before.',
    until: '2027-03-10T01:00:00Z',
    standing: 'at_risk',
    next: '2027-03-10T01:00:00Z',
  },
  'the last moment of grace': {
    facts: pastDue,
    now: '2027-03-10T00:59:59.999Z',
    rule: 'grace',
    allowed: true,
    text: 'Payment of 49.00 EUR failed on 3 March 2027; access stays until 10 March 2027 while it is retried.',
    until: '2027-03-10T01:00:00Z',
    standing: 'at_risk',
    next: '2027-03-10T01:00:00Z',
  },
  'the end of grace': {
    facts: pastDue,
    now: '2027-03-10T01:00:00Z',
    rule: 'grace_ended',
    allowed: false,
    text: 'Payment of 49.00 EUR failed on 3 March 2027; access ended on 10 March 2027.',
    until: null,
    standing: 'bad',
    next: null,
  },
  'no grace at all': {
    facts: pastDue,
    access: { past_due: { grace_days: 0 } },
    rule: 'grace_ended',
    allowed: false,
    text: 'Payment of 49.00 EUR failed on 3 March 2027; access ended on 3 March 2027.',
    until: null,
    standing: 'bad',
    next: null,
  },
  'two unpaid invoices: the older one counts': {
    facts: { ...pastDue, open_invoices: [openInvoice({ id: 'in_2', finalized_at: at('2027-04-03') }), openInvoice()] },
    now: '2027-04-04',
    rule: 'grace_ended',
    allowed: false,
    text: 'Payment of 49.00 EUR failed on 3 March 2027; access ended on 10 March 2027.',
    until: null,
    standing: 'bad',
    next: null,
  },
  'past due before its invoice is known': {
    facts: { status: 'past_due' },
    rule: 'grace',
    allowed: true,
    text: 'Payment failed on 3 March 2027; access ends on 10 March 2027 unless it is paid before.',
    until: '2027-03-10',
    standing: 'at_risk',
    next: '2027-03-10',
  },
  'a yen amount': {
    facts: { ...pastDue, open_invoices: [openInvoice({ currency: 'jpy' })] },
    rule: 'grace',
    allowed: true,
    text: 'Payment of 4900 JPY failed on 3 March 2027; access stays until 10 March 2027 while it is retried.',
    until: '2027-03-10T01:00:00Z',
    standing: 'at_risk',
    next: '2027-03-10T01:00:00Z',
  },
  'a scheduled end': {
    facts: { cancel_at: at('2027-04-03') },
    rule: 'cancels_at_period_end',
    allowed: true,
    text: 'Canceled; access stays until 3 April 2027.',
    until: '2027-04-03',
    standing: 'good',
    next: '2027-04-03',
  },
  'a scheduled end that has come': {
    facts: { cancel_at: at('2027-04-03') },
    now: '2027-04-03',
    rule: 'canceled',
    allowed: false,
    text: 'The subscription ended on 3 April 2027, as was scheduled.',
    until: null,
    standing: 'none',
    next: null,
  },
  'a scheduled end within grace': {
    facts: { ...pastDue, cancel_at: at('2027-03-08') },
    rule: 'grace',
    allowed: true,
    text: 'Payment of 49.00 EUR failed on 3 March 2027; access stays until 8 March 2027, when the subscription ends.',
    until: '2027-03-08',
    standing: 'at_risk',
    next: '2027-03-08',
  },
  'a scheduled end after grace': {
    facts: { ...pastDue, cancel_at: at('2027-04-03') },
    rule: 'grace',
    allowed: true,
    text: 'Payment of 49.00 EUR failed on 3 March 2027; access stays until 10 March 2027 while it is retried.',
    until: '2027-03-10T01:00:00Z',
    standing: 'at_risk',
    next: '2027-03-10T01:00:00Z',
  },
  unpaid: {
    facts: { status: 'unpaid' },
    rule: 'unpaid',
    allowed: false,
    text: 'The payment failed and is no longer retried.',
    until: null,
    standing: 'bad',
    next: null,
  },
  'unpaid, where the policy allows': {
    facts: { status: 'unpaid' },
    access: { unpaid: 'allow' },
    rule: 'unpaid',
    allowed: true,
    text: 'The payment failed and is no longer retried. The policy lets access stay.',
    until: null,
    standing: 'at_risk',
    next: null,
  },
  paused: {
    facts: { status: 'paused' },
    rule: 'paused',
    allowed: false,
    text: 'The trial ended without a payment method, so the subscription is paused.',
    until: null,
    standing: 'bad',
    next: null,
  },
  incomplete: {
    facts: { status: 'incomplete' },
    rule: 'incomplete',
    allowed: false,
    text: 'The first payment has not come yet.',
    until: null,
    standing: 'bad',
    next: null,
  },
  incomplete_expired: {
    facts: { status: 'incomplete_expired' },
    rule: 'incomplete_expired',
    allowed: false,
    text: 'The first payment never came, so the subscription expired.',
    until: null,
    standing: 'none',
    next: null,
  },
  canceled: {
    facts: { status: 'canceled', ended_at: at('2027-03-04') },
    rule: 'canceled',
    allowed: false,
    text: 'The subscription was canceled on 4 March 2027.',
    until: null,
    standing: 'none',
    next: null,
  },
  'canceled because it was not paid': {
    facts: { status: 'canceled', ended_at: at('2027-03-04'), cancellation_reason: 'payment_failed' },
    rule: 'canceled',
    allowed: false,
    text: 'The subscription was canceled on 4 March 2027 because its payment failed.',
    until: null,
    standing: 'none',
    next: null,
  },
  'a status that Stripe invents': {
    facts: { status: 'dormant' },
    rule: 'unknown_status',
    allowed: false,
    text: "Stripe calls the subscription 'dormant', which no policy speaks of.",
    until: null,
    standing: 'bad',
    next: null,
  },
  'a price that belongs to no plan': {
    facts: { plans: [null] },
    rule: 'unknown_plan',
    allowed: false,
    text: 'The subscription gives nothing, because its price belongs to no plan of the catalogue.',
    until: null,
    standing: 'bad',
    next: null,
  },
  'a plan that is gone from the catalogue': {
    facts: { plans: ['legacy'] },
    rule: 'unknown_plan',
    allowed: false,
    text: 'The subscription gives nothing, because its price belongs to no plan of the catalogue.',
    until: null,
    standing: 'bad',
    next: null,
  },
};

const iso = (text: string | null) => (text === null ? null : at(text).toISOString());

describe('one subscription', () => {
  test.each(Object.entries(cases))('%s', (_, { facts, now, access, rule, allowed, text, until, standing, next }) => {
    const { entitlements, summary, next_change_at } = derive([subscription(facts)], now, access);
    const why = {
      rule,
      text,
      subscription: 'sub_1',
      status: facts.status ?? 'active',
      event: 'evt_1',
      until: iso(until),
    };
    expect(entitlements).toEqual({
      projects: { type: 'limit', allowed, value: allowed ? 50 : 0, why },
      api_access: { type: 'boolean', allowed, value: allowed, why },
      support_level: { type: 'static', allowed, value: allowed ? 'email' : null, why },
    });
    expect(summary).toEqual({ rule, text, subscription: 'sub_1', standing });
    expect(next_change_at).toEqual(next === null ? null : at(next));
  });
});

test('nobody is denied by a rule of their own, with a sentence', () => {
  const { entitlements, summary, next_change_at } = derive([]);
  const why = {
    rule: 'no_subscription',
    text: 'The customer has no subscription.',
    subscription: null,
    status: null,
    event: null,
    until: null,
  };
  expect(entitlements['projects']).toEqual({ type: 'limit', allowed: false, value: 0, why });
  expect(summary).toEqual({ rule: why.rule, text: why.text, subscription: null, standing: 'none' });
  expect(next_change_at).toBeNull();
});

test('what the plan lacks is told from what was lost', () => {
  const paid = derive([subscription({ plans: ['starter'] })]);
  expect(paid.entitlements['api_access']).toMatchObject({
    allowed: false,
    value: false,
    why: { rule: 'not_in_plan', text: 'It is not part of Starter.', until: null },
  });
  const unpaid = derive([subscription({ plans: ['starter'], status: 'unpaid' })]);
  expect(unpaid.entitlements['api_access']?.why.rule).toBe('not_in_plan');
  expect(unpaid.entitlements['projects']?.why.rule).toBe('unpaid');
  const canceled = derive([subscription({ plans: ['starter'], status: 'canceled' })]);
  expect(canceled.entitlements['api_access']?.why.rule).toBe('canceled');
});

describe('several subscriptions', () => {
  const starter = subscription({ id: 'sub_starter', plans: ['starter'] });

  test('the best counts for each feature, with its own reason', () => {
    const pro = subscription({ ...pastDue, id: 'sub_pro' });
    const { entitlements, summary } = derive([starter, pro]);
    expect(entitlements['projects']).toMatchObject({
      allowed: true,
      value: 50,
      why: { rule: 'grace', subscription: 'sub_pro' },
    });
    expect(entitlements['support_level']).toMatchObject({ value: 'email', why: { subscription: 'sub_pro' } });
    expect(summary).toMatchObject({ rule: 'paid', subscription: 'sub_starter' });
  });

  test('when the better one falls away, the other one remains', () => {
    const pro = subscription({ ...pastDue, id: 'sub_pro' });
    const { entitlements } = derive([pro, starter], '2027-03-11');
    expect(entitlements['projects']).toMatchObject({
      allowed: true,
      value: 3,
      why: { rule: 'paid', subscription: 'sub_starter' },
    });
    expect(entitlements['api_access']).toMatchObject({
      allowed: false,
      why: { rule: 'grace_ended', subscription: 'sub_pro' },
    });
  });

  test('of equal values the surer one gives the reason', () => {
    const failing = subscription({ ...pastDue, id: 'sub_a' });
    const paid = subscription({ id: 'sub_b' });
    expect(derive([failing, paid]).entitlements['projects']?.why).toMatchObject({
      rule: 'paid',
      subscription: 'sub_b',
    });
  });

  test('unlimited is more than any number', () => {
    const business = subscription({ id: 'sub_business', plans: ['business'] });
    expect(derive([subscription(), business]).entitlements['projects']?.value).toBe('unlimited');
  });

  test('a change that alters nothing is not the next one', () => {
    const covered = subscription({ ...pastDue, id: 'sub_a', plans: ['starter'] });
    const business = subscription({ id: 'sub_b', plans: ['business'], cancel_at: at('2027-03-20') });
    expect(derive([covered, business]).next_change_at).toEqual(at('2027-03-20'));
  });
});

test('several items add up to the best of their plans', () => {
  const { entitlements } = derive([subscription({ plans: ['starter', null, 'pro'] })]);
  expect(entitlements['projects']?.value).toBe(50);
});
