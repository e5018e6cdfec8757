import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { withContext } from '../../src/api/request-context.js';
import { Operation } from '../../src/stripe/operation.entity.js';
import { StripeApi } from '../../src/stripe/stripe-api.js';
import { MirrorRoom } from './mirror-room.js';

let house: MirrorRoom;

beforeAll(async () => {
  house = await MirrorRoom.open();
});
beforeEach(() => house.controls.forgetRequests());
afterEach(async () => {
  jest.restoreAllMocks();
  await house.controls.behave();
});
afterAll(() => house.close());

function operations(): Promise<Operation[]> {
  return house.reader().find(Operation, {}, { orderBy: { started_at: 'asc' } });
}

async function lastOperation(): Promise<Operation> {
  const last = (await operations()).at(-1);
  if (!last) throw new Error('There is no operation.');
  return last;
}

/** What the sandbox was asked under each idempotency key. */
async function keysSent(): Promise<Array<string | null>> {
  return (await house.controls.requests()).flatMap(({ method, idempotency_key }) =>
    method === 'POST' ? [idempotency_key] : [],
  );
}

async function customersNamed(name: string): Promise<string[]> {
  const { data } = await house.stripe.customers.list({ limit: 100 });
  return data.filter((customer) => customer.name === name).map(({ id }) => id);
}

function create(name: string) {
  return house.commands.run('customer.create', { name }, null);
}

function inScope<T>(scope: string, work: () => Promise<T>): Promise<T> {
  return withContext({ operation_scope: scope }, work);
}

/** The next commands are carried out, but their answers are lost: the SDK's three attempts are cut. */
function loseAnswers() {
  return house.controls.mischief({ requests: { cut_after_apply: true, times: 3, match: 'POST' } });
}

describe('a command', () => {
  test('is written down before it is sent, and done when its answer is in the mirror', async () => {
    const api = house.room.get(StripeApi);
    const send = api.send.bind(api);
    const whenSent: Operation[] = [];
    jest.spyOn(api, 'send').mockImplementation(async (...command) => {
      whenSent.push(await lastOperation());
      return send(...command);
    });
    const { id } = await create('Written');
    expect(whenSent).toEqual([
      expect.objectContaining({
        kind: 'customer.create',
        params: { name: 'Written' },
        status: 'started',
        attempts: 0,
        finished_at: null,
      }),
    ]);
    const operation = await lastOperation();
    expect(operation).toMatchObject({ id: whenSent[0]?.id, status: 'done', result: id, error: null, attempts: 1 });
    expect(operation.finished_at).toBeInstanceOf(Date);
    expect(await keysSent()).toEqual([operation.id]);
    expect(await house.customer(id)).toMatchObject({ name: 'Written', cause: operation.id });
    expect(await house.told(id)).toEqual(['customer.created']);
  });

  test('that Stripe refuses has failed, with its reason', async () => {
    const refused = house.commands.run('customer.update', { id: 'cus_nobody', name: 'X' }, 'cus_nobody');
    await expect(refused).rejects.toMatchObject({ code: 'stripe_object_missing' });
    expect(await lastOperation()).toMatchObject({
      status: 'failed',
      result: null,
      error: expect.stringContaining('stripe_object_missing: '),
      customer: 'cus_nobody',
    });
    expect(await house.commands.inDoubt('cus_nobody', 'customer.update')).toBe(false);
  });

  test('that changes what the mirror holds needs no second request', async () => {
    const { id } = await create('Before');
    await house.controls.forgetRequests();
    await house.commands.run('customer.update', { id, name: 'After' }, id);
    expect((await house.controls.requests()).map(({ method }) => method)).toEqual(['POST']);
    expect(await house.customer(id)).toMatchObject({ name: 'After', revision: 2 });
    expect(await house.told(id)).toEqual(['customer.created', 'customer.updated']);
  });

  test('that deletes leaves a tombstone', async () => {
    const { id } = await create('Deleted');
    await house.commands.run('customer.delete', { id }, id);
    expect(await house.customer(id)).toMatchObject({ deleted: true, name: 'Deleted' });
    expect(await house.told(id)).toEqual(['customer.created', 'customer.deleted']);
  });

  test('whose object is not mirrored is done as well', async () => {
    const { id } = await house.commands.run('product.create', { name: 'Pro' }, null);
    expect(await lastOperation()).toMatchObject({ kind: 'product.create', status: 'done', result: id });
  });

  test('whose event was quicker than its answer happens once', async () => {
    const api = house.room.get(StripeApi);
    const send = api.send.bind(api);
    jest.spyOn(api, 'send').mockImplementationOnce(async (...command) => {
      const answer = await send(...command);
      const object = await house.stripe.customers.retrieve(answer.object.id);
      await house.apply(house.event('customer.created', { ...object, object: 'customer' }, 0));
      return answer;
    });
    const { id } = await create('Quick');
    expect(await house.told(id)).toEqual(['customer.created']);
    expect(await house.customer(id)).toMatchObject({ name: 'Quick', revision: 1 });
  });

  test('whose answer is older than an event that came meanwhile does not set the mirror back', async () => {
    const { id } = await create('First');
    const api = house.room.get(StripeApi);
    const send = api.send.bind(api);
    jest.spyOn(api, 'send').mockImplementationOnce(async (...command) => {
      const answer = await send(...command);
      await house.controls.advance('1h');
      const object = await house.stripe.customers.update(id, { name: 'Third' });
      await house.apply(house.event('customer.updated', object, 3600));
      return answer;
    });
    await house.commands.run('customer.update', { id, name: 'Second' }, id);
    expect(await house.customer(id)).toMatchObject({ name: 'Third' });
  });
});

