import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { World } from '../support/world.js';
import { bothSides, database, stripeOf } from './mirror-oracle.js';
import { differences, reconcile, runs } from './runs.js';

let world: World;
let stripe: Stripe;
let customer: string;
let subscription: string;

beforeAll(async () => {
  world = await World.open({ schedules: true });
  stripe = stripeOf(world);
  customer = String((await world.api.post('/v1/customers', { external_id: 'ada', name: 'Ada' })).body['id']);
  const body = { customer, plan: 'pro', interval: 'month', trial_days: 0, payment_method: 'pm_card_visa' };
  const made = await world.api.post('/v1/subscriptions', body);
  expect(made).toMatchObject({ status: 201, body: { status: 'active' } });
  subscription = String(made.body['id']);
  await world.sandbox.settle();
});
afterEach(() => world.sandbox.behave());
afterAll(() => world.close());

async function expectEqual(): Promise<void> {
  const { mirror, stripe: theirs } = await bothSides(world);
  expect(mirror).toEqual(theirs);
}

function tamper(statement: string, values: unknown[] = []): Promise<unknown> {
  return database(world).execute(statement, values);
}

test('finds no difference where there is none', async () => {
  const run = await reconcile(world, { kind: 'objects' });
  expect(run).toMatchObject({ status: 'done', found: 0, from: null, to: null, error: null });
  expect(run.checked).toBe(Object.keys((await bothSides(world)).stripe).length);
  await expectEqual();
});

describe('rows that were tampered with', () => {
  let price: string;

  beforeAll(async () => {
    const { data } = await stripe.prices.list({ limit: 1 });
    price = data[0]?.id ?? '';
    await tamper(`update customers set name = 'Eve', created = created + interval '1 second' where id = ?`, [customer]);
    await tamper(`update subscriptions set status = 'canceled' where id = ?`, [subscription]);
    await tamper(`delete from prices where id = ?`, [price]);
  });

  test('are reported and left alone by a dry run', async () => {
    const run = await reconcile(world, { kind: 'objects', dry_run: true });
    expect(run).toMatchObject({ status: 'done', dry_run: true, found: 3, repaired: 0, parked: 0 });
    const found = await differences(world, run.id);
    expect(found.every(({ repair }) => repair === 'dry_run')).toBe(true);
    expect((await world.api.get('/v1/customers/ada')).body).toMatchObject({ name: 'Eve' });
  });

  test('are repaired, each with its class and what differed', async () => {
    const run = await reconcile(world, { kind: 'objects' });
    expect(run).toMatchObject({ status: 'done', found: 3, repaired: 3, parked: 0 });
    const found = await differences(world, run.id);
    const common = { object: 'difference', reconciliation: run.id, repair: 'repaired', takes_access: false };
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...common,
          class: 'stale',
          object_type: 'customer',
          object_id: customer,
          customer,
          detail: {
            name: { ours: 'Eve', stripes: 'Ada' },
            created: { ours: '2026-01-15T09:00:01.000Z', stripes: '2026-01-15T09:00:00.000Z' },
          },
        }),
        expect.objectContaining({
          ...common,
          class: 'stale',
          object_type: 'subscription',
          object_id: subscription,
          customer,
          detail: { status: { ours: 'canceled', stripes: 'active' } },
        }),
        expect.objectContaining({ ...common, class: 'missing', object_type: 'price', object_id: price, detail: {} }),
      ]),
    );
    expect((await world.api.get('/v1/customers/ada')).body).toMatchObject({ name: 'Ada' });
    expect((await world.api.get(`/v1/subscriptions/${subscription}`)).body).toMatchObject({ status: 'active' });
    await expectEqual();
    expect(await reconcile(world, { kind: 'objects' })).toMatchObject({ status: 'done', found: 0 });
  });
});

