import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { contract, until } from './support.js';

const world = contract();
const mark = randomUUID();

/** The names found, once there are so many: Stripe indexes within a minute. */
async function names(query: string, least: number): Promise<string[]> {
  const { data } = await until(
    () => world.stripe.customers.search({ query, limit: 100 }),
    (found) => found.data.length >= least,
  );
  return data.map(({ name }) => name ?? '').toSorted();
}

describe('customers are searched', () => {
  test('by metadata, by parts of texts, without, and by either', async () => {
    for (const [name, email, tier] of [
      ['Ada', `ada+${mark}@example.com`, 'gold'],
      ['Bob', `bob+${mark}@example.com`, 'gold'],
      ['Cyd', `cyd+${mark}@example.org`, 'tin'],
    ] as const)
      await world.stripe.customers.create({ name, email, metadata: { mark, tier } });
    expect(await names(`metadata["mark"]:"${mark}"`, 3)).toEqual(['Ada', 'Bob', 'Cyd']);
    expect(await names(`metadata['mark']:'${mark}' AND metadata['tier']:'gold'`, 2)).toEqual(['Ada', 'Bob']);
    expect(await names(`metadata["mark"]:"${mark}" -metadata["tier"]:"gold"`, 1)).toEqual(['Cyd']);
    expect(await names(`email~"${mark.slice(0, 8)}" AND metadata["mark"]:"${mark}"`, 3)).toEqual(['Ada', 'Bob', 'Cyd']);
    expect(await names(`email:"ada+${mark}@example.com" OR email:"cyd+${mark}@example.org"`, 2)).toEqual([
      'Ada',
      'Cyd',
    ]);
    expect(await names(`metadata["mark"]:"${mark}" and created>1 and created<99999999999`, 3)).toHaveLength(3);
    expect(await names(`metadata["mark"]:"${mark}" metadata["none"]:null`, 3)).toHaveLength(3);
    expect(await names(`metadata["mark"]:"${mark}" -metadata["none"]:null`, 0)).toEqual([]);
  });

  test('page by page', async () => {
    const batch = randomUUID();
    for (const name of ['a', 'b', 'c']) await world.stripe.customers.create({ name, metadata: { batch } });
    const query = `metadata["batch"]:"${batch}"`;
    await names(query, 3);
    const first = await world.stripe.customers.search({ query, limit: 2 });
    expect([first.data.length, first.has_more, first.object]).toEqual([2, true, 'search_result']);
    const second = await world.stripe.customers.search({ query, limit: 2, page: first.next_page ?? '' });
    expect([second.data.length, second.has_more, second.next_page]).toEqual([1, false, null]);
    expect(new Set([...first.data, ...second.data].map(({ name }) => name))).toEqual(new Set(['a', 'b', 'c']));
  });
});

/** Their ids, once there are any. */
async function idsOf(list: () => Promise<{ data: { id: string }[] }>): Promise<string[]> {
  return (await until(list, ({ data }) => data.length > 0)).data.map(({ id }) => id);
}

test('what is searched for elsewhere is found by the fields of its kind', async () => {
  const customer = await world.customer('pm_card_visa');
  const price = await world.price(4321, { lookup_key: `key_${mark}` });
  const subscription = await world.stripe.subscriptions.create({ customer, items: [{ price }], metadata: { mark } });
  const { stripe } = world;
  expect(await idsOf(() => stripe.prices.search({ query: `lookup_key:"key_${mark}" active:"true"` }))).toEqual([price]);
  expect(await idsOf(() => stripe.invoices.search({ query: `subscription:"${subscription.id}" total>4000` }))).toEqual([
    subscription.latest_invoice,
  ]);
  const charges = await until(
    () => stripe.charges.search({ query: `customer:"${customer}" payment_method_details.card.last4:4242` }),
    ({ data }) => data.length > 0,
  );
  expect(charges.data).toMatchObject([{ amount: 4321 }]);
  expect(await idsOf(() => stripe.paymentIntents.search({ query: `customer:"${customer}" amount>=4321` }))).toEqual([
    charges.data[0]?.payment_intent,
  ]);
  const product = await stripe.products.create({ name: `Lamp ${mark}` });
  expect(await idsOf(() => stripe.products.search({ query: `name~"${mark}" active:"true"` }))).toEqual([product.id]);
});

// https://docs.stripe.com/search#query-syntax
test('numbers are compared, negated and joined', async () => {
  const customer = await world.customer(null);
  for (const amount of [1000, 2000, 3000])
    await world.stripe.paymentIntents.create({ amount, currency: 'usd', customer });
  const amounts = async (query: string, least: number) => {
    const { data } = await until(
      () => world.stripe.paymentIntents.search({ query: `customer:"${customer}" ${query}` }),
      (found) => found.data.length >= least,
    );
    return data.map(({ amount }) => amount).toSorted((one, other) => one - other);
  };
  expect(await amounts('amount>0', 3)).toEqual([1000, 2000, 3000]);
  expect(await amounts('AND amount>1000', 2)).toEqual([2000, 3000]);
  expect(await amounts('AND amount>=1000 AND amount<3000', 2)).toEqual([1000, 2000]);
  expect(await amounts('AND amount<=1000', 1)).toEqual([1000]);
  expect(await amounts('AND -amount:2000', 2)).toEqual([1000, 3000]);
  expect(await amounts('AND status:"succeeded"', 0)).toEqual([]);
});

test.each([
  ['nothing', ' '],
  ['a field that is not there', 'colour:"red"'],
  ['AND beside OR', 'name:"a" AND name:"b" OR name:"c"'],
  ['text without quotes', 'name:ada'],
  ['a short part', 'name~"a"'],
  ['an order of texts', 'name>"a"'],
  ['an open quote', 'name:"ada'],
])('a query with %s is refused', async (_what, query) => {
  await expect(world.stripe.customers.search({ query })).rejects.toMatchObject({
    statusCode: 400,
    type: 'StripeInvalidRequestError',
  });
});
