import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import type { JobData } from '../../../src/jobs/jobs.js';
import { Mirror } from '../../../src/mirror/mirror.js';
import { MirrorRegistry } from '../../../src/mirror/mirror-registry.js';
import { StripeApi } from '../../../src/stripe/stripe-api.js';
import { StripeUnavailable } from '../../../src/stripe/stripe.errors.js';
import { WebhookReplayJob } from '../../../src/webhooks/inbound/webhook-replay.job.js';
import { customerFixture } from '../../customers/fixtures.js';
import { bothSides, stripeOf } from '../../reconciliation/mirror-oracle.js';
import { Observer } from '../../support/observer.js';
import { eventBody, signed } from '../../support/stripe-event.js';
import type { EventFields } from '../../support/stripe-event.js';
import { World } from '../../support/world.js';

interface Replay {
  id: string;
  status: string;
  total: number;
  checked: number;
  replayed: number;
  requeued: number;
  skipped: number;
  failed: number;
  error: string | null;
}

let world: World;
let observer: Observer;

beforeAll(async () => {
  world = await World.open();
  observer = await Observer.watch(world);
  await liveALittle();
  await observer.see();
}, 60_000);
afterAll(async () => {
  await observer.close();
  await world.close();
});

/** Customers that subscribe, change, fail to pay, pay, are refunded, cancel and go; some of it within one second. */
async function liveALittle(): Promise<void> {
  const stripe = stripeOf(world);
  for (const name of ['ada', 'bob', 'cyd']) {
    await world.api.post('/v1/customers', { external_id: name, email: `${name}@example.com`, name });
    await world.api.post(`/v1/customers/${name}/payment_methods`, { payment_method: 'pm_card_visa' });
    const wish = { customer: name, plan: 'starter', interval: 'month', trial_days: 0 };
    const { body, status } = await world.api.post<{ id: string }>('/v1/subscriptions', wish);
    expect(status).toBe(201);
    if (name === 'bob') await world.api.post(`/v1/subscriptions/${body.id}/change`, { plan: 'pro' });
    if (name === 'cyd') await world.api.post(`/v1/subscriptions/${body.id}/cancel`, { at: 'period_end' });
  }
  await world.sandbox.advance('3d');
  const attach = { payment_method: 'pm_card_chargeCustomerFail' };
  await world.api.post('/v1/customers/ada/payment_methods', attach);
  const payment = { customer: 'bob', amount: 4900, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };
  const { body: paid } = await world.api.post<{ id: string }>('/v1/payments', payment);
  await world.api.post('/v1/refunds', { payment: paid.id, amount: 100 });
  await world.sandbox.advance('33d');
  const someone = await stripe.customers.create({ email: 'someone@example.com' });
  await stripe.customers.update(someone.id, { name: 'One' });
  await stripe.customers.update(someone.id, { name: 'Two' });
  await world.sandbox.advance('10d');
  await stripe.customers.del(someone.id);
  await world.sandbox.settle();
}

/** Every row that may not change: what is mirrored and what is derived from it. */
async function everything(): Promise<Record<string, unknown>> {
  const tables = world
    .get(MirrorRegistry)
    .all()
    .map(({ table }) => table);
  const found: Record<string, unknown> = {};
  for (const table of [...tables, 'access', 'access_changes', 'domain_events', 'emails', 'due', 'external_ids'])
    found[table] = await rows(`select t::text as row from ${table} as t order by 1`);
  return found;
}

function rows<T = Record<string, unknown>>(statement: string, values: unknown[] = []): Promise<T[]> {
  return world.get(MikroORM).em.fork().execute<T[]>(statement, values);
}

async function replay(selection: object): Promise<Replay> {
  const { status, body } = await world.api.post<Replay>('/v1/webhooks/replays', selection);
  expect([status, body.status]).toEqual([202, 'running']);
  await world.sandbox.settle();
  return (await world.api.get<Replay>(`/v1/webhooks/replays/${body.id}`)).body;
}