test('events that nobody will ever deliver: what changed, what is new and what was deleted comes with the nightly sweep', async () => {
  const doomed = await stripe.customers.create({ name: 'Doomed' });
  await world.sandbox.settle();
  await world.sandbox.mischief({ deliveries: { drop: 1 } });
  await stripe.customers.del(doomed.id);
  const newcomer = await stripe.customers.create({ name: 'New' });
  await stripe.customers.update(customer, { name: 'Augusta Ada' });
  const run = await reconcile(world, { kind: 'objects' });
  expect(await differences(world, run.id)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ class: 'missing', object_id: newcomer.id, customer: newcomer.id }),
      expect.objectContaining({
        class: 'stale',
        object_id: customer,
        detail: { name: { ours: 'Ada', stripes: 'Augusta Ada' } },
      }),
      expect.objectContaining({
        class: 'deleted',
        object_id: doomed.id,
        customer: doomed.id,
        takes_access: true,
        detail: { deleted: { ours: false, stripes: true } },
      }),
    ]),
  );
  expect(run).toMatchObject({ found: 3, repaired: 3 });
  expect((await world.api.get(`/v1/customers/${doomed.id}`)).status).toBe(410);
  await expectEqual();
});

test('a repair tells what has changed, and names the reconciliation as its cause', async () => {
  await world.sandbox.mischief({ deliveries: { drop: 1 } });
  await stripe.subscriptions.cancel(subscription);
  const run = await reconcile(world, { kind: 'objects' });
  expect(await differences(world, run.id)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ object_id: subscription, takes_access: true, repair: 'repaired' }),
    ]),
  );
  const { body } = await world.api.get<{ data: object[] }>('/v1/events?type=subscription.canceled');
  expect(body.data).toMatchObject([{ customer, subject: subscription, cause: run.id }]);
});

test('a row that an event has brought up to date since Stripe’s list was made is no difference', async () => {
  await tamper(`update customers set name = 'Newer', as_of_max = as_of_max + interval '1 minute' where id = ?`, [
    customer,
  ]);
  expect(await reconcile(world, { kind: 'objects' })).toMatchObject({ status: 'done', found: 0 });
  await tamper(`update customers set as_of_max = as_of where id = ?`, [customer]);
  expect(await reconcile(world, { kind: 'objects' })).toMatchObject({ found: 1, repaired: 1 });
});

test('what is a tombstone here and alive at Stripe is parked: the mirror brings nothing back', async () => {
  const { id } = await stripe.customers.create({ name: 'Lazarus' });
  await world.sandbox.settle();
  await tamper(`update customers set deleted = true where id = ?`, [id]);
  const run = await reconcile(world, { kind: 'objects' });
  expect(run).toMatchObject({ found: 1, repaired: 0, parked: 1 });
  expect(await differences(world, run.id)).toMatchObject([
    { class: 'deleted', object_id: id, repair: 'parked', detail: { deleted: { ours: true, stripes: false } } },
  ]);
  await tamper(`update customers set deleted = false where id = ?`, [id]);
});

test('no run takes away more than its limit: the rest is parked, and stays', async () => {
  const ids = await Promise.all(
    Array.from({ length: 130 }, async (_, n) => (await stripe.customers.create({ name: `Mass ${n}` })).id),
  );
  await world.sandbox.settle();
  await world.sandbox.mischief({ deliveries: { drop: 1 } });
  await Promise.all(ids.slice(0, 105).map((id) => stripe.customers.del(id)));
  const run = await reconcile(world, { kind: 'objects' });
  expect(run).toMatchObject({ status: 'done', found: 105, repaired: 100, parked: 5 });
  const parked = (await differences(world, run.id)).filter(({ repair }) => repair === 'parked');
  expect(parked).toHaveLength(5);
  expect(parked).toEqual(parked.map(() => expect.objectContaining({ class: 'deleted', takes_access: true })));
  const left = await database(world).execute<Array<{ id: string }>>(
    `select id from customers where not deleted and id in (?)`,
    [ids],
  );
  expect(left.map(({ id }) => id).toSorted()).toEqual(
    [...ids.slice(105), ...parked.map(({ object_id }) => object_id)].toSorted(),
  );
  expect(await reconcile(world, { kind: 'objects' })).toMatchObject({ found: 5, repaired: 5, parked: 0 });
  await expectEqual();
});

test('runs every night by itself', async () => {
  await tamper(`update customers set name = 'Mallory' where id = ?`, [customer]);
  const tonight = '2026-01-16';
  await world.sandbox.advance('1d');
  const sweeps = (await runs(world)).filter(({ kind, created_at }) => kind === 'objects' && created_at > tonight);
  expect(sweeps).toMatchObject([{ status: 'done', found: 1, repaired: 1 }]);
  expect((await world.api.get('/v1/customers/ada')).body).toMatchObject({ name: 'Augusta Ada' });
});
