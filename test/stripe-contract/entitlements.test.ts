import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { contract, until } from './support.js';

const world = contract();

const feature = (name: string) =>
  world.stripe.entitlements.features.create({ lookup_key: `${name}-${randomUUID()}`, name });

async function planWith(...features: string[]): Promise<{ product: string; price: string }> {
  const { id: product } = await world.stripe.products.create({ name: 'Plan' });
  for (const entitlement_feature of features)
    await world.stripe.products.createFeature(product, { entitlement_feature });
  const { id: price } = await world.stripe.prices.create({
    product,
    currency: 'usd',
    unit_amount: 1000,
    recurring: { interval: 'month' },
  });
  return { product, price };
}

async function entitled(customer: string, expected: string[]): Promise<string[]> {
  const { data } = await until(
    () => world.stripe.entitlements.activeEntitlements.list({ customer }),
    (found) => found.data.length === expected.length,
  );
  return data.map((one) => one.lookup_key).toSorted();
}

describe('a feature', () => {
  test('is made, renamed, archived and found', async () => {
    const made = await world.stripe.entitlements.features.create({
      lookup_key: `api-${randomUUID()}`,
      name: 'API',
      metadata: { a: '1' },
    });
    expect(made).toMatchObject({ object: 'entitlements.feature', active: true, name: 'API', metadata: { a: '1' } });
    const { features } = world.stripe.entitlements;
    expect(await features.update(made.id, { name: 'API access' })).toMatchObject({ name: 'API access' });
    expect((await features.list({ lookup_key: made.lookup_key })).data.map(({ id }) => id)).toEqual([made.id]);
    expect(await features.update(made.id, { active: false })).toMatchObject({ active: false });
    expect((await features.list({ lookup_key: made.lookup_key, archived: false })).data).toEqual([]);
    expect(await features.retrieve(made.id)).toMatchObject({ active: false, lookup_key: made.lookup_key });
  });

  test('has its lookup key for itself', async () => {
    const { lookup_key } = await feature('one');
    await expect(world.stripe.entitlements.features.create({ lookup_key, name: 'Another' })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  test('is attached to a product and taken off again', async () => {
    const one = await feature('one');
    const { id: product } = await world.stripe.products.create({ name: 'Plan' });
    const attached = await world.stripe.products.createFeature(product, { entitlement_feature: one.id });
    expect(attached).toMatchObject({ object: 'product_feature', entitlement_feature: { id: one.id } });
    expect((await world.stripe.products.listFeatures(product)).data).toEqual([attached]);
    expect(await world.stripe.products.retrieveFeature(product, attached.id)).toEqual(attached);
    expect(await world.stripe.products.deleteFeature(product, attached.id)).toMatchObject({ deleted: true });
    expect((await world.stripe.products.listFeatures(product)).data).toEqual([]);
  });
});

describe('a customer', () => {
  test('is entitled by a subscription, once per feature, until it ends', async () => {
    const [one, two] = [await feature('one'), await feature('two')];
    const small = await planWith(one.id);
    const large = await planWith(one.id, two.id);
    const customer = await world.customer('pm_card_visa');
    const subscription = await world.stripe.subscriptions.create({ customer, items: [{ price: small.price }] });
    expect(await entitled(customer, [one.lookup_key])).toEqual([one.lookup_key]);

    const item = subscription.items.data[0]?.id ?? '';
    await world.stripe.subscriptions.update(subscription.id, { items: [{ id: item, price: large.price }] });
    const both = [one.lookup_key, two.lookup_key].toSorted();
    expect(await entitled(customer, both)).toEqual(both);

    await world.stripe.subscriptions.cancel(subscription.id);
    expect(await entitled(customer, [])).toEqual([]);
    const told = await world.events('entitlements.active_entitlement_summary.updated', customer, 3);
    expect(told[0]?.data.object).toMatchObject({
      object: 'entitlements.active_entitlement_summary',
      customer,
      entitlements: { data: [] },
    });
  });

  test('has entitlements that expand to their features', async () => {
    const one = await feature('one');
    const { price } = await planWith(one.id);
    const customer = await world.customer('pm_card_visa');
    await world.stripe.subscriptions.create({ customer, items: [{ price }] });
    await entitled(customer, [one.lookup_key]);
    const { data } = await world.stripe.entitlements.activeEntitlements.list({ customer, expand: ['data.feature'] });
    expect(data).toMatchObject([
      { object: 'entitlements.active_entitlement', feature: { id: one.id, name: 'one' }, lookup_key: one.lookup_key },
    ]);
    const same = await world.stripe.entitlements.activeEntitlements.retrieve(data[0]?.id ?? '');
    expect(same).toMatchObject({ feature: one.id });
  });

  test('is not entitled by a first payment that failed', async () => {
    const one = await feature('one');
    const { price } = await planWith(one.id);
    const customer = await world.customer('pm_card_chargeCustomerFail');
    const { status } = await world.stripe.subscriptions.create({ customer, items: [{ price }] });
    expect(status).toBe('incomplete');
    expect((await world.stripe.entitlements.activeEntitlements.list({ customer })).data).toEqual([]);
  });
});