function deliver(fields: EventFields): Promise<Response> {
  const body = eventBody(fields);
  const headers = signed(body, world.runtime.stripe.webhookSecrets[0] ?? '');
  return fetch(`${world.house.url}/webhooks/stripe`, { method: 'POST', body, headers });
}

async function statusOf(id: string): Promise<string> {
  return (await world.api.get<{ status: string }>(`/v1/webhooks/events/${id}`)).body.status;
}

/** What they may use and why, but by what that was derived: in a rebuilt mirror it is the replay. */
async function accessOf(): Promise<string> {
  const found = await rows('select customer, entitlements::text, next_change_at from access order by customer');
  return JSON.stringify(found).replaceAll(/(evt|op|rpl)_\w+/g, '…');
}

/** Fails like a fault of ours that is mended later. */
async function die(id: string): Promise<void> {
  const broken = jest.spyOn(world.get(Mirror), 'applyEvents').mockRejectedValue(new Error('cannot be projected'));
  await deliver({
    id,
    type: 'customer.created',
    created: 1_800_000_000,
    object: customerFixture({ id: `cus_${id}` }),
  });
  for (let attempt = 1; attempt <= 8; attempt++) {
    await world.sandbox.settle();
    await rows("update inbound_events set next_attempt_at = now() where status = 'pending'");
    await rows("select pg_notify('inbox', '')");
  }
  await world.sandbox.settle();
  broken.mockRestore();
}

/** Opens one whose steps the test does itself. */
async function held(selection: object): Promise<JobData<'webhook_replay.run'>> {
  const job = world.get(WebhookReplayJob);
  const run = jest.spyOn(job, 'run').mockResolvedValue();
  const { body } = await world.api.post<Replay>('/v1/webhooks/replays', selection);
  await world.sandbox.settle();
  run.mockRestore();
  return { replay: body.id };
}

function seen({ replay: id }: JobData<'webhook_replay.run'>): Promise<Replay> {
  return world.api.get<Replay>(`/v1/webhooks/replays/${id}`).then(({ body }) => body);
}

function iso(text: string, laterMs = 0): string {
  return new Date(new Date(text).getTime() + laterMs).toISOString();
}

const SILENCE = { events: [], emails: [], webhooks: [] };

describe('what was handled', () => {
  test('all of it, twice: every row is as before, and nobody is told anything', async () => {
    const before = await everything();
    const [{ count } = { count: 0 }] = await rows<{ count: number }>('select count(*)::int from inbound_events');
    expect(count).toBeGreaterThan(60);
    for (let time = 0; time < 2; time++) {
      expect(await replay({ all: true })).toMatchObject({
        status: 'done',
        total: count,
        checked: count,
        replayed: count,
        requeued: 0,
        failed: 0,
        error: null,
      });
      expect(await observer.see()).toMatchObject(SILENCE);
      expect(await everything()).toEqual(before);
    }
  });

  test('rebuilds a mirror that was lost, and nobody is told anything', async () => {
    const told = ['domain_events', 'emails', 'webhook_deliveries'];
    const count = () => Promise.all(told.map((table) => rows(`select count(*) from ${table}`)));
    const [accessBefore, toldBefore] = [await accessOf(), await count()];
    for (const { table } of world.get(MirrorRegistry).all()) await rows(`delete from ${table}`);
    expect(await replay({ all: true })).toMatchObject({ status: 'done', failed: 0 });
    const { mirror, stripe } = await bothSides(world);
    expect(mirror).toEqual(stripe);
    expect(await accessOf()).toEqual(accessBefore);
    expect(await observer.see()).toMatchObject(SILENCE);
    expect(await count()).toEqual(toldBefore);
  }, 30_000);

  test('by type and by range', async () => {
    const [{ count, first, last } = { count: 0, first: '', last: '' }] = await rows<{
      count: number;
      first: string;
      last: string;
    }>(
      `select count(*)::int, min(received_at)::text as first, max(received_at)::text as last
       from inbound_events where type = 'customer.created'`,
    );
    expect(await replay({ type: 'customer.created' })).toMatchObject({ total: count, checked: count, replayed: count });
    const range = { from: iso(first), to: iso(last, 1) };
    const inRange = await replay(range);
    expect(inRange.total).toBeGreaterThanOrEqual(count);
    expect(inRange.checked).toBe(inRange.total);
    expect(await replay({ ...range, type: 'customer.created' })).toMatchObject({ total: count, replayed: count });
    expect(await replay({ from: iso(last, 3_600_000) })).toMatchObject({ status: 'done', total: 0, checked: 0 });
  });
});

