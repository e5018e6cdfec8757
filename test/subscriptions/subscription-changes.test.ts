import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Change, Columns } from '../../src/mirror/mirrored-object.js';
import { subscriptionChanges } from '../../src/subscriptions/subscription-changes.js';
import { subscriptionMirror } from '../../src/subscriptions/subscription-from-stripe.js';
import { hasEnded } from '../../src/subscriptions/subscription-status.js';
import type { Subscription } from '../../src/subscriptions/subscription.entity.js';
import { subscriptionFixture } from './fixtures.js';

type Row = Columns<Subscription>;

const base = subscriptionMirror.read(subscriptionFixture());
const typesOf = (changes: Change[]) => changes.map(({ type }) => type);
const row = (over: Partial<Row>): Row => ({ ...base, ...over });

const liveStatuses = ['trialing', 'active', 'past_due', 'unpaid', 'paused'];
const items = fc.record({
  price: fc.constantFrom('price_a', 'price_b'),
  plan: fc.constantFrom('starter', 'pro', null),
  quantity: fc.integer({ min: 1, max: 3 }),
});
const state = (statuses: string[]) =>
  fc
    .record({
      status: fc.constantFrom(...statuses),
      item: items,
      cancel_at: fc.constantFrom(null, '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'),
      period: fc.nat(3),
    })
    .map(({ status, item, cancel_at, period }) =>
      row({
        status,
        plan: item.plan,
        items: base.items.map((first) => ({ ...first, ...item })),
        cancel_at: cancel_at === null ? null : new Date(cancel_at),
        current_period_start: new Date(Date.UTC(2026, period, 1)),
        current_period_end: new Date(Date.UTC(2026, period + 1, 1)),
      }),
    );

/** What Stripe can do: incomplete only at first, an end only at last. */
const walk = fc
  .tuple(
    fc.array(state(['incomplete']), { maxLength: 2 }),
    fc.array(state(liveStatuses), { maxLength: 6 }),
    fc.array(state(['canceled', 'incomplete_expired']), { maxLength: 1 }),
  )
  .map((parts) => parts.flat())
  .filter((rows) => rows.length > 0);

interface Story {
  status: string;
  plan: string | null;
  quantity: number;
  cancel_at: string | null;
}

const statusTold: Partial<Record<Change['type'], string>> = {
  'subscription.past_due': 'past_due',
  'subscription.unpaid': 'unpaid',
  'subscription.paused': 'paused',
  'subscription.canceled': 'canceled',
  'subscription.incomplete_expired': 'incomplete_expired',
};

/** Believes nothing but what each type of event stands for. */
function retell(story: Story | null, { type, data }: Change): Story {
  if (type === 'subscription.created') {
    expect(story).toBeNull();
    return { status: data.status, plan: data.plan, quantity: data.quantity, cancel_at: null };
  }
  if (story === null) throw new Error(`${type} before subscription.created`);
  const next: Story = { ...story, status: statusTold[type] ?? story.status };
  if (type === 'subscription.activated') {
    expect(['active', 'trialing']).toContain(data.status);
    if (data.previous_status !== null) expect(data.previous_status).toBe(story.status);
    next.status = data.status;
  }
  if (type === 'subscription.plan_changed') {
    expect(data.previous_plan).toBe(story.plan);
    next.plan = data.plan;
  }
  if (type === 'subscription.quantity_changed') {
    expect(data.previous_quantity).toBe(story.quantity);
    next.quantity = data.quantity;
  }
  if (type === 'subscription.cancellation_scheduled') next.cancel_at = data.cancel_at;
  if (type === 'subscription.cancellation_undone') {
    expect(story.cancel_at).not.toBeNull();
    next.cancel_at = null;
  }
  return next;
}

