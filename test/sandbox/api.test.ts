import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { previousAttributes } from '../../src/sandbox/previous-attributes.js';
import { ref, clientOf, TestSandbox } from './support.js';

let world: TestSandbox;
let stripe: Stripe;
beforeEach(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
});
afterEach(() => world.close());

const raw = (path: string, init: RequestInit = {}) =>
  fetch(`${world.sandbox.url}${path}`, { headers: { authorization: 'Bearer sk_test_1' }, ...init });

const post = (): Promise<Response> =>
  raw('/v1/customers', {
    method: 'POST',
    body: 'name=One',
    headers: {
      authorization: 'Bearer sk_test_1',
      'idempotency-key': 'k',
      'content-type': 'application/x-www-form-urlencoded',
    },
  });

describe('a request', () => {
  test.each([
    ['no key', {}],
    ['a live key', { authorization: 'Bearer sk_live_1' }],
    ['an empty key', { authorization: `Basic ${Buffer.from(':').toString('base64')}` }],
  ])('with %s is refused', async (_name, headers) => {
    const response = await raw('/v1/customers', { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  test('is answered with its id, the version, and the time of the sandbox', async () => {
    const response = await raw('/v1/customers');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'request-id': expect.stringMatching(/^req_/),
      'stripe-version': '2026-10-28.endive',
      date: 'Sat, 31 Jan 2026 10:00:00 GMT',
    });
  });

  test('for a cash balance is refused by name, whichever way it is asked for', async () => {
    const { id } = await stripe.customers.create();
    const refused = { statusCode: 400, message: expect.stringContaining('no cash balance') };
    await expect(stripe.customers.retrieveCashBalance(id)).rejects.toMatchObject(refused);
    await expect(
      stripe.customers.updateCashBalance(id, { settings: { reconciliation_mode: 'manual' } }),
    ).rejects.toMatchObject(refused);
    await expect(stripe.customers.listCashBalanceTransactions(id)).rejects.toMatchObject(refused);
    await expect(stripe.customers.retrieveCashBalanceTransaction(id, 'ccsbtxn_1')).rejects.toMatchObject(refused);
    await expect(
      stripe.customers.createFundingInstructions(id, {
        bank_transfer: { type: 'us_bank_transfer' },
        currency: 'usd',
        funding_type: 'bank_transfer',
      }),
    ).rejects.toMatchObject(refused);
    await expect(
      stripe.testHelpers.customers.fundCashBalance(id, { amount: 100, currency: 'usd' }),
    ).rejects.toMatchObject(refused);
    const paid = await stripe.paymentIntents.create({ amount: 1000, currency: 'usd', customer: id });
    await expect(stripe.paymentIntents.applyCustomerBalance(paid.id)).rejects.toMatchObject(refused);
  });

  test('to an unknown path, or with an unknown parameter, is refused by name and counted', async () => {
    expect((await raw('/v1/nothing')).status).toBe(404);
    for (const id of ['cus_A1b2C3d4', 'cus_D4c3B2a1'])
      expect((await raw(`/v1/customers/${id}/nothing_else`)).status).toBe(404);
    await expect(stripe.rawRequest('POST', '/v1/customers', { shipping: { nonsense: 1 } })).rejects.toMatchObject({
      statusCode: 400,
      code: 'parameter_unknown',
      param: 'shipping[nonsense]',
    });
    expect(await world.control('GET', 'unsupported')).toEqual({
      data: [
        { what: 'GET /v1/nothing', times: 1 },
        { what: 'GET /v1/customers/:id/nothing_else', times: 2 },
        { what: 'POST /v1/customers shipping[nonsense]', times: 1 },
      ],
    });
  });

  test.each([
    ['/v1/subscriptions', {}, 'parameter_missing', 'customer'],
    ['/v1/subscriptions', { customer: 'cus_none', items: [{ price: 'x' }] }, 'resource_missing', 'customer'],
    ['/v1/subscriptions', { customer: 'c', items: [{ quantity: 1 }] }, 'parameter_missing', 'items[0][price]'],
    ['/v1/subscriptions', { customer: 'c', items: 'x' }, undefined, 'items'],
    ['/v1/prices', { currency: 'usd', unit_amount: 'ten', product: 'p' }, 'parameter_invalid_integer', 'unit_amount'],
    ['/v1/prices', { currency: 'usd', unit_amount: -1, product: 'p' }, 'parameter_invalid_integer', 'unit_amount'],
    [
      '/v1/prices',
      { currency: 'usd', unit_amount: 1, recurring: { interval: 'fortnight' } },
      undefined,
      'recurring[interval]',
    ],
    ['/v1/products', { name: '' }, 'parameter_invalid_empty', 'name'],
    ['/v1/products', { name: 'x', active: 'yes' }, undefined, 'active'],
    ['/v1/customers', { metadata: { ['k'.repeat(41)]: 'v' } }, undefined, `metadata[${'k'.repeat(41)}]`],
    [
      '/v1/customers',
      { invoice_settings: { default_payment_method: 'pm_none' } },
      'resource_missing',
      'invoice_settings[default_payment_method]',
    ],
  ])('%s %j is refused as %s on %s', async (path, params, code, param) => {
    const error: unknown = await stripe.rawRequest('POST', path, params).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
    expect(error instanceof Stripe.errors.StripeError && [error.code, error.param]).toEqual([code, param]);
  });

  test('that is refused changes nothing and tells nothing', async () => {
    const { id: customer } = await stripe.customers.create({});
    const before = await world.eventTypes();
    const price = await world.price();
    const made = await world.eventTypes();
    await expect(stripe.subscriptions.create({ customer, items: [{ price }] })).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(await world.eventTypes()).toEqual(made);
    expect(made.slice(before.length)).toEqual(['product.created', 'price.created', 'plan.created']);
    expect((await stripe.invoices.list()).data).toEqual([]);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ currency: null });
  });
});

