import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { contract, ref } from './support.js';

const c = contract();

describe('a product', () => {
  test('is made of a name, and changed', async () => {
    const made = await c.stripe.products.create({ name: 'Pro' });
    expect(made).toMatchObject({
      object: 'product',
      active: true,
      default_price: null,
      description: null,
      images: [],
      livemode: false,
      marketing_features: [],
      metadata: {},
      name: 'Pro',
      shippable: null,
      unit_label: null,
      url: null,
    });
    const changed = await c.stripe.products.update(made.id, {
      name: 'Pro plan',
      marketing_features: [{ name: 'Unlimited seats' }],
      unit_label: 'seat',
    });
    expect(changed).toMatchObject({ name: 'Pro plan', marketing_features: [{ name: 'Unlimited seats' }] });
    const [event] = await c.events('product.updated', made.id);
    expect(event?.data.previous_attributes).toMatchObject({ name: 'Pro', marketing_features: [], unit_label: null });
  });

  test('may have an id of one’s own, once', async () => {
    const id = `prod-${randomUUID()}`;
    expect((await c.stripe.products.create({ id, name: 'Mine' })).id).toBe(id);
    await expect(c.stripe.products.create({ id, name: 'Again' })).rejects.toMatchObject({
      statusCode: 400,
      code: 'resource_already_exists',
      param: 'id',
    });
    await c.stripe.products.del(id);
  });

  test('comes with its default price', async () => {
    const product = await c.stripe.products.create({
      name: 'Pro',
      default_price_data: { currency: 'eur', unit_amount: 4900, recurring: { interval: 'year' } },
      expand: ['default_price'],
    });
    expect(product.default_price).toMatchObject({ currency: 'eur', unit_amount: 4900, product: product.id });
  });

  test('is deleted while it has no price, and not after', async () => {
    const { id } = await c.stripe.products.create({ name: 'Bare' });
    expect(await c.stripe.products.del(id)).toEqual(expect.objectContaining({ id, object: 'product', deleted: true }));
    await expect(c.stripe.products.retrieve(id)).rejects.toMatchObject({ statusCode: 404, code: 'resource_missing' });
    const { product } = await c.stripe.prices.retrieve(await c.price(1000));
    await expect(c.stripe.products.del(ref(product))).rejects.toMatchObject({ statusCode: 400 });
  });

  test('is listed by whether it is active, and by its ids', async () => {
    const [one, other] = [
      await c.stripe.products.create({ name: 'On' }),
      await c.stripe.products.create({ name: 'Off' }),
    ];
    await c.stripe.products.update(other.id, { active: false });
    const listed = async (active: boolean) =>
      (await c.stripe.products.list({ active, ids: [one.id, other.id] })).data.map(({ id }) => id);
    expect(await listed(true)).toEqual([one.id]);
    expect(await listed(false)).toEqual([other.id]);
  });
});

describe('a price', () => {
  test('of a month shows what it is', async () => {
    expect(await c.stripe.prices.retrieve(await c.price(1999))).toMatchObject({
      object: 'price',
      active: true,
      billing_scheme: 'per_unit',
      currency: 'usd',
      lookup_key: null,
      nickname: null,
      recurring: { interval: 'month', interval_count: 1, meter: null, usage_type: 'licensed' },
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'recurring',
      unit_amount: 1999,
    });
    expect(await c.stripe.prices.retrieve(await c.oneTimePrice(500))).toMatchObject({
      recurring: null,
      type: 'one_time',
    });
  });

  test('never changes its amount, only how it is called and whether it is sold', async () => {
    const id = await c.price(1000);
    await expect(c.stripe.rawRequest('POST', `/v1/prices/${id}`, { unit_amount: 2000 })).rejects.toMatchObject({
      statusCode: 400,
      code: 'parameter_unknown',
      param: 'unit_amount',
    });
    expect(await c.stripe.prices.update(id, { active: false, nickname: 'Old' })).toMatchObject({
      active: false,
      nickname: 'Old',
      unit_amount: 1000,
    });
    const [event] = await c.events('price.updated', id);
    expect(event?.data.previous_attributes).toEqual({ active: true, nickname: null });
    // The plan of old is the same object under its old name: https://docs.stripe.com/api/plans
    const [plan] = await c.events('plan.updated', id);
    expect(plan?.data.previous_attributes).toEqual({ active: true, nickname: null });
  });

  test('that is no longer sold starts no subscription', async () => {
    const price = await c.price(1000);
    await c.stripe.prices.update(price, { active: false });
    const customer = await c.customer('pm_card_visa');
    await expect(c.stripe.subscriptions.create({ customer, items: [{ price }] })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  // https://docs.stripe.com/products-prices/manage-prices#lookup-keys
  test('is found by its lookup key, which moves to another price only when that is asked for', async () => {
    const lookup_key = randomUUID();
    const first = await c.price(1000, { lookup_key });
    await expect(c.price(2000, { lookup_key })).rejects.toMatchObject({ statusCode: 400 });
    const second = await c.price(2000, { lookup_key, transfer_lookup_key: true });
    expect((await c.stripe.prices.list({ lookup_keys: [lookup_key] })).data.map(({ id }) => id)).toEqual([second]);
    expect((await c.stripe.prices.retrieve(first)).lookup_key).toBeNull();
  });

  test('is listed by its product, its kind and its interval', async () => {
    const { id: product } = await c.stripe.products.create({ name: 'Listed' });
    const make = (more: object) => c.stripe.prices.create({ product, currency: 'usd', unit_amount: 100, ...more });
    const [once, monthly, yearly] = [
      await make({}),
      await make({ recurring: { interval: 'month' } }),
      await make({ recurring: { interval: 'year' } }),
    ];
    const ids = async (more: object) => (await c.stripe.prices.list({ product, ...more })).data.map(({ id }) => id);
    expect(await ids({})).toEqual([yearly.id, monthly.id, once.id]);
    expect(await ids({ type: 'one_time' })).toEqual([once.id]);
    expect(await ids({ type: 'recurring', recurring: { interval: 'year' } })).toEqual([yearly.id]);
    expect(await ids({ active: false })).toEqual([]);
  });

  test.each([
    ['without a currency', { unit_amount: 100, product_data: { name: 'x' } }, 'currency'],
    ['in a currency that there is not', { currency: 'xyz', unit_amount: 100, product_data: { name: 'x' } }, 'currency'],
    ['below zero', { currency: 'usd', unit_amount: -1, product_data: { name: 'x' } }, 'unit_amount'],
    ['of no product', { currency: 'usd', unit_amount: 1, product: 'prod_none' }, 'product'],
    [
      'of an interval that there is not',
      { currency: 'usd', unit_amount: 1, product_data: { name: 'x' }, recurring: { interval: 'decade' } },
      'recurring[interval]',
    ],
  ])('%s is refused', async (_what, params, param) => {
    await expect(c.stripe.rawRequest('POST', '/v1/prices', params)).rejects.toMatchObject({ statusCode: 400, param });
  });
});
