import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { World } from '../support/world.js';

interface Payment {
  id: string;
  status: string;
  amount_received: number;
  amount_capturable: number;
  client_secret: string | null;
  next_action: { type: string; client_secret: string; redirect_url: string | null } | null;
  metadata: Record<string, string>;
  order_id: string | null;
}

interface Problem {
  code: string;
  detail: string;
  payment: string;
  errors: Array<{ pointer: string; detail: string }>;
}

let world: World;
let customers = 0;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

/** Each test pays as a customer of its own, so that none uses up another's attempts. */
async function newCustomer(): Promise<string> {
  const external_id = `payer-${++customers}`;
  await world.api.post('/v1/customers', { external_id });
  return external_id;
}

async function pay(over: object = {}) {
  const body = {
    customer: await newCustomer(),
    amount: 4900,
    currency: 'eur',
    payment_method: 'pm_card_visa',
    confirm: true,
  };
  return world.api.post<Payment>('/v1/payments', { ...body, ...over });
}

async function declined(payment_method: string) {
  return world.api.post<Problem>('/v1/payments', {
    customer: await newCustomer(),
    amount: 4900,
    currency: 'eur',
    payment_method,
    confirm: true,
  });
}

async function events(payment: string) {
  await world.sandbox.settle();
  const rows = await world
    .get(Transactions)
    .reader()
    .find(DomainEventRow, { object: payment }, { orderBy: { id: 'asc' } });
  return rows.map(({ type, data }) => ({ type, ...data }));
}

