import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { anyPort } from '../../src/database/free-port.js';
import type { Failure } from '../../src/errors/failure.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';
import type { StripeApi } from '../../src/stripe/stripe-api.js';
import { isRefusal } from '../../src/stripe/stripe.errors.js';
import { SandboxControls } from '../support/sandbox-controls.js';
import { apiAt, startOddStripe } from './odd-stripe.js';

const NOW = new Date('2026-01-15T09:00:00Z');
const customer = { id: 'cus_odd', object: 'customer', livemode: false };

let odd: Awaited<ReturnType<typeof startOddStripe>>;
let api: StripeApi;
const sandboxes: Sandbox[] = [];

beforeAll(async () => {
  odd = await startOddStripe();
  api = apiAt(odd.url);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await odd.close();
  for (const sandbox of sandboxes) await sandbox.close();
});

async function openSandbox(): Promise<{ api: StripeApi; sandbox: SandboxControls }> {
  const sandbox = await startSandbox({ port: 0, seed: 7, frozen: true, now: NOW });
  sandboxes.push(sandbox);
  return { api: apiAt(sandbox.url), sandbox: new SandboxControls(sandbox.url) };
}

function retrieve(from = api) {
  return from.read((stripe) => stripe.customers.retrieve('cus_odd'));
}

function create(to = api, key = 'op_1') {
  return to.send('customer.create', { name: 'Ada' }, key);
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  return work.then(
    () => {
      throw new Error('It did not fail.');
    },
    (failure: Failure) => failure,
  );
}

function customersAt(from: StripeApi) {
  return from.read((stripe) => stripe.customers.list());
}

// Its 20 s pass while the other tests run.
let timedOut: Promise<{ answer: Awaited<ReturnType<typeof create>>; keys: unknown[]; customers: number }>;
beforeAll(async () => {
  const hanging = await openSandbox();
  await hanging.sandbox.mischief({ requests: { timeout_after_apply: true, times: 1, match: 'POST' } });
  timedOut = (async () => {
    const answer = await create(hanging.api);
    const keys = (await hanging.sandbox.requests()).map(({ idempotency_key }) => idempotency_key);
    return { answer, keys, customers: (await customersAt(hanging.api)).object.data.length };
  })();
});

test('every request carries the pinned version and our key, every command its own idempotency key', async () => {
  odd.answers({ body: customer });
  await retrieve();
  await create();
  const common = { 'stripe-version': PINNED_API_VERSION, authorization: 'Bearer sk_test_api' };
  expect(odd.asked).toEqual([
    { line: 'GET /v1/customers/cus_odd', headers: expect.objectContaining(common) },
    { line: 'POST /v1/customers', headers: expect.objectContaining({ ...common, 'idempotency-key': 'op_1' }) },
  ]);
});

test('an answer is what stood on the wire, so that it equals the event that tells the same', async () => {
  const price = { id: 'price_1', object: 'price', livemode: false, unit_amount: 4900, unit_amount_decimal: '4900' };
  odd.answers({ body: price });
  expect((await api.read((stripe) => stripe.prices.retrieve('price_1'))).object).toStrictEqual(price);
});

