import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { CustomerView } from '../../src/customers/customer-view.js';
import { Transactions } from '../../src/database/transactions.js';
import { Commands } from '../../src/mirror/commands.js';
import { StripeApi } from '../../src/stripe/stripe-api.js';
import type { Problem } from '../../src/api/problem.js';
import type { List } from '../../src/api/list.js';
import { World } from '../support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterEach(() => world.sandbox.behave());
afterAll(() => world.close());

const create = (body: object) => world.api.post<CustomerView>('/v1/customers', body);

const run = (statement: string) => world.get(Transactions).run((em) => em.execute(statement));

async function customersAtStripe(external_id: string): Promise<string[]> {
  const { object } = await world.get(StripeApi).read((stripe) => stripe.customers.list({ limit: 100 }));
  return object.data.filter(({ metadata }) => metadata['external_id'] === external_id).map(({ id }) => id);
}

describe('a customer', () => {
  test('is created, and known by either id', async () => {
    const { status, body } = await create({
      external_id: 'ada',
      email: 'Ada@example.com',
      name: 'Ada',
      locale: 'de-AT',
      metadata: { colour: 'blue' },
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^cus_/),
      object: 'customer',
      external_id: 'ada',
      email: 'Ada@example.com',
      name: 'Ada',
      locale: 'de-AT',
      currency: null,
      default_payment_method: null,
      metadata: { colour: 'blue' },
      created: '2026-01-15T09:00:00.000Z',
    });
    for (const reference of [body.id, 'ada']) {
      expect(await world.api.get(`/v1/customers/${reference}`)).toMatchObject({ status: 200, body });
    }
  });

  test('is found by external_id, and by e-mail address however it is written', async () => {
    const { body } = await create({ external_id: 'bob', email: 'Bob@example.com' });
    await create({ external_id: 'not-bob', email: 'notbob@example.com' });
    for (const query of ['external_id=bob', 'email=bob@EXAMPLE.com']) {
      const found = await world.api.get<List<CustomerView>>(`/v1/customers?${query}`);
      expect(found.body).toEqual({ object: 'list', data: [body], has_more: false, url: '/v1/customers' });
    }
    expect((await world.api.get<List<CustomerView>>('/v1/customers?external_id=nobody')).body.data).toEqual([]);
  });

  test('asked for again is the same, as it is', async () => {
    const first = await create({ external_id: 'carl', name: 'Carl' });
    const again = await create({ external_id: 'carl', name: 'Somebody else' });
    expect(again).toMatchObject({ status: 200, body: first.body });
  });

  test('is changed: what is not named stays, null unsets', async () => {
    const { body } = await create({
      external_id: 'dora',
      email: 'd@example.com',
      name: 'Dora',
      metadata: { a: '1', b: '2' },
    });
    const changed = await world.api.patch('/v1/customers/dora', {
      name: null,
      locale: 'fr',
      metadata: { a: null, c: '3' },
    });
    expect(changed).toMatchObject({ status: 200 });
    expect(changed.body).toEqual({ ...body, name: null, locale: 'fr', metadata: { b: '2', c: '3' } });
  });

  test('deleted leaves a tombstone, and its external_id is free again', async () => {
    const { body } = await create({ external_id: 'eve' });
    expect((await world.api.get('/v1/customers/eve')).status).toBe(200);
    expect(await world.api.delete(`/v1/customers/eve`)).toMatchObject({
      status: 200,
      body: { id: body.id, object: 'customer', deleted: true },
    });
    await world.sandbox.settle();
    expect(await world.api.get(`/v1/customers/${body.id}`)).toMatchObject({
      status: 410,
      body: { code: 'customer_deleted' },
    });
    expect(await world.api.get('/v1/customers/eve')).toMatchObject({
      status: 404,
      body: { code: 'customer_not_found' },
    });
    const next = await create({ external_id: 'eve' });
    expect(next.status).toBe(201);
    expect(next.body.id).not.toBe(body.id);
    expect((await world.api.get<CustomerView>('/v1/customers/eve')).body.id).toBe(next.body.id);
  });

  test('made by hand at Stripe is known by the external_id in its metadata; a second that claims it is not', async () => {
    const byHand = async (name: string) => {
      const made = await world
        .get(StripeApi)
        .read((stripe) => stripe.customers.create({ name, metadata: { external_id: 'fay' } }));
      await world.sandbox.settle();
      return made.object.id;
    };
    const first = await byHand('Fay');
    const second = await byHand('Also Fay');
    expect((await world.api.get<CustomerView>('/v1/customers/fay')).body).toMatchObject({ id: first, name: 'Fay' });
    expect((await world.api.get<CustomerView>(`/v1/customers/${second}`)).body).toMatchObject({
      external_id: null,
      name: 'Also Fay',
    });
    expect((await create({ external_id: 'fay' })).body.id).toBe(first);
  });
});