describe('when the answer is lost', () => {
  test('the operation stays in doubt, and is resumed under the same key: one object', async () => {
    await loseAnswers();
    await expect(house.commands.run('customer.create', { name: 'Lost' }, 'cus_asker')).rejects.toMatchObject({
      code: 'stripe_unavailable',
    });
    const { id: operation, status, finished_at } = await lastOperation();
    expect({ status, finished_at }).toEqual({ status: 'started', finished_at: null });
    expect(await house.commands.inDoubt('cus_asker', 'customer.create')).toBe(true);
    expect(await house.commands.inDoubt('cus_asker', 'customer.update')).toBe(false);

    expect(await house.commands.resume(60)).toBe(0);
    expect(await house.commands.resume(0)).toBe(1);
    const [id, ...others] = await customersNamed('Lost');
    expect(others).toEqual([]);
    expect(await lastOperation()).toMatchObject({ id: operation, status: 'done', result: id });
    expect(await house.customer(id ?? '')).toMatchObject({ name: 'Lost' });
    expect(new Set(await keysSent())).toEqual(new Set([operation]));
    expect(await house.commands.inDoubt('cus_asker', 'customer.create')).toBe(false);
    expect(await house.commands.resume(0)).toBe(0);
  });

  test('because Stripe was away, it is done once Stripe is back', async () => {
    await house.controls.mischief({ requests: { status: 503, times: 3, match: 'POST' } });
    await expect(create('Away')).rejects.toMatchObject({ code: 'stripe_unavailable' });
    expect(await customersNamed('Away')).toEqual([]);
    expect(await house.commands.resume(0)).toBe(1);
    expect(await customersNamed('Away')).toHaveLength(1);
  });

  test('because it could not be mirrored, it is in doubt too, and mirrored when it is resumed', async () => {
    jest.spyOn(house.mirror, 'writeFetched').mockRejectedValueOnce(new Error('the database is away'));
    await expect(create('Unmirrored')).rejects.toThrow('the database is away');
    expect(await lastOperation()).toMatchObject({ status: 'started' });
    expect(await house.commands.resume(0)).toBe(1);
    const [id = ''] = await customersNamed('Unmirrored');
    expect(await house.customer(id)).toMatchObject({ name: 'Unmirrored' });
  });

  test('and what it did was changed since, the repeated answer does not bring the past back', async () => {
    const { id } = await create('First');
    await loseAnswers();
    await expect(house.commands.run('customer.update', { id, name: 'Second' }, id)).rejects.toMatchObject({
      code: 'stripe_unavailable',
    });
    await house.commands.run('customer.update', { id, name: 'Third' }, id);
    await house.controls.advance('1h');
    expect(await house.commands.resume(0)).toBe(1);
    expect((await house.stripe.customers.retrieve(id)) as object).toMatchObject({ name: 'Third' });
    expect(await house.customer(id)).toMatchObject({ name: 'Third' });
    expect(await house.told(id)).toEqual(['customer.created', 'customer.updated']);
  });

  test('one that is refused when it is resumed does not hold up the next', async () => {
    await house.controls.mischief({ requests: { status: 503, times: 6, match: 'POST' } });
    const lost = [
      house.commands.run('customer.update', { id: 'cus_nobody', name: 'X' }, 'cus_nobody'),
      create('After the refused'),
    ];
    for (const settled of await Promise.allSettled(lost)) expect(settled.status).toBe('rejected');
    expect(await house.commands.resume(0)).toBe(2);
    expect(
      (await operations())
        .slice(-2)
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual(['done', 'failed']);
    expect(await customersNamed('After the refused')).toHaveLength(1);
  });

  test('for so long that Stripe may have forgotten the key, it is not sent again', async () => {
    await house.controls.mischief({ requests: { status: 503, times: 3, match: 'POST' } });
    await expect(create('Forgotten')).rejects.toMatchObject({ code: 'stripe_unavailable' });
    const { id } = await lastOperation();
    await house.run((em) =>
      em.nativeUpdate(Operation, { id }, { started_at: new Date(Date.now() - 23.5 * 3_600_000) }),
    );
    await house.controls.forgetRequests();
    expect(await house.commands.resume(0)).toBe(1);
    expect(await keysSent()).toEqual([]);
    expect(await house.reader().findOneOrFail(Operation, id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('abandoned'),
    });
  });
});

describe('the scope of a request', () => {
  test('makes its repetition the same operation, whose repeated answer is not taken for news', async () => {
    const before = (await operations()).length;
    const first = await inScope('key A', () => create('Scoped'));
    await house.controls.advance('1h');
    await house.commands.run('customer.update', { id: first.id, name: 'Renamed' }, first.id);
    await house.controls.advance('1h');
    const again = await inScope('key A', () => create('Scoped'));
    expect(again.id).toBe(first.id);
    expect(await customersNamed('Scoped')).toEqual([]);
    expect(await house.customer(first.id)).toMatchObject({ name: 'Renamed' });
    expect((await operations()).length).toBe(before + 2);
  });

  test('after a refusal: the repetition is refused likewise', async () => {
    for (const attempts of [1, 2]) {
      const refused = inScope('key B', () => house.commands.run('customer.delete', { id: 'cus_no' }, 'cus_no'));
      await expect(refused).rejects.toMatchObject({ code: 'stripe_object_missing' });
      expect(await lastOperation()).toMatchObject({ status: 'failed', attempts });
    }
  });

  test('keeps other parameters, other kinds and other scopes apart; without one nothing is the same', async () => {
    const ids = [
      await inScope('key C', () => create('Apart')),
      await inScope('key C', () => create('Apart too')),
      await inScope('key D', () => create('Apart')),
      await create('Apart'),
      await create('Apart'),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
    expect(new Set(await keysSent()).size).toBe(5);
  });

  test('tells whether this very request has begun the command before', async () => {
    const params = { name: 'Begun' };
    const begun = () => inScope('key E', () => house.commands.begun('customer.create', params));
    expect(await begun()).toBe(false);
    await loseAnswers();
    await expect(inScope('key E', () => create('Begun'))).rejects.toMatchObject({ code: 'stripe_unavailable' });
    expect(await begun()).toBe(true);
    expect(await house.commands.begun('customer.create', params)).toBe(false);
    await house.controls.behave();
    await inScope('key E', () => create('Begun'));
    expect(await customersNamed('Begun')).toHaveLength(1);
  });
});
