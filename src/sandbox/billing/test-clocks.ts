import type Stripe from 'stripe';
import { boundary } from '../calc/periods.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { deleteCustomer } from './delete-customer.js';
import { rhythmOf } from './items.js';

type TestClock = Stripe.TestHelpers.TestClock;
const ENDED = new Set<string>(['canceled', 'incomplete_expired']);
/** The API reference's example is deleted a week after its creation: https://docs.stripe.com/api/test_clocks/object */
const KEPT = 7 * 86_400;

export function createClock(context: Context, frozen_time: number, name: string | undefined): TestClock {
  const clock = context.store.put('test_clock', {
    id: context.ids.next('clock', 24),
    object: 'test_helpers.test_clock',
    created: context.wire,
    deletes_after: context.wire + KEPT,
    frozen_time,
    livemode: false,
    name: name ?? null,
    status: 'ready',
    status_details: {},
  });
  context.schedule.set('test_clock.delete', clock.id, clock.deletes_after);
  context.emit('test_helpers.test_clock.created', clock);
  return clock;
}

/** Only tells where to: the advancing itself goes on after the answer. */
export function advanceClock(context: Context, before: TestClock, target: number): TestClock {
  if (before.status !== 'ready')
    throw invalid(`The test clock cannot be advanced: its status is ${before.status}.`, { param: 'frozen_time' });
  if (target <= before.frozen_time)
    throw invalid(`The frozen_time must be after the test clock's current frozen time, ${before.frozen_time}.`, {
      param: 'frozen_time',
    });
  if (target > furthest(context, before))
    throw invalid(
      'The frozen_time cannot be more than two intervals in the future from the shortest subscription in this test clock, or two years if there are no subscriptions.',
      { param: 'frozen_time' },
    );
  const clock = context.store.put('test_clock', {
    ...before,
    status: 'advancing',
    status_details: { advancing: { target_frozen_time: target } },
  });
  context.emit('test_helpers.test_clock.advancing', clock);
  return clock;
}

/** Two intervals of the shortest subscription, two years without one: https://docs.stripe.com/api/test_clocks/advance */
function furthest(context: Context, { id, frozen_time }: TestClock): number {
  const ends = context.store
    .by('subscription', 'test_clock', id)
    .filter(({ status }) => !ENDED.has(status))
    .flatMap(({ items }) => items.data.map(({ price }) => boundary(frozen_time, rhythmOf(price), 2)));
  return ends.length === 0 ? boundary(frozen_time, { interval: 'year', interval_count: 1 }, 2) : Math.min(...ends);
}

export function readyClock(context: Context, id: string, status: 'ready' | 'internal_failure'): void {
  const before = context.store.get('test_clock', id);
  if (before === undefined) return;
  const frozen_time =
    status === 'ready'
      ? (before.status_details.advancing?.target_frozen_time ?? before.frozen_time)
      : before.frozen_time;
  const clock = context.store.put('test_clock', { ...before, frozen_time, status, status_details: {} });
  context.emit(
    status === 'ready' ? 'test_helpers.test_clock.ready' : 'test_helpers.test_clock.internal_failure',
    clock,
  );
}

/** Its customers go with it: https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage#delete-clock */
export function deleteClock(context: Context, id: string): Stripe.TestHelpers.DeletedTestClock {
  const clock = find(context, 'test_clock', id);
  context.now = clock.frozen_time;
  for (const customer of context.store.by('customer', 'test_clock', id)) deleteCustomer(context, customer);
  context.schedule.clear('test_clock.delete', id);
  context.store.remove('test_clock', id);
  context.emit('test_helpers.test_clock.deleted', clock);
  return { id, object: 'test_helpers.test_clock', deleted: true };
}

/** When it is not wanted any more. */
export function deleteOldClock(context: Context, id: string): void {
  if (context.store.get('test_clock', id) !== undefined) deleteClock(context, id);
}
