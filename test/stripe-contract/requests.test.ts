import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { contract, failure } from './support.js';

const c = contract();
const post = (path: string, params: Record<string, unknown>) => c.stripe.rawRequest('POST', path, params);

const pay = (idempotencyKey: string, payment_method: string) =>
  c.stripe.paymentIntents.create(
    { amount: 2000, currency: 'usd', confirm: true, payment_method, return_url: 'https://example.com' },
    { idempotencyKey },
  );

// https://docs.stripe.com/api/errors
describe('a wrong request', () => {
  test('with a key that is none is not authenticated', async () => {
    await expect(c.stripe.customers.list({}, { apiKey: 'nonsense' })).rejects.toMatchObject({
      type: 'StripeAuthenticationError',
      statusCode: 401,
    });
  });

  test('to a path that there is not is refused by that path', async () => {
    const error = await failure(post('/v1/unicorns', {}));
    expect(error).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 404 });
    expect(error.message).toContain('Unrecognized request URL (POST: /v1/unicorns)');
  });

  test('for what is not there says what and where it was named', async () => {
    const direct = await failure(c.stripe.customers.retrieve('cus_none'));
    expect(direct).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such customer: 'cus_none'",
      doc_url: 'https://stripe.com/docs/error-codes/resource-missing',
    });
    const named = await failure(c.stripe.setupIntents.create({ customer: 'cus_none' }));
    expect(named).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'customer' });
  });

  test.each([
    ['/v1/customers', { colour: 'red' }, 'colour', 'parameter_unknown'],
    [
      '/v1/customers',
      { shipping: { name: 'Ada', address: { planet: 'Mars' } } },
      'shipping[address][planet]',
      'parameter_unknown',
    ],
    ['/v1/products', {}, 'name', 'parameter_missing'],
    ['/v1/products', { name: '' }, 'name', 'parameter_invalid_empty'],
    ['/v1/customers', { balance: 'much' }, 'balance', 'parameter_invalid_integer'],
    ['/v1/customers', { tax_exempt: 'perhaps' }, 'tax_exempt', undefined],
    ['/v1/products', { name: 'x', active: 'maybe' }, 'active', undefined],
    ['/v1/products', { name: 'x', images: 'one' }, 'images', undefined],
    ['/v1/customers', { address: 'Main Street' }, 'address', undefined],
    ['/v1/coupons', { percent_off: 10, duration: 'once', redeem_by: 'soon' }, 'redeem_by', undefined],
  ])('to %s with %j is refused by its parameter', async (path, params, param, code) => {
    const error = await failure(post(path, params));
    expect(error).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, param });
    expect(error.code).toBe(code);
  });

  test('names all of its unknown parameters', async () => {
    const error = await failure(post('/v1/customers', { colour: 'red', size: 'xl' }));
    expect(error).toMatchObject({ code: 'parameter_unknown', param: 'colour' });
    expect(error.message).toBe('Received unknown parameters: colour, size');
  });

  test('may write a boolean as Python does', async () => {
    const product = await post('/v1/products', { name: 'Python', active: 'False' });
    expect(product).toMatchObject({ active: false });
    expect(await failure(post('/v1/products', { name: 'Yes', active: 'yes' }))).toMatchObject({
      statusCode: 400,
      param: 'active',
    });
  });

  test('has its request’s id', async () => {
    const error = await failure(c.stripe.customers.retrieve('cus_none'));
    expect(error.requestId).toMatch(/^req_/);
  });
});

test('an answer has the id of its request, and the version it is written in', async () => {
  const { lastResponse } = await c.stripe.customers.create();
  expect(lastResponse.requestId).toMatch(/^req_/);
  expect(lastResponse.apiVersion).toBe('2026-10-28.endive');
  expect(lastResponse.headers['content-type']).toContain('application/json');
  expect(Date.parse(lastResponse.headers['date'] ?? '')).not.toBeNaN();
});

// https://docs.stripe.com/api/idempotent_requests
describe('an idempotency key', () => {
  test('answers the same again, and does it once', async () => {
    const idempotencyKey = randomUUID();
    const email = `${idempotencyKey}@example.com`;
    const first = await c.stripe.customers.create({ email }, { idempotencyKey });
    const again = await c.stripe.customers.create({ email }, { idempotencyKey });
    expect(again).toEqual(first);
    expect(first.lastResponse.headers).not.toHaveProperty('idempotent-replayed');
    expect(again.lastResponse.headers).toMatchObject({
      'idempotent-replayed': 'true',
      'original-request': first.lastResponse.requestId,
    });
    expect(again.lastResponse.idempotencyKey).toBe(idempotencyKey);
    expect((await c.stripe.customers.list({ email })).data).toHaveLength(1);
  });

  test('with other parameters, or for something else, is refused', async () => {
    const idempotencyKey = randomUUID();
    await c.stripe.customers.create({ name: 'Ada' }, { idempotencyKey });
    const other = await failure(c.stripe.customers.create({ name: 'Bea' }, { idempotencyKey }));
    expect(other).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400, rawType: 'idempotency_error' });
    expect(other.message).toContain('can only be used with the same parameters they were first used with');
    expect(await failure(c.stripe.products.create({ name: 'Ada' }, { idempotencyKey }))).toMatchObject({
      type: 'StripeIdempotencyError',
    });
  });

  test('remembers a decline, and that something was missing', async () => {
    for (const card of ['pm_card_visa_chargeDeclined', 'pm_none']) {
      const key = randomUUID();
      const [first, again] = [await failure(pay(key, card)), await failure(pay(key, card))];
      expect(again).toMatchObject({ statusCode: first.statusCode, code: first.code, message: first.message });
      expect(again.payment_intent?.id).toBe(first.payment_intent?.id);
      expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    }
  });

  test('is still free after a parameter was refused', async () => {
    const idempotencyKey = randomUUID();
    await failure(c.stripe.rawRequest('POST', '/v1/customers', { colour: 'red' }, { idempotencyKey }));
    expect((await c.stripe.customers.create({ name: 'Ada' }, { idempotencyKey })).name).toBe('Ada');
  });

  test('of more than 255 characters is refused', async () => {
    const call = c.stripe.customers.create({}, { idempotencyKey: 'k'.repeat(256) });
    expect(await failure(call)).toMatchObject({ statusCode: 400 });
  });

  test('is told with the event', async () => {
    const idempotencyKey = randomUUID();
    const { id, lastResponse } = await c.stripe.customers.create({}, { idempotencyKey });
    const [event] = await c.events('customer.created', id);
    expect(event?.request).toEqual({ id: lastResponse.requestId, idempotency_key: idempotencyKey });
  });
});
