import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ReconciliationJob } from '../../src/reconciliation/reconciliation.job.js';
import { StripeObjects } from '../../src/reconciliation/stripe-objects.js';
import { World } from '../support/world.js';
import { database, stripeOf } from './mirror-oracle.js';
import { differences, ended, reconcile, retrieve, runs } from './runs.js';
import type { Run } from './runs.js';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterEach(async () => {
  await world.sandbox.behave();
  await world.sandbox.settle();
});
afterAll(() => world.close());

/** A run of which nobody has taken up the job. */
async function insertRun(id: string, columns: Record<string, unknown> = {}): Promise<void> {
  const row = { id, kind: 'objects', status: 'running', dry_run: false, created_at: new Date(), ...columns };
  const names = Object.keys(row).map((name) => `"${name}"`);
  const places = Object.keys(row).map(() => '?');
  await database(world).execute(
    `insert into reconciliations (${names.join()}) values (${places.join()})`,
    Object.values(row),
  );
}

describe('one at a time', () => {
  test('a second run of the same kind is refused and told of the first, one of the other kind is not', async () => {
    await insertRun('rec_busy', { kind: 'missed_events' });
    const refused = await world.api.post('/v1/reconciliations', { kind: 'missed_events' });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'reconciliation_running', reconciliation: 'rec_busy' },
    });
    expect((await world.api.post('/v1/reconciliations', { kind: 'objects' })).status).toBe(202);
    await database(world).execute(`update reconciliations set status = 'done' where id = 'rec_busy'`);
  });

  test('of ten requests at once one is accepted', async () => {
    // The first request of the run waits in the sandbox until all ten have been answered.
    await world.sandbox.mischief({ requests: { delay_ms: 500, times: 1, match: 'GET /v1/' } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => world.api.post('/v1/reconciliations', { kind: 'objects' })),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  });

  test('a slot of the schedule that falls into a run is left out', async () => {
    await insertRun('rec_long', { kind: 'objects' });
    await world.get(ReconciliationJob).sweepObjects();
    expect((await runs(world)).filter(({ kind, status }) => kind === 'objects' && status === 'running')).toHaveLength(
      1,
    );
    await database(world).execute(`update reconciliations set status = 'done' where id = 'rec_long'`);
  });

  test('a run without a sign of life has failed, and makes way', async () => {
    await insertRun('rec_lost', { alive_at: new Date(Date.now() - 16 * 60_000) });
    await insertRun('rec_other', { kind: 'missed_events', alive_at: new Date(Date.now() - 14 * 60_000) });
    expect((await world.api.post('/v1/reconciliations', { kind: 'objects' })).status).toBe(202);
    expect((await world.api.post('/v1/reconciliations', { kind: 'missed_events' })).status).toBe(409);
    expect(await retrieve(world, 'rec_lost')).toMatchObject({ status: 'failed', error: 'It stopped making progress.' });
    await database(world).execute(`update reconciliations set status = 'done' where id = 'rec_other'`);
  });
});

describe('a step that fails', () => {
  test('is tried again, and the run ends well', async () => {
    await world.sandbox.mischief({ requests: { status: 403, times: 50, match: 'GET /v1/events' } });
    const { body } = await world.api.post<Run>('/v1/reconciliations', { kind: 'missed_events' });
    await world.sandbox.settle();
    expect(await retrieve(world, body.id)).toMatchObject({
      status: 'running',
      error: expect.stringContaining('Stripe refuses our API key'),
    });
    await world.sandbox.behave();
    expect(await ended(world, body.id)).toMatchObject({ status: 'done', error: null });
  });

  test('with its last attempt fails the run, and the next one begins where the last good one ended', async () => {
    const good = await reconcile(world, { kind: 'missed_events' });
    await world.sandbox.mischief({ requests: { status: 403, times: 6, match: 'GET /v1/events' } });
    await insertRun('rec_failing', { kind: 'missed_events', from: good.from, to: good.to });
    for (let attempt = 1; attempt <= 6; attempt++) {
      expect(await retrieve(world, 'rec_failing')).toMatchObject({ status: 'running', finished_at: null });
      const step = world.get(ReconciliationJob).run({ reconciliation: 'rec_failing' });
      await expect(step).rejects.toThrow('Stripe refuses our API key');
    }
    expect(await retrieve(world, 'rec_failing')).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('Stripe refuses our API key'),
      finished_at: expect.any(String),
    });
    expect(await reconcile(world, { kind: 'missed_events' })).toMatchObject({ status: 'done' });
  });
});

test('a step done twice at once reports and counts each difference once, and goes on once', async () => {
  await world.sandbox.mischief({ deliveries: { drop: 1 } });
  for (let n = 0; n < 3; n++) await stripeOf(world).customers.create({ name: `Lost ${n}` });
  await insertRun('rec_twice');
  const job = world.get(ReconciliationJob);
  const objects = world.get(StripeObjects);
  const page = objects.page.bind(objects);
  // Both have read where the run stands before either asks Stripe.
  let arrived = 0;
  const both = Promise.withResolvers<void>();
  const spy = jest.spyOn(objects, 'page').mockImplementation(async (...args) => {
    if (++arrived === 2) both.resolve();
    await both.promise;
    return page(...args);
  });
  const ends = await Promise.allSettled(['rec_twice', 'rec_twice'].map((id) => job.run({ reconciliation: id })));
  spy.mockRestore();
  expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  await world.sandbox.settle();
  expect(await retrieve(world, 'rec_twice')).toMatchObject({ status: 'done', found: 3, repaired: 3 });
  expect(await differences(world, 'rec_twice')).toHaveLength(3);
});

test('a step cut off after its differences were written down is done again: nothing is lost or reported twice', async () => {
  await world.sandbox.mischief({ deliveries: { drop: 1 } });
  const { id } = await stripeOf(world).customers.create({ name: 'Lost' });
  // The repair asks Stripe for the object itself; the list before it does not.
  await world.sandbox.mischief({ requests: { status: 403, times: 50, match: `GET /v1/customers/${id}` } });
  const run = await reconcile(world, { kind: 'objects' });
  expect(run).toMatchObject({ status: 'running', found: 1, error: expect.stringContaining('API key') });
  expect((await world.api.get(`/v1/customers/${id}`)).status).toBe(404);
  expect(await differences(world, run.id)).toMatchObject([{ object_id: id, class: 'missing' }]);
  await world.sandbox.behave();
  expect(await ended(world, run.id)).toMatchObject({ status: 'done', found: 1, repaired: 1 });
  expect((await world.api.get(`/v1/customers/${id}`)).body).toMatchObject({ name: 'Lost' });
  expect(await differences(world, run.id)).toHaveLength(1);
});

describe('bad input', () => {
  test.each([
    [{ kind: 'everything' }, 'kind'],
    [{ dry_run: 'yes' }, 'dry_run'],
    [{ limit: 5 }, 'limit'],
  ])('%j is refused', async (body, field) => {
    const answer = await world.api.post('/v1/reconciliations', body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    expect(JSON.stringify(answer.body)).toContain(field);
  });

  test('unknown runs are 404', async () => {
    expect((await world.api.get('/v1/reconciliations/rec_none')).status).toBe(404);
    expect((await world.api.get('/v1/reconciliations/rec_none/differences')).status).toBe(404);
  });
});
