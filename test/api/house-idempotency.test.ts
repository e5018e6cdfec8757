import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { StripeApi } from '../../src/stripe/stripe-api.js';
import { World } from '../support/world.js';
import { post } from './wire.js';

let world: World;
let customers = 0;

beforeAll(async () => {
  world = await World.open();
});
afterEach(() => world.sandbox.behave());
afterAll(() => world.close());

async function newCustomer(): Promise<string> {
  const external_id = `guest-${++customers}`;
  await world.api.post('/v1/customers', { external_id });
  return external_id;
}

const subscription = { plan: 'pro', interval: 'month', trial_days: 0, payment_method: 'pm_card_visa' };
const payment = { amount: 4900, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };

interface Creation {
  path: string;
  /** Where it is made at Stripe. */
  call: string;
  wish: () => Promise<Record<string, unknown>>;
  /** What else could be wished. */
  change: Record<string, unknown>;
  /** What Stripe has of it. */
  made: (wish: Record<string, unknown>) => Promise<unknown[]>;
}

const customerAtStripe = async (reference: unknown) =>
  (await world.api.get<{ id: string }>(`/v1/customers/${String(reference)}`)).body.id;
const atStripe = async (list: (stripe: Stripe) => Promise<{ data: object[] }>) =>
  (await world.get(StripeApi).read(list)).object.data;

const creations: Creation[] = [
  {
    path: '/v1/customers',
    call: 'POST /v1/customers',
    wish: async () => ({ external_id: `guest-${++customers}`, name: 'Ada' }),
    change: { name: 'Eve' },
    made: async ({ external_id }) =>
      (await atStripe((stripe) => stripe.customers.list({ limit: 100 }))).filter(
        (one) => (one as Stripe.Customer).metadata['external_id'] === external_id,
      ),
  },
  {
    path: '/v1/subscriptions',
    call: 'POST /v1/subscriptions',
    wish: async () => ({ ...subscription, customer: await newCustomer() }),
    change: { plan: 'business' },
    made: async ({ customer: reference }) => {
      const customer = await customerAtStripe(reference);
      return atStripe((stripe) => stripe.subscriptions.list({ customer, status: 'all' }));
    },
  },
  {
    path: '/v1/payments',
    call: 'POST /v1/payment_intents',
    wish: async () => ({ ...payment, customer: await newCustomer() }),
    change: { amount: 5000 },
    made: async ({ customer: reference }) => {
      const customer = await customerAtStripe(reference);
      return atStripe((stripe) => stripe.paymentIntents.list({ customer }));
    },
  },
];
const each = creations.map((creation) => [creation.path, creation] as const);

describe.each(each)('an Idempotency-Key on POST %s', (path, { call, wish, change, made }) => {
  test('gets the first answer again, byte for byte, and makes nothing twice', async () => {
    const body = await wish();
    const first = await post(world, path, body, `again ${path}`);
    const second = await post(world, path, body, `again ${path}`);
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
    expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(second.headers.get('request-id')).not.toBe(first.headers.get('request-id'));
    expect(await made(body)).toHaveLength(1);
  });

  test('is refused with another body, and on another path', async () => {
    const body = await wish();
    const { status } = await post(world, path, body, `other ${path}`);
    const refusals = [
      await post(world, path, { ...body, ...change }, `other ${path}`),
      await post(world, '/v1/api_keys', { name: 'Other' }, `other ${path}`),
    ];
    expect(status).toBe(201);
    expect(refusals.map(({ problem }) => [problem.status, problem.code])).toEqual([
      [422, 'idempotency_key_reused'],
      [422, 'idempotency_key_reused'],
    ]);
    expect(await made(body)).toHaveLength(1);
  });

  test('of a request under way is a 409, and then the answer', async () => {
    const body = await wish();
    await world.sandbox.mischief({ requests: { delay_ms: 500, times: 1, match: call } });
    const both = await Promise.all([
      post(world, path, body, `flight ${path}`),
      post(world, path, body, `flight ${path}`),
    ]);
    const [done, refused] = both.toSorted((a, b) => a.status - b.status);
    expect([done?.status, refused?.status, refused?.problem.code]).toEqual([201, 409, 'idempotency_key_in_use']);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post(world, path, body, `flight ${path}`)).text).toBe(done?.text);
    expect(await made(body)).toHaveLength(1);
  });
});

describe.each(each)('Stripe away during POST %s', (path, { call, wish, made }) => {
  test('is a 503 with Retry-After; nothing is half done, and the same key makes one object', async () => {
    const body = await wish();
    await world.sandbox.mischief({ requests: { status: 503, times: 50, match: call } });
    const refused = await post(world, path, body, `away ${path}`);
    expect([refused.status, refused.problem.code]).toEqual([503, 'stripe_unavailable']);
    expect(refused.problem).toMatchObject({ retryable: true, request_id: refused.headers.get('request-id') });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await made(body)).toEqual([]);
    await world.sandbox.behave();
    const retried = await post(world, path, body, `away ${path}`);
    expect([retried.status, retried.headers.get('idempotent-replayed')]).toEqual([201, null]);
    expect(await made(body)).toHaveLength(1);
  });

  test('after it acted is a 503 too, and the same key finds what was made', async () => {
    const body = await wish();
    await world.sandbox.mischief({ requests: { cut_after_apply: true, times: 50, match: call } });
    const cut = await post(world, path, body, `cut ${path}`);
    expect([cut.status, cut.problem.code]).toEqual([503, 'stripe_unavailable']);
    await world.sandbox.behave();
    const retried = await post(world, path, body, `cut ${path}`);
    expect(retried.status).toBe(201);
    const [one, ...others] = await made(body);
    expect([one, others]).toMatchObject([{ id: (JSON.parse(retried.text) as { id: string }).id }, []]);
  });
});