describe('every failure is one of ours', () => {
  const intent = { id: 'pi_1', object: 'payment_intent', client_secret: 'pi_1_secret' };
  const atOnce = { 'stripe-should-retry': 'false' };

  test.each<[string, number, object, { code: string; status: number; refusal: boolean } & Partial<Failure>]>([
    [
      'a declined card',
      402,
      { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds', payment_intent: intent },
      {
        code: 'card_declined',
        status: 402,
        refusal: true,
        extensions: expect.objectContaining({ decline_code: 'insufficient_funds', payment: 'pi_1' }),
      },
    ],
    [
      'a bank that wants the customer',
      402,
      { type: 'card_error', code: 'authentication_required', payment_intent: intent },
      {
        code: 'authentication_required',
        status: 402,
        refusal: true,
        extensions: { advice: 'authenticate', payment: 'pi_1', client_secret: 'pi_1_secret' },
      },
    ],
    [
      'a subscription whose payment wants the customer',
      400,
      { type: 'invalid_request_error', code: 'subscription_payment_intent_requires_action' },
      { code: 'authentication_required', status: 402, refusal: true },
    ],
    [
      'an object that Stripe does not know',
      404,
      { type: 'invalid_request_error', code: 'resource_missing', param: 'id', message: 'No such customer' },
      { code: 'stripe_object_missing', status: 404, refusal: true, message: 'No such customer' },
    ],
    [
      'a wrong parameter',
      400,
      { type: 'invalid_request_error', code: 'parameter_unknown', param: 'nmae', message: 'Unknown parameter: nmae' },
      {
        code: 'stripe_invalid_request',
        status: 422,
        refusal: true,
        message: 'Unknown parameter: nmae',
        extensions: { stripe_code: 'parameter_unknown', param: 'nmae' },
      },
    ],
    [
      'a key used with other parameters',
      400,
      { type: 'idempotency_error', message: 'Keys for idempotent requests …' },
      { code: 'stripe_invalid_request', status: 422, refusal: true },
    ],
    [
      'a wrong API key',
      401,
      { type: 'invalid_request_error' },
      { code: 'stripe_refuses_key', status: 500, refusal: true },
    ],
    [
      'a permission that the API key lacks',
      403,
      { type: 'invalid_request_error' },
      { code: 'stripe_refuses_key', status: 500, refusal: true },
    ],
    [
      'the same key in progress',
      409,
      { type: 'idempotency_error', code: 'idempotency_key_in_use' },
      { code: 'stripe_busy', status: 409, refusal: false, retryable: true, retryAfterSeconds: 2 },
    ],
    [
      'an object that is locked',
      429,
      { type: 'invalid_request_error', code: 'lock_timeout' },
      { code: 'stripe_busy', status: 409, refusal: false, retryable: true },
    ],
    [
      'a fault at Stripe',
      500,
      { type: 'api_error' },
      { code: 'stripe_unavailable', status: 503, refusal: false, retryable: true, retryAfterSeconds: 10 },
    ],
    [
      'Stripe in maintenance',
      503,
      { type: 'api_error' },
      { code: 'stripe_unavailable', status: 503, refusal: false, retryable: true },
    ],
  ])('%s', async (_, status, error, { refusal, ...expected }) => {
    odd.answers({ status, body: { error }, headers: atOnce });
    const failure = await failureOf(create());
    expect(failure).toMatchObject(expected);
    expect(isRefusal(failure)).toBe(refusal);
    expect(odd.asked).toHaveLength(1);
  });

  test('a parameter that names a missing object is told', async () => {
    const error = { type: 'invalid_request_error', code: 'resource_missing', param: 'customer' };
    odd.answers({ status: 400, body: { error } });
    expect(await failureOf(create())).toMatchObject({ code: 'stripe_object_missing', param: 'customer' });
  });

  test('too many requests, also after two more attempts', async () => {
    odd.answers({ status: 429, body: { error: { type: 'invalid_request_error', code: 'rate_limit' } } });
    const failure = await failureOf(create());
    expect(failure).toMatchObject({ code: 'stripe_rate_limited', status: 503, retryable: true, retryAfterSeconds: 5 });
    expect(isRefusal(failure)).toBe(false);
    expect(odd.asked.map(({ headers }) => headers['idempotency-key'])).toEqual(['op_1', 'op_1', 'op_1']);
  });

  test.each([
    ["a proxy's page for an answer", { status: 200, body: '<html>welcome</html>' }],
    ["a proxy's page for a fault", { status: 502, body: '<html>bad gateway</html>', headers: atOnce }],
  ])('%s: nobody knows what Stripe did', async (_, answer) => {
    odd.answers(answer);
    const failure = await failureOf(create());
    expect(failure).toMatchObject({ code: 'stripe_unavailable' });
    expect(isRefusal(failure)).toBe(false);
  });

  test('nobody listens', async () => {
    expect(await failureOf(retrieve(apiAt(`http://127.0.0.1:${await anyPort()}`)))).toMatchObject({
      code: 'stripe_unavailable',
    });
  });

  test('what is not of Stripe is thrown as it is', async () => {
    const bug = new TypeError('a bug of ours');
    await expect(api.read(() => Promise.reject(bug))).rejects.toBe(bug);
  });
});

describe('an answer of the other mode is refused', () => {
  test.each<[string, 'test' | 'live', object]>([
    ['a live object in test mode', 'test', { ...customer, livemode: true }],
    ['a test object in live mode', 'live', customer],
    [
      'a list with a live object in test mode',
      'test',
      { object: 'list', data: [customer, { ...customer, livemode: true }] },
    ],
  ])('%s', async (_, mode, body) => {
    odd.answers({ body });
    await expect(retrieve(apiAt(odd.url, mode))).rejects.toMatchObject({ code: 'stripe_mode_mismatch', status: 500 });
  });

  test('what has no mode passes', async () => {
    odd.answers({ body: { id: 'cus_odd', object: 'customer', deleted: true } });
    expect((await retrieve()).object).toMatchObject({ deleted: true });
  });
});

describe('when an answer was true', () => {
  test("from before the request to the answer, in Stripe's clock and whole seconds", async () => {
    odd.answers({ body: customer, headers: { date: 'Thu, 15 Jan 2026 09:00:10 GMT' } });
    jest.spyOn(performance, 'now').mockReturnValueOnce(1000).mockReturnValue(4200);
    expect(await retrieve()).toMatchObject({
      as_of: new Date('2026-01-15T09:00:06Z'),
      as_of_max: new Date('2026-01-15T09:00:10Z'),
      replayed: false,
    });
  });

  test('by our own clock when Stripe names no time', async () => {
    odd.answers({ body: customer, undated: true });
    const begun = Math.floor(Date.now() / 1000) * 1000;
    const { as_of, as_of_max } = await retrieve();
    expect(as_of.getTime()).toBeGreaterThanOrEqual(begun - 1000);
    expect(as_of_max.getTime()).toBeGreaterThanOrEqual(begun);
    expect(as_of_max.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test("in the sandbox's time, however far it is from ours", async () => {
    const { api: sandboxed } = await openSandbox();
    const { as_of_max } = await customersAt(sandboxed);
    expect(as_of_max).toEqual(NOW);
  });
});

describe('a command is carried out once', () => {
  test.each([
    ['429', { status: 429, times: 2 }, 2],
    ['500', { status: 500, times: 1 }, 1],
    ['503', { status: 503, times: 1 }, 1],
    ['a connection cut after Stripe had acted', { cut_after_apply: true, times: 1 }, 1],
  ])('%s: sent again with the same key', async (_, requests, failures) => {
    const { api: sandboxed, sandbox } = await openSandbox();
    await sandbox.mischief({ requests: { ...requests, match: 'POST' } });
    const { object } = await create(sandboxed, 'op_retried');
    const sent = (await sandbox.requests()).map(({ idempotency_key }) => idempotency_key);
    expect(sent).toEqual(Array(failures + 1).fill('op_retried'));
    expect((await customersAt(sandboxed)).object.data.map(({ id }) => id)).toEqual([object.id]);
  });

  test('an answer that is repeated says so', async () => {
    const { api: sandboxed } = await openSandbox();
    const first = await create(sandboxed);
    const second = await create(sandboxed);
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.object.id).toBe(first.object.id);
    expect((await create(sandboxed, 'op_2')).object.id).not.toBe(first.object.id);
  });

  test('an answer that never came: given up after 20 s, sent again with the same key', async () => {
    const { answer, keys, customers } = await timedOut;
    expect(keys).toEqual(['op_1', 'op_1']);
    expect(answer.replayed).toBe(true);
    expect(customers).toBe(1);
  }, 60_000);
});
