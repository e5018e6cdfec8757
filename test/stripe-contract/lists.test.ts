import { describe, expect, test } from '@jest/globals';
import { contract, failure } from './support.js';

const c = contract();

/** A customer with so many intents; their ids, newest first. */
async function many(count: number): Promise<{ customer: string; ids: string[] }> {
  const customer = await c.customer(null);
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1)
    ids.unshift((await c.stripe.paymentIntents.create({ amount: 2000, currency: 'usd', customer })).id);
  return { customer, ids };
}
const page = async (params: object) => {
  const { data, has_more, object, url } = await c.stripe.paymentIntents.list(params);
  return { ids: data.map(({ id }) => id), has_more, object, url };
};

// https://docs.stripe.com/api/pagination
describe('a list', () => {
  test('goes forward and back by cursors', async () => {
    const { customer, ids } = await many(5);
    const first = await page({ customer, limit: 2 });
    expect(first).toEqual({ ids: ids.slice(0, 2), has_more: true, object: 'list', url: '/v1/payment_intents' });
    const second = await page({ customer, limit: 2, starting_after: ids[1] });
    expect([second.ids, second.has_more]).toEqual([ids.slice(2, 4), true]);
    const last = await page({ customer, limit: 2, starting_after: ids[3] });
    expect([last.ids, last.has_more]).toEqual([ids.slice(4), false]);
    const back = await page({ customer, limit: 2, ending_before: ids[4] });
    expect([back.ids, back.has_more]).toEqual([ids.slice(2, 4), true]);
    const begin = await page({ customer, limit: 2, ending_before: ids[1] });
    expect([begin.ids, begin.has_more]).toEqual([ids.slice(0, 1), false]);
  });

  test('has ten at once, unless more or less is asked for', async () => {
    const { customer, ids } = await many(11);
    expect((await page({ customer })).ids).toEqual(ids.slice(0, 10));
    expect((await page({ customer, limit: 100 })).ids).toEqual(ids);
    const all = await c.stripe.paymentIntents.list({ customer, limit: 3 }).autoPagingToArray({ limit: 100 });
    expect(all.map(({ id }) => id)).toEqual(ids);
  });

  test.each([0, 101, -1])('of %d is refused', async (limit) => {
    expect(await failure(c.stripe.customers.list({ limit }))).toMatchObject({
      statusCode: 400,
      param: 'limit',
      code: 'parameter_invalid_integer',
    });
  });

  test.each(['starting_after', 'ending_before'])('%s what is not there is refused', async (param) => {
    const error = await failure(c.stripe.customers.list({ [param]: 'cus_none' }));
    expect(error).toMatchObject({ statusCode: 400, code: 'resource_missing', param });
    expect(error.message).toBe("No such customer: 'cus_none'");
  });

  test('from something of another kind is refused', async () => {
    const { id } = await c.stripe.products.create({ name: 'No customer' });
    expect(await failure(c.stripe.customers.list({ starting_after: id }))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
    });
  });

  test('has one cursor at a time', async () => {
    const { ids } = await many(2);
    const call = c.stripe.paymentIntents.list({ starting_after: ids[0] ?? '', ending_before: ids[1] ?? '' });
    expect((await failure(call)).statusCode).toBe(400);
  });

  test('is cut by the time of making', async () => {
    const clock = await c.clock('2026-03-01T00:00:00Z');
    const make = () => c.stripe.customers.create({ test_clock: clock.id });
    const [first, begin] = [await make(), clock.now];
    await clock.advance({ days: 1 });
    const [second, end] = [await make(), clock.now];
    const made = async (created: object | number) =>
      (await c.stripe.customers.list({ test_clock: clock.id, created })).data.map(({ id }) => id);
    expect(await made({ gte: begin })).toEqual([second.id, first.id]);
    expect(await made({ gt: begin })).toEqual([second.id]);
    expect(await made({ lt: end })).toEqual([first.id]);
    expect(await made({ gt: begin, lt: end })).toEqual([]);
    expect(await made({ gte: begin, lte: end })).toEqual([second.id, first.id]);
    expect(await made(end)).toEqual([second.id]);
  });

  test('cut by what is no time is refused', async () => {
    const call = c.stripe.rawRequest('GET', '/v1/customers?created[gte]=yesterday');
    expect(await failure(call)).toMatchObject({ statusCode: 400, param: 'created[gte]' });
    const unknown = c.stripe.rawRequest('GET', '/v1/customers?created[since]=1');
    expect(await failure(unknown)).toMatchObject({ statusCode: 400 });
  });

  test('of the methods of nobody is not there', async () => {
    expect(await failure(c.stripe.paymentMethods.list({ customer: 'cus_none' }))).toMatchObject({
      statusCode: 400,
      param: 'customer',
    });
  });
});

// https://docs.stripe.com/expand
describe('what is expanded', () => {
  test('stands in the place of its id, level by level, up to four', async () => {
    const customer = await c.customer('pm_card_visa');
    const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    const { data } = await c.stripe.invoices.list({
      subscription: id,
      expand: [
        'data.parent.subscription_details.subscription',
        'data.customer.invoice_settings.default_payment_method',
      ],
    });
    expect(data).toMatchObject([
      {
        customer: { id: customer, invoice_settings: { default_payment_method: { type: 'card' } } },
        parent: { subscription_details: { subscription: { id, object: 'subscription' } } },
      },
    ]);
  });

  test('deeper than four levels is refused', async () => {
    const call = c.stripe.subscriptions.list({
      expand: ['data.latest_invoice.customer.invoice_settings.default_payment_method'],
    });
    const error = await failure(call);
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
    expect(error.message).toContain('You cannot expand more than 4 levels of a property');
  });

  test.each(['email', 'nothing', 'metadata', 'default_source.nothing.at.all.here', 'description'])(
    'cannot be %s',
    async (property) => {
      const { id } = await c.stripe.customers.create({ email: 'ada@example.com' });
      const error = await failure(c.stripe.customers.retrieve(id, { expand: [property] }));
      expect(error.statusCode).toBe(400);
    },
  );

  test('is answered to what makes and changes, too', async () => {
    const { product } = await c.stripe.prices.create({
      currency: 'usd',
      unit_amount: 100,
      product_data: { name: 'Expanded' },
      expand: ['product'],
    });
    expect(product).toMatchObject({ object: 'product', name: 'Expanded' });
  });

  test('in a list goes by data', async () => {
    await c.price(1000);
    expect((await failure(c.stripe.prices.list({ expand: ['product'] }))).statusCode).toBe(400);
    const { data } = await c.stripe.prices.list({ limit: 1, expand: ['data.product'] });
    expect(data).toMatchObject([{ product: { object: 'product' } }]);
  });
});
