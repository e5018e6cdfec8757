import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { World } from '../support/world.js';
import { bothSides, database, stripeOf } from './mirror-oracle.js';
import { differences, reconcile, runs } from './runs.js';

let world: World;
let stripe: Stripe;

beforeAll(async () => {
  world = await World.open({ now: '2026-01-15T09:01:00Z', schedules: true });
  stripe = stripeOf(world);
});
afterEach(() => world.sandbox.behave());
afterAll(() => world.close());

async function loseEverything(): Promise<void> {
  await world.sandbox.mischief({ deliveries: { drop: 1 } });
}

async function nameOf(id: string): Promise<unknown> {
  return (await world.api.get(`/v1/customers/${id}`)).body['name'];
}

async function eventsOfStripe(object: string): Promise<Stripe.Event[]> {
  const { data } = await stripe.events.list({ limit: 100 });
  return data.filter(({ data: { object: it } }) => 'id' in it && it.id === object);
}

describe('deliveries that never arrive', () => {
  test('are found within one run, reported, and the mirror equals Stripe again', async () => {
    await loseEverything();
    const customer = await stripe.customers.create({ email: 'ada@example.com', metadata: { external_id: 'ada' } });
    await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    await stripe.customers.update(customer.id, { name: 'Ada Lovelace' });
    await world.sandbox.settle();
    expect((await world.api.get('/v1/customers/ada')).status).toBe(404);

    const run = await reconcile(world, { kind: 'missed_events' });
    const found = await differences(world, run.id);
    expect(run).toMatchObject({ kind: 'missed_events', status: 'done', dry_run: false, parked: 0, error: null });
    expect(run).toMatchObject({ found: found.length, repaired: found.length });
    const mine = (await eventsOfStripe(customer.id)).map(({ id, type }) => ({
      class: 'missed_event',
      object_type: 'event',
      object_id: id,
      customer: customer.id,
      detail: { type, created: '2026-01-15T09:01:00.000Z' },
      repair: 'repaired',
    }));
    expect(mine).toHaveLength(2);
    expect(found).toEqual(expect.arrayContaining(mine.map((difference) => expect.objectContaining(difference))));
    expect((await world.api.get('/v1/customers/ada')).body).toMatchObject({ id: customer.id, name: 'Ada Lovelace' });
    const { mirror, stripe: theirs } = await bothSides(world);
    expect(mirror).toEqual(theirs);
  });

  test('are found on whatever page of the list, and once', async () => {
    await loseEverything();
    const ids: string[] = [];
    for (let n = 0; n < 120; n++) ids.push((await stripe.customers.create({ name: `Lost ${n}` })).id);
    const run = await reconcile(world, { kind: 'missed_events' });
    expect(run).toMatchObject({ status: 'done', found: 120, repaired: 120 });
    expect(run.checked).toBeGreaterThan(120);
    expect(new Set((await differences(world, run.id)).map(({ customer }) => customer))).toEqual(new Set(ids));
    expect(await reconcile(world, { kind: 'missed_events' })).toMatchObject({ status: 'done', found: 0, repaired: 0 });
    const { mirror, stripe: theirs } = await bothSides(world);
    expect(mirror).toEqual(theirs);
  });

  test('are only reported by a dry run, which the next run does not rely on', async () => {
    await loseEverything();
    const { id } = await stripe.customers.create({ name: 'Grace Hopper' });
    const dry = await reconcile(world, { kind: 'missed_events', dry_run: true });
    expect(dry).toMatchObject({ status: 'done', dry_run: true, found: 1, repaired: 0, parked: 0 });
    expect(await differences(world, dry.id)).toMatchObject([{ customer: id, repair: 'dry_run' }]);
    expect((await world.api.get(`/v1/customers/${id}`)).status).toBe(404);
    const run = await reconcile(world, { kind: 'missed_events' });
    expect(run).toMatchObject({ from: dry.from, found: 1, repaired: 1 });
    expect(await nameOf(id)).toBe('Grace Hopper');
  });
});

describe('the schedule', () => {
  test('leaves what is younger than two minutes to its delivery, and reports it once when it does not come', async () => {
    await world.sandbox.advance('3m');
    await loseEverything();
    const { id } = await stripe.customers.create({ name: 'Edsger Dijkstra' });
    await world.sandbox.advance('1m');
    const [first] = await runs(world);
    expect(first).toMatchObject({ created_at: '2026-01-15T09:05:00.000Z', to: '2026-01-15T09:03:00.000Z', found: 0 });
    await world.sandbox.advance('5m');
    const [second] = await runs(world);
    expect(second).toMatchObject({ from: '2026-01-15T08:53:00.000Z', to: '2026-01-15T09:08:00.000Z', found: 1 });
    expect(await nameOf(id)).toBe('Edsger Dijkstra');
    await world.sandbox.advance('5m');
    expect((await runs(world))[0]).toMatchObject({ to: '2026-01-15T09:13:00.000Z', found: 0 });
  });

  test('finds an event of three days ago, and what has happened since is not undone', async () => {
    const { id } = await stripe.customers.create({ name: 'first' });
    await world.sandbox.settle();
    await loseEverything();
    await stripe.customers.update(id, { name: 'second' });
    await world.sandbox.behave();
    await world.sandbox.advance('1m');
    await stripe.customers.update(id, { name: 'third' });
    await world.sandbox.advance('3d');
    const found = (await runs(world)).find((run) => run.kind === 'missed_events' && run.found > 0);
    expect(found).toMatchObject({ created_at: '2026-01-18T09:16:00.000Z', found: 1, repaired: 1 });
    expect(await differences(world, found?.id ?? '')).toMatchObject([
      { customer: id, detail: { type: 'customer.updated', created: '2026-01-15T09:15:00.000Z' } },
    ]);
    expect(await nameOf(id)).toBe('third');
  });
});

test('an event that is stored already is nobody’s difference, also when its delivery was quarantined or failed', async () => {
  await stripe.customers.create({ name: 'Known' });
  await world.sandbox.settle();
  await database(world).execute(`update inbound_events set status = 'dead' where type = 'customer.created'`);
  expect(await reconcile(world, { kind: 'missed_events' })).toMatchObject({ status: 'done', found: 0 });
});