describe('one Stripe customer per external_id', () => {
  test('when it is asked for twenty times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => create({ external_id: 'grace' })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(await customersAtStripe('grace')).toHaveLength(1);
  });

  test('when Stripe acted but its answer was lost, again and again', async () => {
    await world.sandbox.mischief({ requests: { cut_after_apply: true, times: 3, match: 'POST /v1/customers' } });
    expect(await create({ external_id: 'heidi' })).toMatchObject({ status: 503, body: { code: 'stripe_unavailable' } });
    await world.sandbox.behave();
    await world.get(Commands).resume(0);
    const again = await create({ external_id: 'heidi' });
    expect(again.status).toBe(200);
    expect(await customersAtStripe('heidi')).toEqual([again.body.id]);
  });

  test('when the request is repeated with its Idempotency-Key before the lost answer was followed up', async () => {
    const ask = () =>
      world.api.post<CustomerView>('/v1/customers', { external_id: 'ivan' }, { 'idempotency-key': 'ivan-1' });
    await world.sandbox.mischief({ requests: { cut_after_apply: true, times: 3, match: 'POST /v1/customers' } });
    expect((await ask()).status).toBe(503);
    await world.sandbox.behave();
    const again = await ask();
    expect(again.status).toBe(201);
    expect(await customersAtStripe('ivan')).toEqual([again.body.id]);
  });

  test('and none when Stripe refused: the id can be asked for again', async () => {
    await world.sandbox.mischief({ requests: { status: 400, times: 1, match: 'POST /v1/customers' } });
    expect((await create({ external_id: 'judy' })).status).toBe(422);
    await world.sandbox.behave();
    expect((await create({ external_id: 'judy' })).status).toBe(201);
  });

  test('and none when the database failed before the command was begun: the id can be asked for again', async () => {
    await run(`create function cut_off() returns trigger language plpgsql
      as $$ begin raise exception 'cut off' using errcode = '57P01'; end $$`);
    await run(`create trigger cut_off before insert on operations
      for each row when (new.params->'metadata'->>'external_id' = 'niaj') execute function cut_off()`);
    expect((await create({ external_id: 'niaj' })).status).toBe(503);
    await run('drop function cut_off cascade');
    expect((await create({ external_id: 'niaj' })).status).toBe(201);
  });

  test('when whoever had claimed the id died before it sent anything', async () => {
    const dead = `insert into external_ids (external_id, claimed_at) values ('mallory', now() - interval '2 minutes')`;
    await run(dead);
    expect((await create({ external_id: 'mallory' })).status).toBe(201);
  });
});

describe('bad input', () => {
  test.each([
    [{ external_id: 'cus_123' }, '/external_id'],
    [{ external_id: '' }, '/external_id'],
    [{ external_id: '..' }, '/external_id'],
    [{ email: 'nobody' }, '/email'],
    [{ locale: 'not a locale' }, '/locale'],
    [{ metadata: { external_id: 'x' } }, '/metadata/external_id'],
    [{ nickname: 'x' }, '/nickname'],
  ])('%j is refused by name', async (body, pointer) => {
    const { status, body: problem } = await world.api.post<Problem>('/v1/customers', body);
    expect(status).toBe(422);
    expect(problem.code).toBe('invalid_input');
    expect(problem.errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  test.each(['cus_unknown', 'unknown'])('the unknown customer %s is named', async (reference) => {
    expect(await world.api.get(`/v1/customers/${reference}`)).toMatchObject({
      status: 404,
      body: { code: 'customer_not_found', detail: expect.stringContaining(reference) },
    });
  });
});
