import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { World } from '../support/world.js';

interface Refund {
  id: string;
  amount: number;
  code: string;
}

let world: World;
let customers = 0;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

async function paid(over: object = {}): Promise<string> {
  const customer = `refunded-${++customers}`;
  await world.api.post('/v1/customers', { external_id: customer });
  const wish = {
    customer,
    amount: 1000,
    currency: 'eur',
    payment_method: 'pm_card_visa',
    confirm: true,
    order_id: 'order-9',
  };
  const { body } = await world.api.post<{ id: string }>('/v1/payments', { ...wish, ...over });
  return body.id;
}

function refund(payment: string, over: object = {}, headers: Record<string, string> = {}) {
  return world.api.post<Refund>('/v1/refunds', { payment, ...over }, headers);
}

async function refundsOf(payment: string) {
  await world.sandbox.settle();
  const { body } = await world.api.get<{ data: Refund[] }>(`/v1/refunds?payment=${payment}`);
  return body.data;
}

/** Speaks to Stripe past us, as its dashboard does. */
async function atStripe<T>(path: string, body?: Record<string, string>): Promise<T> {
  const response = await fetch(`${world.sandbox.url}/v1/${path}`, {
    headers: { authorization: 'Bearer sk_test_world' },
    ...(body && { method: 'POST', body: new URLSearchParams(body) }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

describe('a refund', () => {
  test('gives back all that is left, and is told with its payment', async () => {
    const payment = await paid();
    const part = await refund(payment, { amount: 300, reason: 'requested_by_customer' });
    expect(part.status).toBe(201);
    expect(part.body).toMatchObject({
      object: 'refund',
      payment,
      amount: 300,
      currency: 'eur',
      status: 'succeeded',
      reason: 'requested_by_customer',
    });
    const rest = await refund(payment);
    expect(rest.body).toMatchObject({ amount: 700, status: 'succeeded' });
    expect((await world.api.get(`/v1/payments/${payment}`)).body).toMatchObject({
      amount_received: 1000,
      amount_refunded: 1000,
    });
    expect((await world.api.get(`/v1/refunds/${part.body.id}`)).body).toEqual(part.body);
    expect((await refundsOf(payment)).map(({ id }) => id).toSorted()).toEqual([part.body.id, rest.body.id].toSorted());
    const told = await world
      .get(Transactions)
      .reader()
      .find(DomainEventRow, { type: 'payment.refunded', object: payment }, { orderBy: { id: 'asc' } });
    expect(told.map(({ data }) => data)).toMatchObject([
      { refund: part.body.id, refunded: 300, amount: 1000, order_id: 'order-9', one_off: true },
      { refund: rest.body.id, refunded: 700 },
    ]);
  });

  test('is never more than is left, which the answer names', async () => {
    const payment = await paid();
    await refund(payment, { amount: 600 });
    const { status, body } = await refund(payment, { amount: 401 });
    expect([status, body]).toMatchObject([422, { code: 'refund_exceeds_payment', left: 400, currency: 'eur' }]);
    await refund(payment);
    expect((await refund(payment)).body).toMatchObject({ code: 'refund_exceeds_payment', left: 0 });
  });

  test('of ten at once never exceeds the payment', async () => {
    const payment = await paid();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(payment, { amount: 150 })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(6).fill(201),
      ...Array<number>(4).fill(422),
    ]);
    for (const { body } of answers.filter(({ status }) => status === 422))
      expect(body.code).toBe('refund_exceeds_payment');
    expect((await refundsOf(payment)).reduce((sum, { amount }) => sum + amount, 0)).toBe(900);
  });

  test('of ten at once that fit are all made', async () => {
    const payment = await paid();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(payment, { amount: 100 })));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(10).fill(201));
  });
});

describe('what Stripe knows and we do not yet', () => {
  test('is never refunded twice: its refusal names what is left', async () => {
    const payment = await paid();
    await world.sandbox.mischief({ deliveries: { drop: 1 } });
    await atStripe('refunds', { payment_intent: payment, amount: '700' });
    const { status, body } = await refund(payment, { amount: 500 });
    await world.sandbox.behave();
    expect([status, body]).toMatchObject([422, { code: 'refund_exceeds_payment', left: 300, currency: 'eur' }]);
    expect((await refund(payment, { amount: 300 })).status).toBe(201);
  });

  test('a refund whose answer was lost is made once, and its repetition answers it', async () => {
    const payment = await paid();
    const key = { 'idempotency-key': 'refund-once' };
    await world.sandbox.mischief({
      deliveries: { drop: 1 },
      requests: { cut_after_apply: true, times: 3, match: 'POST /v1/refunds' },
    });
    const lost = await refund(payment, { amount: 400 }, key);
    await world.sandbox.behave();
    expect([lost.status, lost.body.code]).toEqual([503, 'stripe_unavailable']);
    const again = await refund(payment, { amount: 400 }, key);
    expect([again.status, again.body.amount]).toEqual([201, 400]);
    expect((await refund(payment, { amount: 400 }, key)).body).toEqual(again.body);
    const { data } = await atStripe<{ data: Refund[] }>(`refunds?payment_intent=${payment}`);
    expect(data.map(({ id }) => id)).toEqual([again.body.id]);
  });
});

test('nothing is refunded where nothing was received; unknown ones are 404', async () => {
  const open = await paid({ confirm: false });
  expect((await refund(open)).body).toMatchObject({ status: 409, code: 'payment_not_refundable' });
  const authorized = await paid({ capture: 'manual' });
  expect((await refund(authorized)).body).toMatchObject({ code: 'payment_not_refundable' });
  expect((await refund('pi_unknown')).status).toBe(404);
  expect((await world.api.get('/v1/refunds/re_unknown')).status).toBe(404);
});
