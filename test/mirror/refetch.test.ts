import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import type { RowKey } from '../../src/mirror/mirror-rows.js';
import { ObjectRestless, Refetch } from '../../src/mirror/refetch.js';
import { StripeApi } from '../../src/stripe/stripe-api.js';
import { customerFixture } from '../customers/fixtures.js';
import { MirrorRoom, NOW } from './mirror-room.js';

let house: MirrorRoom;

beforeAll(async () => {
  house = await MirrorRoom.open();
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => house.close());

function key(id: string): RowKey {
  return { object: 'customer', id };
}

function refresh(...ids: string[]) {
  return house.room.get(Refetch).refresh(ids.map(key), ({ id }) => `because of ${id}`);
}

/** Runs `meanwhile` after Stripe has answered and before its answer is written. */
function whileAnswering(meanwhile: (request: number) => Promise<unknown>) {
  const api = house.room.get(StripeApi);
  const read = api.read.bind(api);
  return jest.spyOn(api, 'read').mockImplementation(async (request, priority) => {
    const answer = await read(request, priority);
    await meanwhile(spy.mock.calls.length);
    return answer;
  });
}
let spy: ReturnType<typeof whileAnswering>;

test('brings objects to what Stripe holds, each fetched once', async () => {
  const [ada, bob] = [
    await house.stripe.customers.create({ name: 'Ada' }),
    await house.stripe.customers.create({ name: 'Bob' }),
  ];
  spy = whileAnswering(async () => {});
  const answers = await refresh(ada.id, bob.id, ada.id);
  expect(spy).toHaveBeenCalledTimes(2);
  expect([...answers.keys()].toSorted()).toEqual([`customer ${ada.id}`, `customer ${bob.id}`].toSorted());
  expect(await house.customer(ada.id)).toMatchObject({ name: 'Ada', cause: `because of ${ada.id}`, as_of_max: NOW });
});

test('an answer that an event overtook is fetched again', async () => {
  const ada = await house.stripe.customers.create({ name: 'First' });
  await refresh(ada.id);
  spy = whileAnswering(async (request) => {
    if (request > 1) return;
    const renamed = await house.stripe.customers.update(ada.id, { name: 'Second' });
    await house.apply(house.event('customer.updated', renamed, 60, { previous_attributes: { name: 'First' } }));
    await house.stripe.customers.update(ada.id, { name: 'Third' });
  });
  await refresh(ada.id);
  expect(spy).toHaveBeenCalledTimes(2);
  expect(await house.customer(ada.id)).toMatchObject({ name: 'Third', revision: 3 });
});

test('an object that never comes to rest is given up, and tried again later', async () => {
  const ada = await house.stripe.customers.create({ name: '0' });
  await refresh(ada.id);
  spy = whileAnswering((request) =>
    house.apply(house.event('customer.updated', { ...ada, name: String(request) }, request * 60)),
  );
  const failure = await refresh(ada.id).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ObjectRestless);
  expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining(ada.id) });
  expect(spy).toHaveBeenCalledTimes(5);
});

test('what Stripe has deleted, or does not know, is a tombstone, in business time', async () => {
  const [deleted, unknown] = [await house.stripe.customers.create(), customerFixture({ id: 'cus_elsewhere' })];
  await refresh(deleted.id);
  await house.apply(house.event('customer.created', unknown, 0));
  await house.stripe.customers.del(deleted.id);
  const answers = await refresh(deleted.id, unknown.id);
  expect([...answers.values()]).toEqual([null, null]);
  for (const { id } of [deleted, unknown]) {
    expect(await house.customer(id)).toMatchObject({ deleted: true });
    const told = await house.reader().findOneOrFail(DomainEventRow, { object: id, type: 'customer.deleted' });
    expect(told.occurred_at).toEqual(NOW);
  }
});

test('asks for no more than eight at once', async () => {
  const customers = await Promise.all(Array.from({ length: 20 }, () => house.stripe.customers.create()));
  let [now, most] = [0, 0];
  const api = house.room.get(StripeApi);
  const read = api.read.bind(api);
  jest.spyOn(api, 'read').mockImplementation(async (request, priority) => {
    most = Math.max(most, ++now);
    return read(request, priority).finally(() => now--);
  });
  await refresh(...customers.map(({ id }) => id));
  expect(most).toBe(8);
});

test('a failure that is not of one object ends the refresh and leaves the row', async () => {
  const ada = await house.stripe.customers.create({ name: 'Ada' });
  await refresh(ada.id);
  await house.controls.mischief({ requests: { status: 401, times: 1 } });
  await expect(refresh(ada.id)).rejects.toMatchObject({ code: 'stripe_refuses_key' });
  expect(await house.customer(ada.id)).toMatchObject({ deleted: false, revision: 1 });
});