describe('an idempotency key', () => {
  test('answers the same again, byte for byte, and does it once', async () => {
    const [first, second] = [await post(), await post()];
    expect(await second.text()).toBe(await first.text());
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.headers.get('original-request')).toBe(first.headers.get('request-id'));
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  test('with other parameters or another path is refused; after a refused parameter it is still free', async () => {
    await stripe.customers.create({ name: 'One' }, { idempotencyKey: 'k' });
    for (const call of [
      stripe.customers.create({ name: 'Two' }, { idempotencyKey: 'k' }),
      stripe.products.create({ name: 'One' }, { idempotencyKey: 'k' }),
    ])
      await expect(call).rejects.toMatchObject({ statusCode: 400, type: 'StripeIdempotencyError' });
    await expect(
      stripe.rawRequest('POST', '/v1/customers', { nonsense: 1 }, { idempotencyKey: 'k2' }),
    ).rejects.toMatchObject({ code: 'parameter_unknown' });
    await stripe.customers.create({ name: 'Three' }, { idempotencyKey: 'k2' });
  });

  test('remembers a decline too, and is free again after a day', async () => {
    const pay = () =>
      stripe.paymentIntents.create(
        {
          amount: 100,
          currency: 'usd',
          payment_method: 'pm_card_visa_chargeDeclined',
          confirm: true,
          return_url: 'https://example.com',
        },
        { idempotencyKey: 'k' },
      );
    await expect(pay()).rejects.toMatchObject({ code: 'card_declined' });
    await expect(pay()).rejects.toMatchObject({ code: 'card_declined' });
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1);
    await world.advance('25h');
    await expect(pay()).rejects.toMatchObject({ code: 'card_declined' });
    expect((await stripe.paymentIntents.list()).data).toHaveLength(2);
  });

  test('of a request that is under way is refused as in use', async () => {
    await world.control('POST', 'mischief', { requests: { delay_ms: 500, times: 1 } });
    const first = stripe.customers.create({}, { idempotencyKey: 'k' });
    await expect(
      (async () => {
        for (;;) await stripe.customers.create({}, { idempotencyKey: 'k' });
      })(),
    ).rejects.toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    await first;
  });
});