describe('what never was', () => {
  test('a dead letter is found, read and replayed, and then all follows that would have', async () => {
    await die('evt_dead');
    const { body: list } = await world.api.get<{ data: object[] }>('/v1/webhooks/events?status=dead');
    expect(list.data).toMatchObject([{ id: 'evt_dead', attempts: 8, error: 'Error: cannot be projected' }]);
    const { body: letter } = await world.api.get<{ payload: string }>('/v1/webhooks/events/evt_dead');
    expect(JSON.parse(letter.payload)).toMatchObject({ id: 'evt_dead' });
    await observer.see();
    expect(await replay({ event: 'evt_dead' })).toMatchObject({ total: 1, requeued: 1, replayed: 0 });
    expect(await statusOf('evt_dead')).toBe('handled');
    expect(await observer.see()).toMatchObject({ events: ['customer.created'], webhooks: ['customer.created'] });
    // From then on it was handled like any other.
    expect(await replay({ event: 'evt_dead' })).toMatchObject({ requeued: 0, replayed: 1 });
    expect(await observer.see()).toMatchObject(SILENCE);
  });

  test('all dead letters at once, and nothing else', async () => {
    await die('evt_dead_1');
    await die('evt_dead_2');
    expect(await replay({ status: 'dead' })).toMatchObject({ total: 2, checked: 2, requeued: 2, replayed: 0 });
    expect([await statusOf('evt_dead_1'), await statusOf('evt_dead_2')]).toEqual(['handled', 'handled']);
  });

  test('what is of the other mode, or no event at all, stays aside', async () => {
    const live = { id: 'evt_live', type: 'customer.created', created: 1, object: customerFixture({ id: 'cus_live' }) };
    await deliver({ ...live, livemode: true });
    const bytes = '{"no": "event"}';
    const headers = signed(bytes, world.runtime.stripe.webhookSecrets[0] ?? '');
    await fetch(`${world.house.url}/webhooks/stripe`, { method: 'POST', body: bytes, headers });
    expect(await replay({ status: 'quarantined' })).toMatchObject({ total: 2, requeued: 0, skipped: 2 });
    expect(await statusOf('evt_live')).toBe('quarantined');
    expect(await rows("select 1 from customers where id = 'cus_live'")).toEqual([]);
  });

  test('what was kept aside because the mode was set wrongly is projected once it is right', async () => {
    const { stripe } = world.runtime;
    stripe.mode = 'live';
    await deliver({ id: 'evt_mode', type: 'x.y', created: 1, object: { id: 'x_1', object: 'x' } });
    stripe.mode = 'test';
    expect(await statusOf('evt_mode')).toBe('quarantined');
    expect(await replay({ event: 'evt_mode' })).toMatchObject({ requeued: 1 });
    expect(await statusOf('evt_mode')).toBe('handled');
  });
});

/** More events than one step takes, that were handled. */
async function haveMany(type: string): Promise<void> {
  await rows(
    `insert into inbound_events (id, type, livemode, created, payload, status, received_at)
     select 'evt_${type}_' || n, '${type}', false, now(), '{}', 'handled', now() from generate_series(1, 450) as n`,
  );
}