describe('the story that the events tell', () => {
  test('ends in the row’s state, whatever the walk and wherever it is first seen', () => {
    fc.assert(
      fc.property(walk, (rows) => {
        let before: Row | null = null;
        let story: Story | null = null;
        for (const after of rows) {
          for (const change of subscriptionChanges(before, after)) story = retell(story, change);
          before = after;
        }
        const last = before;
        expect(story).not.toBeNull();
        expect(story?.status).toBe(last?.status);
        expect(story?.plan).toBe(last?.plan);
        expect(story?.quantity).toBe(last?.items[0]?.quantity);
        if (last && !hasEnded(last.status))
          expect(story?.cancel_at ?? null).toBe(last.cancel_at?.toISOString() ?? null);
      }),
    );
  });

  test('has nothing to tell when nothing has changed', () => {
    fc.assert(
      fc.property(state([...liveStatuses, 'incomplete', 'canceled', 'incomplete_expired']), (same) => {
        expect(subscriptionChanges(same, { ...same })).toEqual([]);
      }),
    );
  });

  test('begins once, and tells at first sight only what is', () => {
    fc.assert(
      fc.property(state([...liveStatuses, 'incomplete', 'canceled', 'incomplete_expired']), (first) => {
        const types = typesOf(subscriptionChanges(null, first));
        expect(types[0]).toBe('subscription.created');
        expect(types.filter((type) => type === 'subscription.created')).toHaveLength(1);
        for (const past of ['renewed', 'plan_changed', 'quantity_changed', 'cancellation_undone'])
          expect(types).not.toContain(`subscription.${past}`);
      }),
    );
  });
});

describe('single steps', () => {
  const next = { current_period_start: base.current_period_end, current_period_end: new Date('2026-03-01T00:00:00Z') };

  test.each([
    ['first seen active', null, {}, ['created', 'activated']],
    ['first seen in its trial', null, { status: 'trialing' }, ['created']],
    ['first seen waiting for 3-D Secure', null, { status: 'incomplete' }, ['created']],
    [
      'first seen after its end, though it was to end later',
      null,
      { status: 'canceled', cancel_at: next.current_period_end },
      ['created', 'canceled'],
    ],
    ['the first payment arrives', { status: 'incomplete' }, {}, ['activated']],
    ['the trial ends paid', { status: 'trialing' }, next, ['activated']],
    ['the trial ends without a card', { status: 'trialing' }, { status: 'paused' }, ['paused']],
    ['the next period begins', {}, next, ['renewed']],
    ['its payment fails', next, { ...next, status: 'past_due' }, ['past_due']],
    ['it is paid late', { ...next, status: 'past_due' }, next, ['activated']],
    ['both were missed', {}, { ...next, status: 'past_due' }, ['past_due']],
    ['Stripe gives up', { status: 'past_due' }, { status: 'unpaid' }, ['unpaid']],
    [
      'an upgrade to a year begins a new period',
      {},
      {
        current_period_start: new Date('2026-01-10T00:00:00Z'),
        items: base.items.map((item) => ({ ...item, price: 'price_pro_year' })),
      },
      ['plan_changed'],
    ],
    [
      'an end is scheduled',
      {},
      { cancel_at: next.current_period_end, cancel_at_period_end: true },
      ['cancellation_scheduled'],
    ],
    [
      'it is scheduled for another day',
      { cancel_at: base.current_period_end },
      { cancel_at: next.current_period_end },
      ['cancellation_scheduled'],
    ],
    ['it is undone', { cancel_at: base.current_period_end }, {}, ['cancellation_undone']],
    [
      'it comes',
      { cancel_at: base.current_period_end },
      { cancel_at: base.current_period_end, status: 'canceled' },
      ['canceled'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(typesOf(subscriptionChanges(before && row(before), row(after)))).toEqual(
      expected.map((name) => `subscription.${name}`),
    );
  });

  test('a subscription that vanished has ended, unless it had', () => {
    expect(typesOf(subscriptionChanges(base, null))).toEqual(['subscription.canceled']);
    expect(subscriptionChanges(row({ status: 'canceled' }), null)).toEqual([]);
    expect(subscriptionChanges(null, null)).toEqual([]);
  });
});