describe('mischief', () => {
  test.each([
    [429, 'StripeRateLimitError'],
    [500, 'StripeAPIError'],
    [503, 'StripeAPIError'],
  ])('answers %i without doing anything, as often as asked', async (status, type) => {
    await world.control('POST', 'mischief', { requests: { status, times: 1, match: 'POST /v1/customers' } });
    await stripe.customers.list();
    await expect(stripe.customers.create({})).rejects.toMatchObject({ statusCode: status, type });
    await stripe.customers.create({});
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  test.each([{ cut_after_apply: true }, { timeout_after_apply: true }])(
    '%j does it and gives no answer; the retry finds it done',
    async (fault) => {
      await world.control('POST', 'mischief', { requests: { ...fault, times: 1 } });
      const patient = new Stripe('sk_test_1', {
        host: '127.0.0.1',
        port: world.sandbox.port,
        protocol: 'http',
        maxNetworkRetries: 2,
        timeout: 300,
        telemetry: false,
      });
      const customer = await patient.customers.create({ name: 'Once' });
      expect((await stripe.customers.list()).data.map(({ id }) => id)).toEqual([customer.id]);
      const { data } = await world.control('GET', 'requests');
      expect(data).toMatchObject([
        { path: '/v1/customers', replayed: false },
        { path: '/v1/customers', replayed: true },
        {},
      ]);
    },
  );
});

describe('lists', () => {
  test('page forwards and back, newest first, and filter', async () => {
    const made: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      made.push((await stripe.customers.create({ name, email: `${name}@example.com` })).id);
      await world.advance('1h');
    }
    const newest = made.toReversed();
    const third = Date.parse('2026-01-31T12:00:00Z') / 1000;
    const first = await stripe.customers.list({ limit: 2 });
    expect([first.data.map(({ id }) => id), first.has_more]).toEqual([newest.slice(0, 2), true]);
    const last = await stripe.customers.list({ limit: 3, starting_after: newest[1] ?? '' });
    expect([last.data.map(({ id }) => id), last.has_more]).toEqual([newest.slice(2), false]);
    const back = await stripe.customers.list({ limit: 2, ending_before: newest[3] ?? '' });
    expect([back.data.map(({ id }) => id), back.has_more]).toEqual([newest.slice(1, 3), true]);
    expect((await stripe.customers.list({ email: 'c@example.com' })).data.map(({ name }) => name)).toEqual(['c']);
    expect(
      (await stripe.customers.list({ created: { gte: third, lt: third + 7200 } })).data.map(({ name }) => name),
    ).toEqual(['d', 'c']);
    await expect(stripe.customers.list({ starting_after: 'cus_none' })).rejects.toMatchObject({
      param: 'starting_after',
    });
    await expect(stripe.customers.list({ limit: 101 })).rejects.toMatchObject({ param: 'limit' });
    const events = await stripe.events.list({ limit: 2 });
    const older = await stripe.events.list({ limit: 2, starting_after: events.data[1]?.id ?? '' });
    expect(older.data.map(({ id }) => id)).not.toContain(events.data[1]?.id);
    expect((await stripe.events.list({ type: 'customer.*' })).data).toHaveLength(5);
  });

  test('find prices by lookup keys, which move only when asked', async () => {
    const make = (transfer_lookup_key: boolean) =>
      stripe.prices.create({
        currency: 'usd',
        unit_amount: 1,
        product_data: { name: 'P' },
        lookup_key: 'pro',
        transfer_lookup_key,
      });
    const first = await make(false);
    await expect(make(false)).rejects.toMatchObject({ param: 'lookup_key' });
    const second = await make(true);
    expect((await stripe.prices.list({ lookup_keys: ['pro'] })).data.map(({ id }) => id)).toEqual([second.id]);
    expect((await stripe.prices.retrieve(first.id)).lookup_key).toBeNull();
  });
});

describe('expansion', () => {
  test('puts objects in the place of their ids, in lists and deep down, and adds what is only there on request', async () => {
    const customer = await world.customerWith('pm_card_visa');
    await stripe.subscriptions.create({ customer, items: [{ price: await world.price() }] });
    const { data } = await stripe.subscriptions.list({
      expand: ['data.latest_invoice.payments', 'data.customer.invoice_settings.default_payment_method'],
    });
    expect(data[0]).toMatchObject({
      latest_invoice: { object: 'invoice', payments: { data: [{ object: 'invoice_payment', status: 'paid' }] } },
      customer: { object: 'customer', invoice_settings: { default_payment_method: { object: 'payment_method' } } },
    });
    const plain = await stripe.invoices.retrieve(ref((await stripe.subscriptions.list()).data[0]?.latest_invoice));
    expect(plain).not.toHaveProperty('payments');
    expect(plain).not.toHaveProperty('confirmation_secret');
    const deep = await stripe.invoices.retrieve(plain.id, {
      expand: [
        'payments.data.payment.payment_intent',
        'parent.subscription_details.subscription',
        'confirmation_secret',
      ],
    });
    expect(deep).toMatchObject({
      payments: { data: [{ payment: { payment_intent: { status: 'succeeded' } } }] },
      parent: { subscription_details: { subscription: { object: 'subscription' } } },
      confirmation_secret: null,
    });
  });

  test.each(['id', 'nonsense', 'metadata', 'customer.nonsense', 'latest_invoice.customer.default_source.x.y'])(
    'of %s is refused',
    async (path) => {
      const customer = await world.customerWith('pm_card_visa');
      const { id } = await stripe.subscriptions.create({ customer, items: [{ price: await world.price() }] });
      await expect(stripe.subscriptions.retrieve(id, { expand: [path] })).rejects.toMatchObject({ statusCode: 400 });
    },
  );
});

describe('previous attributes', () => {
  test('are exactly what differs', () => {
    const before = { id: '1', status: 'active', metadata: { a: '1' }, items: { data: [{ q: 1 }], url: 'u' }, at: null };
    const after = {
      id: '1',
      status: 'past_due',
      metadata: { a: '1', b: '2' },
      items: { data: [{ q: 2 }], url: 'u' },
      at: 5,
    };
    expect(previousAttributes(before, after)).toEqual({
      status: 'active',
      metadata: { b: null },
      items: { data: [{ q: 1 }] },
      at: null,
    });
    expect(previousAttributes(before, before)).toEqual({});
  });

  test('of an update are in its event', async () => {
    const { id } = await stripe.customers.create({ name: 'Old', metadata: { tier: '1' } });
    await stripe.customers.update(id, { name: 'New', metadata: { tier: '2' } });
    await stripe.customers.update(id, { name: 'New' });
    const events = await world.eventsOf('customer.updated');
    expect(events.map(({ data }) => data.previous_attributes)).toEqual([{ name: 'Old', metadata: { tier: '1' } }]);
  });
});

test('one seed makes the same ids again, another seed others', async () => {
  expect(await idsOf(1)).toEqual(await idsOf(1));
  expect(await idsOf(1)).not.toEqual(await idsOf(2));
});

test('the page shows what is there, and escapes it', async () => {
  const { id } = await stripe.customers.create({ name: '<script>alert(1)</script>' });
  const overview = await (await raw('/')).text();
  expect(overview).toContain('customer.created');
  const object = await (await raw(`/objects/customer/${id}`)).text();
  expect(object).toContain('&#60;script&#62;');
  expect(object).not.toContain('<script>');
  expect((await raw('/objects/constructor')).status).toBe(404);
  const turned = await raw('/_sandbox/clock/advance', {
    method: 'POST',
    body: 'by=1d',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect([turned.status, turned.headers.get('location')]).toEqual([303, '/']);
  expect(await world.control('GET', 'clock')).toMatchObject({ now: '2026-02-01T10:00:00.000Z' });
});

test('closing is quick, even with connections kept open', async () => {
  const other = await TestSandbox.start();
  await clientOf(other.sandbox.port).customers.list();
  const began = Date.now();
  await other.close();
  expect(Date.now() - began).toBeLessThan(2_000);
});

/** Of the first customer and its event. */
async function idsOf(seed: number): Promise<(string | undefined)[]> {
  const other = await TestSandbox.start({ seed });
  const { id } = await other.stripe.customers.create({});
  const [event] = (await other.stripe.events.list()).data;
  await other.close();
  return [id, event?.id];
}