describe('a replay', () => {
  beforeEach(() => {
    jest.restoreAllMocks();
  });

  test('goes on where it was cut off, in slices, and what comes meanwhile is not part of it', async () => {
    await haveMany('many.more');
    const job = await held({ type: 'many.more' });
    expect(await seen(job)).toMatchObject({ status: 'running', total: null, checked: 0 });
    jest.spyOn(world.get(Mirror), 'applyEvents').mockRejectedValueOnce(new StripeUnavailable(null));
    await expect(world.get(WebhookReplayJob).run(job)).rejects.toThrow(StripeUnavailable);
    expect(await seen(job)).toMatchObject({ status: 'running', checked: 0, error: expect.stringContaining('Stripe') });
    await deliver({ id: 'evt_many_late', type: 'many.more', created: 1, object: { id: 'x_1', object: 'x' } });
    await world.get(WebhookReplayJob).run(job);
    await world.sandbox.settle();
    expect(await seen(job)).toMatchObject({ status: 'done', total: 450, checked: 450, replayed: 450, error: null });
  });

  test('a step done twice counts once', async () => {
    await haveMany('even.more');
    const job = await held({ type: 'even.more' });
    const doubled = await Promise.allSettled([1, 2].map(() => world.get(WebhookReplayJob).run(job)));
    expect(doubled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await world.sandbox.settle();
    expect(await seen(job)).toMatchObject({ status: 'done', total: 450, checked: 450 });
  });

  test('fails when its last attempt at a step does', async () => {
    const job = await held({ type: 'many.more' });
    await rows('update webhook_replays set attempts = 5 where id = ?', [job.replay]);
    jest.spyOn(world.get(Mirror), 'applyEvents').mockRejectedValueOnce(new StripeUnavailable(null));
    await expect(world.get(WebhookReplayJob).run(job)).rejects.toThrow(StripeUnavailable);
    expect(await seen(job)).toMatchObject({ status: 'failed', error: expect.stringContaining('Stripe') });
  });

  test('passes over an event that cannot be brought again, and says which', async () => {
    const apply = world.get(Mirror).applyEvents.bind(world.get(Mirror));
    jest.spyOn(world.get(Mirror), 'applyEvents').mockImplementation(async (em, events, bringing) => {
      if (events.some(({ object }) => object.object === 'product')) throw new Error('not this one');
      return apply(em, events, bringing);
    });
    const result = await replay({ all: true });
    expect(result).toMatchObject({ status: 'done', error: expect.stringMatching(/^evt_\w+: Error: not this one$/) });
    expect(result.failed).toBeGreaterThan(0);
    expect(result.checked).toBe(result.total);
  });

  test('asks Stripe about each object in doubt once', async () => {
    const [customer] = await rows<{ id: string }>(
      "select id from customers where not deleted and id not like 'cus_evt%'",
    );
    const object = { id: customer?.id, object: 'customer' };
    const fields = { type: 'customer.updated', created: 1_900_000_000, object, api_version: '2020-08-27' };
    for (const id of ['evt_old_1', 'evt_old_2', 'evt_old_3']) await deliver({ ...fields, id });
    await world.sandbox.settle();
    const before = await everything();
    const read = jest.spyOn(world.get(StripeApi), 'read');
    await replay({ type: 'customer.updated' });
    expect(read.mock.calls.length).toBeLessThanOrEqual(2);
    expect(await everything()).toEqual(before);
  });

  test('of what is pruned, or of a connected account, skips it', async () => {
    await rows("update inbound_events set payload = null where id = 'evt_many.more_1'");
    await rows("update inbound_events set account = 'acct_1' where id = 'evt_many.more_2'");
    for (const event of ['evt_many.more_1', 'evt_many.more_2'])
      expect(await replay({ event })).toMatchObject({ status: 'done', skipped: 1, replayed: 0 });
    expect((await world.api.get('/v1/webhooks/events/evt_many.more_1')).body).toMatchObject({ payload: null });
  });

  test.each<[string, object, string]>([
    ['nothing', {}, ''],
    ['an event and more', { event: 'evt_1', type: 'x' }, '/event'],
    ['everything and more', { all: true, status: 'dead' }, '/all'],
  ])('that names %s is refused', async (_, selection, pointer) => {
    const { status, body } = await world.api.post('/v1/webhooks/replays', selection);
    expect([status, body]).toMatchObject([422, { errors: [{ pointer }] }]);
  });

  test('of an event that is not stored is refused', async () => {
    expect((await world.api.post('/v1/webhooks/replays', { event: 'evt_none' })).status).toBe(404);
  });
});
