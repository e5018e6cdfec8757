import { describe, expect, test } from '@jest/globals';
import { contract } from './support.js';

/** Against Stripe this needs a test account that Connect is switched on for. */
const world = contract();

const connect = () =>
  world.stripe.accounts.create({
    type: 'standard',
    country: 'US',
    email: 'connected@example.com',
    metadata: { shop: '7' },
  });

test('the own account is known', async () => {
  const own = await world.stripe.accounts.retrieveCurrent();
  expect(own).toMatchObject({ object: 'account', country: expect.any(String) });
});

describe('a connected account', () => {
  test('is made, changed, listed and deleted', async () => {
    const made = await connect();
    expect(made).toMatchObject({
      object: 'account',
      country: 'US',
      email: 'connected@example.com',
      metadata: { shop: '7' },
      type: 'standard',
    });
    expect(await world.stripe.accounts.update(made.id, { metadata: { shop: '8' } })).toMatchObject({
      metadata: { shop: '8' },
    });
    expect((await world.stripe.accounts.list({ limit: 100 })).data.map(({ id }) => id)).toContain(made.id);
    expect(await world.stripe.accounts.del(made.id)).toMatchObject({ id: made.id, deleted: true });
    await expect(world.stripe.accounts.retrieve(made.id)).rejects.toMatchObject({ code: 'account_invalid' });
  });

  test('has its objects apart from everybody else’s', async () => {
    const { id: stripeAccount } = await connect();
    const mine = await world.stripe.customers.create({ name: 'Mine' });
    const theirs = await world.stripe.customers.create({ name: 'Theirs' }, { stripeAccount });
    expect(await world.stripe.customers.retrieve(theirs.id, {}, { stripeAccount })).toMatchObject({ name: 'Theirs' });
    await expect(world.stripe.customers.retrieve(theirs.id)).rejects.toMatchObject({ code: 'resource_missing' });
    await expect(world.stripe.customers.retrieve(mine.id, {}, { stripeAccount })).rejects.toMatchObject({
      code: 'resource_missing',
    });
    const names = (await world.stripe.customers.list({}, { stripeAccount })).data.map(({ name }) => name);
    expect(names).toEqual(['Theirs']);
  });

  test('has its idempotency keys and its events for itself', async () => {
    const { id: stripeAccount } = await connect();
    const idempotencyKey = `key-${stripeAccount}`;
    const mine = await world.stripe.products.create({ name: 'Mine' }, { idempotencyKey });
    const theirs = await world.stripe.products.create({ name: 'Theirs' }, { idempotencyKey, stripeAccount });
    expect(theirs.id).not.toBe(mine.id);
    const { data } = await world.stripe.events.list({ type: 'product.created' }, { stripeAccount });
    expect(data).toMatchObject([{ account: stripeAccount, data: { object: { id: theirs.id } } }]);
    const [own] = await world.events('product.created', mine.id);
    expect(own).not.toHaveProperty('account');
  });
});

test('an account that is not there is refused', async () => {
  const call = world.stripe.customers.list({}, { stripeAccount: 'acct_none' });
  await expect(call).rejects.toMatchObject({ statusCode: 403, code: 'account_invalid' });
});
