import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deriveAccess } from '../../src/access/derive-access.js';
import type { OpenInvoice, SubscriptionFacts } from '../../src/access/verdict.js';
import { at, catalog, policies } from './facts.js';

const HOUR_MS = 3600 * 1000;
const start = at('2027-03-01').getTime();
/** Coarse, so that moments coincide often. */
const moment = fc.integer({ min: 0, max: 24 * 12 }).map((steps) => new Date(start + steps * 2 * HOUR_MS));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const statuses = [
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'paused',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'dormant',
];

const openInvoice: fc.Arbitrary<OpenInvoice> = fc.record({
  id: fc.uuid(),
  finalized_at: moment,
  next_payment_attempt: maybe(moment),
  amount_remaining: fc.integer({ min: 1, max: 100_000 }),
  currency: fc.constantFrom('eur', 'jpy', 'kwd'),
});

const subscription: fc.Arbitrary<SubscriptionFacts> = fc.record({
  id: fc.uuid().map((id) => `sub_${id}`),
  status: fc.constantFrom(...statuses),
  plans: fc.array(fc.constantFrom('starter', 'pro', 'business', 'legacy', null), { minLength: 1, maxLength: 3 }),
  current_period_start: moment,
  current_period_end: moment,
  trial_end: maybe(moment),
  cancel_at: maybe(moment),
  ended_at: maybe(moment),
  cancellation_reason: maybe(fc.constantFrom('payment_failed', 'cancellation_requested')),
  created: moment,
  cause: maybe(fc.uuid()),
  open_invoices: fc.array(openInvoice, { maxLength: 2 }),
});

const subscriptions = fc.uniqueArray(subscription, { maxLength: 4, selector: ({ id }) => id });
const decision = fc.constantFrom('allow' as const, 'deny' as const);
const access = fc.record({
  trialing: decision,
  unpaid: decision,
  paused: decision,
  incomplete: decision,
  past_due: fc.record({ grace_days: fc.integer({ min: 0, max: 14 }) }),
});
const input = fc
  .record({ subscriptions, access, now: moment })
  .map((drawn) => Object.assign(drawn, { catalog, policies: policies(drawn.access) }));

const runs = { numRuns: 1000 };

describe('derived access, for any facts', () => {
  test('has an answer and a reason for every feature of the catalogue', () => {
    fc.assert(
      fc.property(input, (facts) => {
        const { entitlements, summary } = deriveAccess(facts);
        expect(Object.keys(entitlements)).toEqual([...catalog.features.keys()]);
        for (const { why } of Object.values(entitlements)) {
          expect(why.text).toMatch(/^[A-Z].*\.$/);
          expect(why.rule === 'no_subscription').toBe(why.subscription === null);
        }
        expect(summary.text).toMatch(/^[A-Z].*\.$/);
      }),
      runs,
    );
  });

  test('a value goes with what is allowed', () => {
    fc.assert(
      fc.property(input, (facts) => {
        for (const { type, allowed, value } of Object.values(deriveAccess(facts).entitlements)) {
          if (type === 'boolean') expect(value).toBe(allowed);
          if (type === 'limit') expect(value !== 0).toBe(allowed);
          if (type === 'static') expect(value !== null).toBe(allowed);
        }
      }),
      runs,
    );
  });

  test('does not depend on the order of the subscriptions, their items or their invoices', () => {
    fc.assert(
      fc.property(input, (facts) => {
        const reversed = facts.subscriptions
          .toReversed()
          .map((each) =>
            Object.assign({}, each, { plans: each.plans.toReversed(), open_invoices: each.open_invoices.toReversed() }),
          );
        expect(deriveAccess({ ...facts, subscriptions: reversed })).toEqual(deriveAccess(facts));
      }),
      runs,
    );
  });

  test('more days of grace never take anything away', () => {
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: 10 }), (facts, more) => {
        const grace_days = facts.access.past_due.grace_days + more;
        const longer = deriveAccess({ ...facts, policies: policies({ ...facts.access, past_due: { grace_days } }) });
        for (const [feature, { allowed }] of Object.entries(deriveAccess(facts).entitlements)) {
          if (allowed) expect(longer.entitlements[feature]?.allowed).toBe(true);
        }
      }),
      runs,
    );
  });

  test('one more subscription never takes anything away', () => {
    fc.assert(
      fc.property(input, subscription, (facts, another) => {
        const more = deriveAccess({ ...facts, subscriptions: [...facts.subscriptions, another] });
        for (const [feature, { allowed }] of Object.entries(deriveAccess(facts).entitlements)) {
          if (allowed) expect(more.entitlements[feature]?.allowed).toBe(true);
        }
      }),
      runs,
    );
  });

  test('next_change_at is the first moment at which the answer changes', () => {
    fc.assert(
      fc.property(input, moment, (facts, later) => {
        const { next_change_at, ...now } = deriveAccess(facts);
        const before = next_change_at ? new Date(next_change_at.getTime() - 1) : null;
        const unchanged = [before, later].filter(
          (time) => time !== null && time >= facts.now && (!next_change_at || time < next_change_at),
        );
        for (const time of unchanged) {
          const { next_change_at: _, ...then } = deriveAccess({ ...facts, now: time ?? facts.now });
          expect(then).toEqual(now);
        }
        if (next_change_at) {
          expect(next_change_at.getTime()).toBeGreaterThan(facts.now.getTime());
          const { next_change_at: _, ...then } = deriveAccess({ ...facts, now: next_change_at });
          expect(then).not.toEqual(now);
        }
      }),
      runs,
    );
  });

  test('what a policy denies, and what has ended, is never allowed', () => {
    fc.assert(
      fc.property(input, (facts) => {
        for (const { allowed, why } of Object.values(deriveAccess(facts).entitlements)) {
          const decisions: Record<string, string> = { ...facts.policies.access, dormant: 'deny', past_due: 'allow' };
          if (allowed) expect(decisions[why.status ?? '']).toBe('allow');
          if (allowed && why.until && why.status === 'past_due')
            expect(new Date(why.until).getTime()).toBeGreaterThan(facts.now.getTime());
        }
      }),
      runs,
    );
  });
});
