import { expect, test } from '@jest/globals';
import { contract } from './support.js';

const world = contract();

test('a tax id is kept with its customer', async () => {
  const customer = await world.customer(null);
  const made = await world.stripe.customers.createTaxId(customer, { type: 'eu_vat', value: 'DE123456789' });
  expect(made).toMatchObject({
    object: 'tax_id',
    country: 'DE',
    customer,
    owner: { type: 'customer', customer },
    type: 'eu_vat',
    value: 'DE123456789',
    verification: { status: 'pending' },
  });
  expect((await world.stripe.customers.listTaxIds(customer)).data.map(({ id }) => id)).toEqual([made.id]);
  const expanded = await world.stripe.customers.retrieve(customer, { expand: ['tax_ids'] });
  expect(expanded).toMatchObject({ tax_ids: { data: [{ id: made.id }] } });
  expect(await world.stripe.customers.retrieveTaxId(customer, made.id)).toMatchObject({ id: made.id });
  expect(await world.stripe.customers.deleteTaxId(customer, made.id)).toMatchObject({ id: made.id, deleted: true });
  expect((await world.stripe.customers.listTaxIds(customer)).data).toEqual([]);
  for (const type of ['customer.tax_id.created', 'customer.tax_id.deleted'])
    expect(await world.events(type, made.id)).toHaveLength(1);
});

test('a tax id by its owner is the same', async () => {
  const customer = await world.customer(null);
  const made = await world.stripe.taxIds.create({
    owner: { type: 'customer', customer },
    type: 'us_ein',
    value: '12-3456789',
  });
  expect(made).toMatchObject({ customer, country: 'US', verification: null });
  expect((await world.stripe.customers.listTaxIds(customer)).data.map(({ id }) => id)).toEqual([made.id]);
});

test.each([
  ['eu_vat', 'nonsense!'],
  ['us_ein', '1'],
  ['no such type', '1'],
])('%s %s is refused', async (type, value) => {
  const customer = await world.customer(null);
  await expect(
    world.stripe.rawRequest('POST', `/v1/customers/${customer}/tax_ids`, { type, value }),
  ).rejects.toMatchObject({ statusCode: 400 });
});
