import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OutboundHouse } from './outbound-house.js';
import type { Json } from './outbound-house.js';

let house: OutboundHouse;

/** Ada, whom the app calls user_1, three times; Grace, of whom it has no name of its own, once. */
beforeAll(async () => {
  house = await OutboundHouse.open();
  await house.sql(`insert into external_ids (external_id, customer, claimed_at) values ('user_1', 'cus_ada', now())`);
  const occurred_at = new Date('2026-01-02T03:04:05Z');
  const cause = { cause: 'evt_1', occurred_at };
  const changed = { type: 'customer.updated' as const, data: { changed: ['email'] }, ...cause };
  for (const customer of ['cus_ada', 'cus_grace', 'cus_ada'])
    await house.publish({ ...changed, customer, object: customer });
  await house.publish({ type: 'customer.deleted', data: {}, customer: 'cus_ada', object: 'cus_ada', ...cause });
});
afterAll(() => house.close());

async function list(query: string): Promise<Json[]> {
  const { status, body } = await house.call('GET', `/v1/events?${query}`);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body['data'] as Json[];
}

test('are listed youngest first, with the app’s own name of the customer', async () => {
  const found = await list('');
  expect(found.map(({ type, customer, external_id }) => [type, customer, external_id])).toEqual([
    ['customer.deleted', 'cus_ada', 'user_1'],
    ['customer.updated', 'cus_ada', 'user_1'],
    ['customer.updated', 'cus_grace', null],
    ['customer.updated', 'cus_ada', 'user_1'],
  ]);
  expect(found[1]).toEqual({
    object: 'event',
    id: expect.stringMatching(/^dev_/),
    type: 'customer.updated',
    customer: 'cus_ada',
    external_id: 'user_1',
    subject: 'cus_ada',
    data: { changed: ['email'] },
    cause: 'evt_1',
    occurred_at: '2026-01-02T03:04:05.000Z',
  });
  expect((await house.call('GET', `/v1/events/${String(found[1]?.['id'])}`)).body).toEqual(found[1]);
});

test('of a customer, by the app’s own id', async () => {
  expect(await list('customer=user_1')).toHaveLength(3);
  expect(await list('customer=user_1&type=customer.updated')).toHaveLength(2);
  expect(await house.call('GET', '/v1/events?customer=user_2')).toMatchObject({
    status: 404,
    body: { code: 'customer_not_found' },
  });
});

test('page by page, each once', async () => {
  const all = (await list('')).map(({ id }) => id);
  const first = await list('limit=3');
  const rest = await list(`limit=3&starting_after=${String(first[2]?.['id'])}`);
  expect([...first, ...rest].map(({ id }) => id)).toEqual(all);
  expect((await list(`limit=2&ending_before=${String(all[3])}`)).map(({ id }) => id)).toEqual([all[1], all[2]]);
});
