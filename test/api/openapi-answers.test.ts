import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Transactions } from '../../src/database/transactions.js';
import { JobQueue } from '../../src/jobs/job-queue.js';
import { World } from '../support/world.js';
import { startReceiver } from '../webhooks/outbound/receiver.js';
import type { Receiver } from '../webhooks/outbound/receiver.js';
import { DocumentedApi, filled } from './documented-api.js';

let world: World;
let api: DocumentedApi;
let receiver: Receiver;
/** What was brought about so far: `POST /v1/customers 201`. */
const seen = new Set<string>();

beforeAll(async () => {
  // Without an SMTP server there is a mailbox.
  world = await World.open({ env: { SMTP_URL: '' } });
  api = await DocumentedApi.at(world.house.url);
  receiver = await startReceiver();
});
afterAll(async () => {
  await world.close();
  await receiver.close();
});

interface Found {
  id: string;
  status: string;
  next_action: object | null;
  last_error: object | null;
  data: Found[];
  latest_invoice: string;
  checked: number;
  retried_invoices: Array<{ paid: boolean; error: object | null }>;
}

/** Does what the operation says; its answer has to be what the document says. */
async function does(name: string, status: number, ids: Record<string, string> = {}, body?: object): Promise<Found> {
  const [path = '', query = ''] = name.split('?');
  const operation = api.operations.find((documented) => documented.name === path);
  if (!operation) throw new Error(`${path} is not documented.`);
  const response = await fetch(`${world.house.url}${filled(operation.path, ids)}?${query}`, {
    method: operation.method,
    headers: {
      authorization: `Bearer ${world.api.key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const schema = api.answerOf(operation, response.status);
  const answer: unknown = schema === null ? text : JSON.parse(text);
  expect([name, response.status, text]).toEqual([name, status, text]);
  if (schema !== null) expect([name, ...api.faults(schema, answer)]).toEqual([name]);
  seen.add(`${operation.name} ${status}`);
  return answer as Found;
}

const pay = (over: object) => ({
  customer: 'ada',
  amount: 4900,
  currency: 'eur',
  payment_method: 'pm_card_visa',
  ...over,
});

describe('every answer is as it is documented', () => {
  test('customers and what they pay with', async () => {
    const ada = { external_id: 'ada', email: 'ada@example.com', name: 'Ada', locale: 'en', metadata: { a: 'b' } };
    const { id } = await does('POST /v1/customers', 201, {}, ada);
    expect(await does('POST /v1/customers', 200, {}, ada)).toMatchObject({ id });
    await does('POST /v1/customers', 201, {}, {});
    await does('GET /v1/customers', 200);
    await does('PATCH /v1/customers/{customer}', 200, { customer: 'ada' }, { name: null, metadata: { a: null } });
    await does('GET /v1/customers/{customer}', 200, { customer: 'ada' });
    const attach = { payment_method: 'pm_card_visa', make_default: false };
    const method = await does('POST /v1/customers/{customer}/payment_methods', 201, { customer: 'ada' }, attach);
    await does('GET /v1/customers/{customer}/payment_methods', 200, { customer: 'ada' });
    const ids = { customer: 'ada', id: method.id };
    await does('DELETE /v1/customers/{customer}/payment_methods/{id}', 200, ids);
    await does('POST /v1/customers', 201, {}, { external_id: 'gone' });
    await does('DELETE /v1/customers/{customer}', 200, { customer: 'gone' });
  });

  test('subscriptions, access and invoices', async () => {
    const wish = { customer: 'ada', plan: 'starter', interval: 'month', payment_method: 'pm_card_visa', trial_days: 0 };
    const { id, latest_invoice } = await does('POST /v1/subscriptions', 201, {}, wish);
    await does('GET /v1/subscriptions/{id}', 200, { id });
    await does('POST /v1/subscriptions/{id}/change', 200, { id }, { plan: 'pro' });
    await does('POST /v1/subscriptions/{id}/cancel', 200, { id }, { at: 'period_end' });
    await does('POST /v1/subscriptions/{id}/resume', 200, { id });
    await does('GET /v1/invoices/{id}', 200, { id: latest_invoice });
    await does('GET /v1/customers/{customer}/invoices', 200, { customer: 'ada' });
    await does('GET /v1/customers/{customer}/access', 200, { customer: 'ada' });
    await does('GET /v1/access/check?customer=ada&feature=projects', 200);
    await does('GET /v1/access/check?customer=ada&feature=support_level', 200);
    await does('POST /v1/customers', 201, {}, { external_id: 'nobody' });
    await does('GET /v1/customers/{customer}/access', 200, { customer: 'nobody' });
  });

  test('a subscription that waits for the customer, and a trial', async () => {
    const wish = { plan: 'pro', interval: 'year', trial_days: 0, payment_method: 'pm_card_authenticationRequired' };
    await does('POST /v1/customers', 201, {}, { external_id: 'ken' });
    const waiting = await does('POST /v1/subscriptions', 201, {}, { ...wish, customer: 'ken' });
    expect(waiting.next_action).toEqual(expect.any(Object));
    await does('POST /v1/customers', 201, {}, { external_id: 'radia', email: 'radia@example.com' });
    await does('POST /v1/subscriptions', 201, {}, { customer: 'radia', plan: 'pro', interval: 'month' });
    await does('GET /v1/customers/{customer}/access', 200, { customer: 'radia' });
    await does('GET /v1/subscriptions', 200);
  });

  test('invoices that are tried again, and fail again', async () => {
    const customer = 'john';
    await does('POST /v1/customers', 201, {}, { external_id: customer, email: 'john@example.com' });
    const wish = { customer, plan: 'pro', interval: 'month', trial_days: 0, payment_method: 'pm_card_visa' };
    await does('POST /v1/subscriptions', 201, {}, wish);
    const attach = 'POST /v1/customers/{customer}/payment_methods';
    await does(attach, 201, { customer }, { payment_method: 'pm_card_chargeCustomerFail' });
    await world.sandbox.advance('32d');
    const refused = await does(attach, 201, { customer }, { payment_method: 'pm_card_chargeCustomerFail' });
    expect(refused.retried_invoices).toMatchObject([{ paid: false, error: { code: 'card_declined' } }]);
    await does('GET /v1/customers/{customer}/access', 200, { customer });
    await does('GET /v1/customers/{customer}/invoices', 200, { customer });
    const paid = await does(attach, 201, { customer }, { payment_method: 'pm_card_visa' });
    expect(paid.retried_invoices).toMatchObject([{ paid: true, error: null }]);
  });

  test('payments and refunds', async () => {
    const { id } = await does(
      'POST /v1/payments',
      201,
      {},
      pay({ confirm: true, order_id: 'o-1', metadata: { a: 'b' } }),
    );
    await does('POST /v1/refunds', 201, {}, { payment: id, amount: 100, reason: 'duplicate' });
    const refund = await does('POST /v1/refunds', 201, {}, { payment: id });
    await does('GET /v1/refunds', 200);
    await does('GET /v1/refunds/{id}', 200, { id: refund.id });
    const held = await does('POST /v1/payments', 201, {}, pay({ confirm: true, capture: 'manual' }));
    await does('POST /v1/payments/{id}/capture', 200, { id: held.id }, { amount: 1000 });
    const open = await does('POST /v1/payments', 201, {}, pay({}));
    await does('PATCH /v1/payments/{id}', 200, { id: open.id }, { amount: 5000, order_id: 'o-2' });
    await does('POST /v1/payments/{id}/confirm', 200, { id: open.id });
    const unwanted = await does('POST /v1/payments', 201, {}, { amount: 100, currency: 'usd' });
    await does('POST /v1/payments/{id}/cancel', 200, { id: unwanted.id });
    await does('GET /v1/payments', 200);
  });

  test('payments that wait for the customer, or were declined', async () => {
    const threeDs = pay({ confirm: true, payment_method: 'pm_card_authenticationRequired' });
    const waiting = await does('POST /v1/payments', 201, {}, threeDs);
    expect(waiting.next_action).toEqual(expect.any(Object));
    const declined = pay({ confirm: true, payment_method: 'pm_card_chargeDeclinedInsufficientFunds', order_id: 'o-3' });
    await does('POST /v1/payments', 402, {}, declined);
    const [payment] = (await does('GET /v1/payments?order_id=o-3', 200)).data;
    expect(payment?.last_error).toEqual(expect.any(Object));
    await does('GET /v1/payments/{id}', 200, { id: payment?.id ?? '' });
  });

  test('webhook endpoints and their deliveries', async () => {
    const wish = { url: receiver.url, events: ['*'], description: 'All' };
    const { id } = await does('POST /v1/webhook_endpoints', 201, {}, wish);
    await does('GET /v1/webhook_endpoints', 200);
    await does('GET /v1/webhook_endpoints/{id}', 200, { id });
    await does('PATCH /v1/webhook_endpoints/{id}', 200, { id }, { description: null });
    await does('POST /v1/webhook_endpoints/{id}/roll_secret', 200, { id }, { expires_after: 60 });
    await does('POST /v1/webhook_endpoints/{id}/test', 200, { id });
    await does('POST /v1/payments', 201, {}, pay({ customer: 'radia', confirm: true }));
    await world.sandbox.settle();
    receiver.answer = (response) => response.writeHead(500).end('no');
    await does('POST /v1/webhook_endpoints/{id}/test', 200, { id });
    const { data } = await does('GET /v1/webhook_endpoints/{id}/deliveries', 200, { id });
    expect(new Set(data.map(({ status }) => status))).toEqual(new Set(['delivered', 'failed']));
    await does('GET /v1/webhook_deliveries/{id}', 200, { id: data[0]?.id ?? '' });
    await does('POST /v1/webhook_deliveries/{id}/retry', 200, { id: data[0]?.id ?? '' });
    const from = new Date(Date.now() - 60_000).toISOString();
    const again = await does('POST /v1/webhook_endpoints/{id}/replay', 202, { id }, { from, types: ['payment.*'] });
    await world.sandbox.settle();
    const replay = await does('GET /v1/webhook_endpoints/{id}/replays/{replay}', 200, { id, replay: again.id });
    expect(replay).toMatchObject({ status: 'done', queued: expect.any(Number), error: null });
    await does('GET /v1/webhook_endpoints/{id}/replays', 200, { id });
    await does('PATCH /v1/webhook_endpoints/{id}', 200, { id }, { status: 'disabled' });
    await does('DELETE /v1/webhook_endpoints/{id}', 200, { id });
  });

  test('events and e-mails', async () => {
    await world.sandbox.settle();
    const { data } = await does('GET /v1/events?limit=100', 200);
    expect(data.length).toBeGreaterThan(20);
    await does('GET /v1/events/{id}', 200, { id: data[0]?.id ?? '' });
    expect((await does('GET /v1/emails?limit=100', 200)).data.length).toBeGreaterThan(3);
    expect((await does('GET /v1/mailbox?limit=100&to=john@example.com', 200)).data.length).toBeGreaterThan(3);
    await does('GET /v1/emails/preview/{template}', 200, { template: 'receipt' });
  });

  test('reconciliations and what they found', async () => {
    await world.sandbox.mischief({ deliveries: { drop: 1 } });
    await world.sandbox.advance('29d');
    await world.sandbox.behave();
    const { id } = await does('POST /v1/reconciliations', 202, {}, { kind: 'missed_events' });
    await world.sandbox.settle();
    expect((await does('GET /v1/reconciliations/{id}', 200, { id })).status).toBe('done');
    expect((await does('GET /v1/reconciliations/{id}/differences', 200, { id })).data.length).toBeGreaterThan(0);
    const sweep = await does('POST /v1/reconciliations', 202);
    await world.sandbox.settle();
    expect((await does('GET /v1/reconciliations/{id}', 200, { id: sweep.id })).checked).toBeGreaterThan(10);
    await does('GET /v1/reconciliations', 200);
  });

  test('received events, their replays and their figures', async () => {
    const { data } = await does(
      'GET /v1/webhooks/events?status=handled&type=customer.created&from=2020-01-01T00:00:00Z',
      200,
    );
    expect(data.length).toBeGreaterThan(2);
    const event = data[0]?.id ?? '';
    expect(await does('GET /v1/webhooks/events/{id}', 200, { id: event })).toMatchObject({
      payload: expect.stringContaining(event),
    });
    const { id } = await does('POST /v1/webhooks/replays', 202, {}, { event });
    await world.sandbox.settle();
    expect((await does('GET /v1/webhooks/replays/{id}', 200, { id })).status).toBe('done');
    await does('GET /v1/webhooks/replays', 200);
    await does('GET /v1/webhooks/metrics', 200);
    expect((await does('GET /v1/webhooks/metrics?by=type', 200)).data.length).toBeGreaterThan(5);
    expect((await does('GET /v1/webhooks/metrics?by=hour', 200)).data.length).toBeGreaterThan(0);
  });

  test('dead letters', async () => {
    await world.get(Transactions).run(async (em) => {
      const queue = world.get(JobQueue);
      for (const id of [1, 2, 3]) await queue.enqueue(em, 'webhook_replay.run', { replay: `rpl_no_${id}` });
    });
    await world.sandbox.settle();
    const { data } = await does('GET /v1/dead_letters?queue=webhook_replay.run', 200);
    expect(data).toHaveLength(3);
    await does('GET /v1/dead_letters/{id}', 200, { id: data[0]?.id ?? '' });
    await does('POST /v1/dead_letters/{id}/retry', 200, { id: data[0]?.id ?? '' });
    await does('DELETE /v1/dead_letters/{id}', 200, { id: data[1]?.id ?? '' });
    await does('POST /v1/dead_letters/retry', 200, {}, { queue: 'webhook_replay.run' });
    await world.sandbox.settle();
  });

  test('alerts', async () => {
    // Dead letters of the test before are what the operator is told of.
    await world.get(Transactions).run((em) => world.get(JobQueue).enqueue(em, 'alert.check', {}));
    await world.sandbox.settle();
    const { data } = await does('GET /v1/alerts', 200);
    await does('GET /v1/alerts/{id}', 200, { id: data[0]?.id ?? '' });
  });

  test('keys and health', async () => {
    const { id } = await does('POST /v1/api_keys', 201, {}, { name: 'Old', expires_at: '2030-01-01T00:00:00Z' });
    await does('GET /v1/api_keys', 200);
    await does('DELETE /v1/api_keys/{id}', 200, { id });
    await does('GET /health/live', 200);
    await does('GET /health/ready', 200);
  });

  test('and none was left out', () => {
    const documented = api.operations.flatMap(({ name, responses }) =>
      Object.keys(responses)
        .filter((status) => Number(status) < 300)
        .map((status) => `${name} ${status}`),
    );
    expect(documented.filter((success) => !seen.has(success))).toEqual([]);
  });
});