describe('a payment that is confirmed at once', () => {
  test('is charged, and told once with its order', async () => {
    const { status, body } = await pay({ order_id: 'order-1', metadata: { colour: 'blue' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      object: 'payment',
      status: 'succeeded',
      amount: 4900,
      amount_received: 4900,
      amount_refunded: 0,
      currency: 'eur',
      order_id: 'order-1',
      capture: 'automatic',
      next_action: null,
      client_secret: null,
      last_error: null,
      metadata: { colour: 'blue' },
    });
    expect(await events(body.id)).toEqual([
      {
        type: 'payment.succeeded',
        payment: body.id,
        status: 'succeeded',
        order_id: 'order-1',
        one_off: true,
        amount: 4900,
        currency: 'eur',
      },
    ]);
    expect((await world.api.get(`/v1/payments/${body.id}`)).body).toEqual(body);
  });

  test('is made once however often it is asked for under one Idempotency-Key', async () => {
    const wish = {
      customer: await newCustomer(),
      amount: 1000,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
      order_id: 'order-once',
    };
    const first = await world.api.post('/v1/payments', wish, { 'idempotency-key': 'once' });
    const second = await world.api.post('/v1/payments', wish, { 'idempotency-key': 'once' });
    expect(second.body).toEqual(first.body);
    const { body } = await world.api.get<{ data: unknown[] }>('/v1/payments?order_id=order-once');
    expect(body.data).toEqual([first.body]);
  });
});

describe('a decline', () => {
  test.each([
    ['pm_card_visa_chargeDeclined', 'generic_decline', 'call_bank', false],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds', 'other_card', true],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'other_card', false],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'try_again', true],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'correct_details', false],
  ])('of %s is a 402 that advises', async (payment_method, decline_code, advice, retryable) => {
    const { status, body } = await declined(payment_method);
    expect(status).toBe(402);
    expect(body).toMatchObject({ code: 'card_declined', decline_code, advice, retryable });
  });

  test.each([
    'pm_card_visa_chargeDeclinedLostCard',
    'pm_card_visa_chargeDeclinedStolenCard',
    'pm_card_chargeDeclinedFraudulent',
  ])('of %s does not show that fraud is suspected', async (payment_method) => {
    const { body } = await declined(payment_method);
    expect(body).toMatchObject({ decline_code: 'generic_decline', advice: 'call_bank' });
    expect(JSON.stringify(body)).not.toMatch(/stolen|lost_card|fraud/i);
    const { body: payment } = await world.api.get(`/v1/payments/${body.payment}`);
    expect(payment).toMatchObject({ last_error: { decline_code: 'generic_decline' } });
    expect(JSON.stringify(payment)).not.toMatch(/stolen|lost_card|fraud/i);
  });

  test('leaves a payment that goes on with another card', async () => {
    const { body: problem } = await declined('pm_card_visa_chargeDeclinedInsufficientFunds');
    const left = await world.api.get<Payment>(`/v1/payments/${problem.payment}`);
    expect(left.body).toMatchObject({
      status: 'requires_payment_method',
      last_error: { decline_code: 'insufficient_funds' },
    });
    expect(left.body.client_secret).toContain(problem.payment);
    const { status, body } = await world.api.post<Payment>(`/v1/payments/${problem.payment}/confirm`, {
      payment_method: 'pm_card_visa',
    });
    expect([status, body.status]).toEqual([200, 'succeeded']);
    expect(await events(body.id)).toMatchObject([
      { type: 'payment.failed', failure_code: 'card_declined', decline_code: 'insufficient_funds' },
      { type: 'payment.succeeded' },
    ]);
  });
});

describe('a payment that the bank wants confirmed', () => {
  test.each([
    ['succeed', 'succeeded', ['payment.requires_action', 'payment.succeeded']],
    ['fail', 'requires_payment_method', ['payment.requires_action', 'payment.failed']],
  ])('is handed to the client, and ends by webhook when they %s', async (outcome, status, told) => {
    const { status: answered, body } = await pay({ payment_method: 'pm_card_authenticationRequired' });
    expect([answered, body.status]).toEqual([201, 'requires_action']);
    expect(body.client_secret).toContain(`${body.id}_secret_`);
    expect(body.next_action?.client_secret).toBe(body.client_secret);
    await world.sandbox.post(`payment_intents/${body.id}/authenticate`, { outcome });
    expect((await events(body.id)).map(({ type }) => type)).toEqual(told);
    const after = await world.api.get<Payment>(`/v1/payments/${body.id}`);
    expect(after.body).toMatchObject({ status, next_action: null });
  });
});

describe('a payment step by step', () => {
  test('is created, changed, confirmed, captured in part', async () => {
    const { body: created } = await pay({ confirm: false, capture: 'manual', metadata: { a: '1', b: '2' } });
    expect(created.status).toBe('requires_confirmation');
    const path = `/v1/payments/${created.id}`;
    const changed = await world.api.patch<Payment>(path, { amount: 5000, order_id: 'order-2', metadata: { a: null } });
    expect(changed.body).toMatchObject({ amount: 5000, order_id: 'order-2', metadata: { b: '2' } });
    const confirmed = await world.api.post<Payment>(`${path}/confirm`);
    expect(confirmed.body).toMatchObject({ status: 'requires_capture', amount_capturable: 5000, amount_received: 0 });
    const captured = await world.api.post<Payment>(`${path}/capture`, { amount: 3000 });
    expect([captured.status, captured.body]).toMatchObject([
      200,
      { status: 'succeeded', amount_received: 3000, amount_capturable: 0 },
    ]);
    expect(await events(created.id)).toMatchObject([{ type: 'payment.succeeded', amount: 3000 }]);
  });

  test('is canceled, and stays so', async () => {
    const { body } = await pay({ confirm: false });
    const canceled = await world.api.post<Payment>(`/v1/payments/${body.id}/cancel`, { reason: 'abandoned' });
    expect([canceled.status, canceled.body.status]).toEqual([200, 'canceled']);
    expect((await events(body.id)).map(({ type }) => type)).toEqual(['payment.canceled']);
    for (const verb of ['confirm', 'capture', 'cancel']) {
      const { status, body: problem } = await world.api.post<Problem>(`/v1/payments/${body.id}/${verb}`);
      expect([verb, status, problem.code]).toEqual([verb, 409, 'payment_unexpected_state']);
    }
  });
});

describe('input', () => {
  test.each([
    [{ amount: 49 }, '/amount', 'The least that can be charged in EUR is 50'],
    [{ amount: 100_000_000 }, '/amount', 'The most that can be charged in EUR is 99999999'],
    [{ amount: 5124, currency: 'kwd' }, '/amount', 'multiples of 10'],
    [{ amount: 9.99 }, '/amount', 'int'],
    [{ amount: '4900' }, '/amount', 'number'],
    [{ currency: 'euro' }, '/currency', 'ISO 4217'],
    [{ payment_method: undefined }, '/payment_method', 'Needed to confirm'],
    [{ metadata: { order_id: 'x' } }, '/metadata/order_id', 'field of its own'],
    [{ metadata: { good_standing_one_off: 'false' } }, '/metadata/good_standing_one_off', 'our own'],
    [{ colour: 'blue' }, '/colour', 'Unknown field'],
  ])('%j is refused at %s', async (over, pointer, detail) => {
    const { status, body } = await world.api.post<Problem>('/v1/payments', {
      amount: 4900,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
      ...over,
    });
    expect([status, body.code]).toEqual([422, 'invalid_input']);
    expect(body.errors).toEqual([{ pointer, detail: expect.stringContaining(detail) }]);
  });

  test("a change's amount keeps to the bounds of the payment's currency", async () => {
    const { body } = await pay({ confirm: false });
    const refused = await world.api.patch<Problem>(`/v1/payments/${body.id}`, { amount: 10 });
    expect([refused.status, refused.body.errors]).toMatchObject([422, [{ pointer: '/amount' }]]);
  });

  test('unknown payments, customers and methods are 404', async () => {
    expect((await world.api.get<Problem>('/v1/payments/pi_unknown')).status).toBe(404);
    expect((await world.api.post<Problem>('/v1/payments/pi_unknown/confirm')).status).toBe(404);
    expect((await pay({ customer: 'nobody' })).body).toMatchObject({ code: 'customer_not_found' });
    expect((await pay({ payment_method: 'pm_unknown' })).body).toMatchObject({ code: 'stripe_object_missing' });
  });
});

test('lists by customer and order, page by page', async () => {
  const customer = await newCustomer();
  const made: string[] = [];
  for (const order_id of ['list-1', 'list-2', 'list-3'])
    made.push((await pay({ customer, order_id, confirm: false })).body.id);
  const path = `/v1/payments?customer=${customer}&limit=2`;
  const first = await world.api.get<{ data: Payment[]; has_more: boolean }>(path);
  const second = await world.api.get<{ data: Payment[]; has_more: boolean }>(
    `${path}&starting_after=${first.body.data[1]?.id}`,
  );
  expect([first.body.has_more, second.body.has_more]).toEqual([true, false]);
  expect([...first.body.data, ...second.body.data].map(({ id }) => id).toSorted()).toEqual(made.toSorted());
  const found = await world.api.get<{ data: Payment[] }>('/v1/payments?order_id=list-2');
  expect(found.body.data.map(({ id }) => id)).toEqual([made[1]]);
});

test('a customer has five attempts in 15 minutes, confirmed at creation or later', async () => {
  const customer = await newCustomer();
  const { body: open } = await pay({ customer, confirm: false });
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 4; attempt++)
    statuses.push((await pay({ customer, payment_method: 'pm_card_chargeDeclined' })).status);
  statuses.push(
    (await world.api.post(`/v1/payments/${open.id}/confirm`, { payment_method: 'pm_card_chargeDeclined' })).status,
  );
  expect(statuses).toEqual([402, 402, 402, 402, 402]);
  for (const refused of [await pay({ customer }), await world.api.post<Problem>(`/v1/payments/${open.id}/confirm`)]) {
    expect([refused.status, refused.body]).toMatchObject([429, { code: 'rate_limited' }]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await pay({ customer, confirm: false })).status).toBe(201);
  expect((await pay()).status).toBe(201);
});

