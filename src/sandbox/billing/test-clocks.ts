import type Stripe from 'stripe';
import { boundary } from '../calc/periods.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { updateCustomer } from './customers.js';
import { deleteCustomer } from './delete-customer.js';
import { rhythmOf } from './items.js';

type TestClock = Stripe.TestHelpers.TestClock;
const ENDED = new Set<string>(['canceled', 'incomplete_expired']);
/**
 * https://support.stripe.com/questions/data-retention-policy-for-test-subscriptions, and events of real clocks say so, too;
 * the API reference's example shows a week.
 */
const KEPT = 30 * 86_400;
/** Limits of https://docs.stripe.com/billing/testing/test-clocks; what Stripe says at them is not documented. */
const CUSTOMERS = 3;
const SUBSCRIPTIONS_EACH = 3;

/** `customer`: one that is there already, https://docs.stripe.com/changelog/dahlia/2026-05-27/test-clock-creation-customer-parameter */
export function createClock(
  context: Context,
  { frozen_time, name, customer }: { frozen_time: number; name?: string | undefined; customer?: string | undefined },
): TestClock {
  const taken =
    customer === undefined ? undefined : withoutTime(context, find(context, 'customer', customer, 'customer'));
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
  if (taken !== undefined) updateCustomer(context, taken, { test_clock: clock.id });
  return clock;
}

/** A customer whose time can still be another: what it has would have to be moved with it, which this sandbox does not do. */
function withoutTime(context: Context, customer: Stripe.Customer): Stripe.Customer {
  if (customer.test_clock !== null)
    throw invalid('This customer is attached to a test clock already.', { param: 'customer' });
  const { id } = customer;
  const timed = [
    ...context.store.rowsBy('subscription', 'customer', id),
    ...context.store.rowsBy('subscription_schedule', 'customer', id),
    ...context.store.rowsBy('invoice', 'customer', id),
    ...context.store.rowsBy('invoiceitem', 'customer', id),
  ];
  if (timed.length === 0) return customer;
  throw invalid('This sandbox attaches only customers without subscriptions and invoices to a test clock.', {
    param: 'customer',
  });
}

/** The clock that a new customer asks for. */
export function clockFor(context: Context, id: string | undefined): string | null {
  if (id === undefined) return null;
  const clock = find(context, 'test_clock', id, 'test_clock');
  if (context.store.rowsBy('customer', 'test_clock', id).length >= CUSTOMERS)
    throw invalid(`A test clock can have at most ${CUSTOMERS} customers.`, { param: 'test_clock' });
  return clock.id;
}

/**
 * Whether a customer can have one more; those that ended are not counted, and a schedule that has not begun counts as the
 * subscription it will make, but for the one (`schedule`) that makes it now: else it could fail only when it begins.
 */
export function checkSubscriptions(
  { store }: Context,
  { id, test_clock }: Stripe.Customer,
  schedule: string | null = null,
): void {
  if (test_clock === null) return;
  const live = store.by('subscription', 'customer', id).filter(({ status }) => !ENDED.has(status));
  const planned = store
    .by('subscription_schedule', 'customer', id)
    .filter((one) => one.status === 'not_started' && one.id !== schedule);
  if (live.length + planned.length >= SUBSCRIPTIONS_EACH)
    throw invalid(`A customer of a test clock can have at most ${SUBSCRIPTIONS_EACH} subscriptions.`, {
      param: 'customer',
    });
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