function payAsGuest(over: object) {
  const sale = { amount: 4900, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };
  return world.api.post('/v1/payments', { ...sale, ...over });
}

test('guests are told apart by where they sit, not by the server that asks for them', async () => {
  for (let sale = 0; sale < 5; sale++) expect((await payAsGuest({ customer_ip: '203.0.113.7' })).status).toBe(201);
  expect((await payAsGuest({ customer_ip: '203.0.113.7' })).status).toBe(429);
  expect((await payAsGuest({ customer_ip: '203.0.113.8' })).status).toBe(201);
  expect((await payAsGuest({})).status).toBe(201);
  expect((await payAsGuest({ customer_ip: 'localhost' })).status).toBe(422);
});

test('an answer that is lost leads to one payment', async () => {
  const customer = await newCustomer();
  const wish = { customer, amount: 4900, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };
  await world.sandbox.mischief({ requests: { cut_after_apply: true, times: 1, match: 'POST /v1/payment_intents' } });
  const { status, body } = await world.api.post<Payment>('/v1/payments', wish);
  await world.sandbox.behave();
  expect([status, body.status]).toEqual([201, 'succeeded']);
  await world.sandbox.settle();
  const { body: listed } = await world.api.get<{ data: Payment[] }>(`/v1/payments?customer=${customer}`);
  expect(listed.data.map(({ id }) => id)).toEqual([body.id]);
});
