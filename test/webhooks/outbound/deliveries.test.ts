import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { DomainEventDraft } from '../../../src/events/domain-events.js';
import { DeliveryJob } from '../../../src/webhooks/outbound/delivery.job.js';
import { PAUSES } from '../../../src/webhooks/outbound/retry-schedule.js';
import { OutboundHouse } from './outbound-house.js';
import { startReceiver } from './receiver.js';
import type { Received, Receiver } from './receiver.js';

let house: OutboundHouse;
let receiver: Receiver;
beforeAll(async () => void (house = await OutboundHouse.open()));
afterAll(() => house.close());
beforeEach(async () => {
  await house.clear();
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

function draft(type: 'access.changed' | 'customer.deleted', customer: string | null = 'cus_1'): DomainEventDraft {
  const common = { customer, object: 'cus_1', cause: null, occurred_at: new Date('2030-03-05T07:00:00Z') };
  if (type === 'customer.deleted') return { ...common, type, data: {} };
  const data = {
    granted: ['api_access'],
    revoked: [],
    changed: [],
    rule: 'paid',
    text: 'Zoë has paid.',
    subscription: null,
  };
  return { ...common, type, data };
}

function verify({ headers, body }: Received, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

function first<T>(items: T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('there is none');
  return item;
}

/** What tells the time, and nothing that waits. */
function turnThisMachinesClock(ms: number): void {
  const doNotFake = [
    ...(['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] as const),
    ...(['setInterval', 'clearInterval', 'hrtime', 'performance'] as const),
  ];
  jest.useFakeTimers({ now: Date.now() + ms, doNotFake });
}

describe('an event on its way', () => {
  test('arrives signed, with the customer as the app names it', async () => {
    await house.sql(`insert into external_ids (external_id, customer) values ('user_42', 'cus_1')`);
    const { secret } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    await house.drain();
    const event = first(await house.sql('select id from domain_events'))['id'];
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.headers['webhook-id']).toBe(event);
    expect(verify(first(receiver.received), secret)).toEqual({
      id: event,
      type: 'access.changed',
      timestamp: '2030-03-05T07:00:00.000Z',
      customer: 'cus_1',
      external_id: 'user_42',
      data: {
        granted: ['api_access'],
        revoked: [],
        changed: [],
        rule: 'paid',
        text: 'Zoë has paid.',
        subscription: null,
      },
    });
  });

  test('goes to each of many endpoints, with many others at once', async () => {
    const endpoints = 12;
    for (let made = 0; made < endpoints; made++) await house.createEndpoint(receiver.url);
    const customers = Array.from({ length: 100 }, (_, index) => `cus_${index}`);
    await house.publish(...customers.map((customer) => draft('customer.deleted', customer)));
    await house.listen();
    const rows = await house.sql(
      'select count(*)::int as all, count(distinct (endpoint, event))::int as pairs from webhook_deliveries',
    );
    expect(rows).toEqual([{ all: 1200, pairs: 1200 }]);
    const jobs = await house.sql(`select count(*)::int as all from pgboss.job where name = 'outbound_webhook.deliver'`);
    expect(jobs).toEqual([{ all: 1200 }]);
  });

  test('is thin where the endpoint wants it so', async () => {
    const { id } = await house.createEndpoint(receiver.url, ['*'], { payload: 'thin' });
    await house.publish(draft('access.changed'));
    await house.drain();
    expect(JSON.parse(first(receiver.received).body)).toEqual({
      id: expect.stringMatching(/^dev_/),
      type: 'access.changed',
      timestamp: '2030-03-05T07:00:00.000Z',
      customer: 'cus_1',
      external_id: null,
      data: { id: 'cus_1' },
    });
    await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { payload: 'full' });
    await house.publish(draft('access.changed'));
    await house.drain();
    expect(JSON.parse(receiver.received[1]?.body ?? '')).toMatchObject({ data: { text: 'Zoë has paid.' } });
  });

  test('is verified by nobody who has another secret, or another body', async () => {
    const { secret } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    await house.drain();
    const sent = first(receiver.received);
    expect(() => verify(sent, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toThrow('No matching signature');
    expect(() => verify({ ...sent, body: `${sent.body} ` }, secret)).toThrow('No matching signature');
  });

  test('goes to the endpoints whose filter it matches, once each', async () => {
    const all = await house.createEndpoint(receiver.url);
    const group = await house.createEndpoint(receiver.url, ['access.*']);
    const other = await house.createEndpoint(receiver.url, ['subscription.*', 'customer.deleted']);
    await house.publish(draft('access.changed'), draft('customer.deleted', null));
    await house.drain();
    const typesOf = async ({ id }: { id: string }) =>
      (await house.deliveries(id)).map((delivery) => delivery.event_type).toSorted();
    expect(await typesOf(all)).toEqual(['access.changed', 'customer.deleted']);
    expect(await typesOf(group)).toEqual(['access.changed']);
    expect(await typesOf(other)).toEqual(['customer.deleted']);
    expect(receiver.received).toHaveLength(4);
  });

  test('makes no work for anybody when no endpoint wants its type, or the one that does is disabled', async () => {
    const jobs = () => house.sql(`select * from pgboss.job where name = 'on.outbound_webhooks'`);
    await house.createEndpoint(receiver.url, ['subscription.*']);
    const { id } = await house.createEndpoint(receiver.url, ['access.*']);
    await house.sql(`update webhook_endpoints set status = 'disabled' where id = '${id}'`);
    await house.publish(draft('access.changed'));
    expect(await jobs()).toEqual([]);
    await house.sql(`update webhook_endpoints set status = 'enabled' where id = '${id}'`);
    await house.publish(draft('access.changed'), draft('customer.deleted'));
    expect(await jobs()).toHaveLength(1);
    await house.drain();
    // What was published before it was enabled is asked for by a replay.
    expect(receiver.received).toHaveLength(1);
  });

  test('is sent once, however often the listener and the job run', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    const listenAgain = () =>
      house.sql(
        `insert into pgboss.job (name, data) select name, data from pgboss.job where name = 'on.outbound_webhooks' limit 1`,
      );
    await listenAgain();
    await house.drain();
    await listenAgain();
    await house.drain();
    const delivery = first(await house.deliveries(id)).id;
    await house.app.get(DeliveryJob).deliver({ delivery });
    expect(receiver.received).toHaveLength(1);
  });

  test('leaves in its log what was sent and what was answered', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    await house.drain();
    expect(await house.deliveries(id)).toEqual([
      {
        object: 'webhook_delivery',
        id: expect.stringMatching(/^whd_/),
        endpoint: id,
        event: receiver.received[0]?.headers['webhook-id'],
        event_type: 'access.changed',
        customer: 'cus_1',
        status: 'delivered',
        attempts: 1,
        next_attempt_at: null,
        last_attempt_at: expect.any(String),
        last_status_code: 200,
        last_error: null,
        request_body: receiver.received[0]?.body,
        response_body: 'thank you',
        created_at: expect.any(String),
        delivered_at: expect.any(String),
      },
    ]);
  });
});

test('a receiver is asked no more than three things at once, however many lanes look at the same moment', async () => {
  const answers: ServerResponse[] = [];
  receiver.answer = (response) => void answers.push(response);
  const { id } = await house.createEndpoint(receiver.url);
  await house.publish(...Array.from({ length: 5 }, () => draft('access.changed')));
  await house.listen();
  let over = 0;
  const attempts = (await house.deliveries(id)).map((delivery) =>
    house.app
      .get(DeliveryJob)
      .deliver({ delivery: delivery.id })
      .finally(() => over++),
  );
  while (over + answers.length < 5) await new Promise((resolve) => setImmediate(resolve));
  // Two are put back, and come when there is room.
  expect({ asked: answers.length, over }).toEqual({ asked: 3, over: 2 });
  receiver.answer = (response) => void response.end();
  for (const answer of answers) answer.end();
  await Promise.all(attempts);
  await house.drain();
  expect((await house.deliveries(id)).map(({ status }) => status)).toEqual(Array(5).fill('delivered'));
});

describe('a receiver that fails', () => {
  beforeEach(() => void (receiver.answer = (response) => response.writeHead(500).end('\0oh')));

  test('is tried again after the first pause, not before', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    await house.drain();
    const waiting = first(await house.deliveries(id));
    expect(waiting).toMatchObject({ status: 'pending', attempts: 1, last_status_code: 500, response_body: '\uFFFDoh' });
    const pause = Date.parse(String(waiting.next_attempt_at)) - Date.parse(String(waiting.last_attempt_at));
    expect(pause).toBeGreaterThanOrEqual(5000);
    expect(pause).toBeLessThanOrEqual(5500);
    await house.drain();
    await house.app.get(DeliveryJob).deliver({ delivery: waiting.id });
    expect(receiver.received).toHaveLength(1);
  });

  test('is due by the database’s clock, however wrong this machine’s is', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    await house.listen();
    turnThisMachinesClock(10 * 60_000);
    try {
      await house.drain();
    } finally {
      jest.useRealTimers();
    }
    const [waiting] = await house.sql(
      `select status, extract(epoch from last_attempt_at - now())::float8 as ago,
        extract(epoch from next_attempt_at - last_attempt_at)::float8 as pause from webhook_deliveries where endpoint = ?`,
      [id],
    );
    expect(waiting).toMatchObject({ status: 'pending', pause: expect.closeTo(5.25, 0) });
    expect(Math.abs(Number(waiting?.['ago']))).toBeLessThan(60);
  });

  test('gets the same text under the same id each time, and is given up after the last attempt', async () => {
    const { id, secret } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    for (const _ of [0, ...PAUSES, 'one more']) {
      await house.drain();
      await house.passTime(id);
    }
    expect(receiver.received).toHaveLength(PAUSES.length + 1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const sent of receiver.received) verify(sent, secret);
    expect(await house.deliveries(id)).toMatchObject([
      { status: 'failed', attempts: PAUSES.length + 1, next_attempt_at: null },
    ]);
  });

  test('hears of it when it is back', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    await house.drain();
    receiver.answer = (response) => response.writeHead(204).end();
    await house.passTime(id);
    await house.drain();
    expect(await house.deliveries(id)).toMatchObject([
      { status: 'delivered', attempts: 2, last_status_code: 204, last_error: null },
    ]);
  });

  test('leaves what goes to another alone', async () => {
    const well = await startReceiver();
    await house.createEndpoint(receiver.url);
    const { id } = await house.createEndpoint(well.url);
    await house.publish(draft('access.changed'));
    await house.drain();
    expect(await house.deliveries(id)).toMatchObject([{ status: 'delivered' }]);
    await well.close();
  });

  test('asked for again after it was given up, it has all its attempts before it', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    for (const _ of [0, ...PAUSES]) {
      await house.drain();
      await house.passTime(id);
    }
    const delivery = first(await house.deliveries(id));
    expect(delivery).toMatchObject({ status: 'failed', attempts: PAUSES.length + 1 });
    await house.call('POST', `/v1/webhook_deliveries/${delivery.id}/retry`);
    await house.drain();
    const waiting = first(await house.deliveries(id));
    expect(waiting).toMatchObject({ status: 'pending', attempts: PAUSES.length + 2 });
    const pause = Date.parse(String(waiting.next_attempt_at)) - Date.parse(String(waiting.last_attempt_at));
    expect(pause).toBeLessThanOrEqual(5500);
  });

  test('by 410 is disabled, and what else was meant for it is skipped', async () => {
    receiver.answer = (response) => response.writeHead(410).end();
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'), draft('customer.deleted'));
    await house.drain();
    expect(receiver.received).toHaveLength(1);
    const { body } = await house.call('GET', `/v1/webhook_endpoints/${id}`);
    expect(body).toMatchObject({ status: 'disabled', disabled_reason: 'The receiver answered 410 Gone.' });
    const statuses = (await house.deliveries(id)).map(({ status }) => status).toSorted();
    expect(statuses).toEqual(['failed', 'skipped']);
    await house.publish(draft('access.changed'));
    await house.drain();
    expect(await house.deliveries(id)).toHaveLength(2);
  });
});

describe('a receiver that seems to be gone', () => {
  const HOUR = 3600;
  const DAY = 24 * HOUR;
  let id: string;
  let well: Receiver;
  beforeEach(async () => {
    well = await startReceiver();
    receiver.answer = (response) => response.writeHead(500).end();
    ({ id } = await house.createEndpoint(receiver.url, ['access.*']));
    await house.createEndpoint(well.url, ['webhook_endpoint.*', 'access.*']);
  });
  afterEach(() => well.close());

  /** An event whose every attempt fails, the last of them so long after the first failure. */
  async function giveUp(seconds: number): Promise<void> {
    await house.publish(draft('access.changed'));
    for (const _ of PAUSES) {
      await house.drain();
      await house.passTime(id);
    }
    await house.sql(
      `update webhook_endpoints set failing_since = now() - make_interval(secs => ${seconds}) where id = ?`,
      [id],
    );
    await house.drain();
    expect((await house.deliveries(id)).filter(({ status }) => status === 'failed').length).toBeGreaterThan(0);
  }

  async function endpoint() {
    return (await house.call('GET', `/v1/webhook_endpoints/${id}`)).body;
  }

  test('is disabled when a delivery is given up and nothing has arrived for five days; the others are told', async () => {
    await giveUp(5 * DAY + 60);
    const { status, disabled_reason, failing_since } = await endpoint();
    expect(status).toBe('disabled');
    expect(disabled_reason).toBe(`No attempt has succeeded since ${String(failing_since)}.`);
    await house.drain();
    const told = well.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(told.filter(({ type }) => type === 'webhook_endpoint.disabled')).toEqual([
      expect.objectContaining({
        customer: null,
        data: { webhook_endpoint: id, reason: disabled_reason, failing_since },
      }),
    ]);
  });

  test('is not, a little before', async () => {
    await giveUp(5 * DAY - HOUR);
    expect(await endpoint()).toMatchObject({ status: 'enabled', failing_since: expect.any(String) });
  });

  test('is not while attempts are left', async () => {
    await house.publish(draft('access.changed'));
    await house.drain();
    await house.sql(`update webhook_endpoints set failing_since = now() - interval '30 days' where id = ?`, [id]);
    await house.passTime(id);
    await house.drain();
    expect(await endpoint()).toMatchObject({ status: 'enabled' });
  });

  test('is not when anything arrived since', async () => {
    await house.publish(draft('access.changed'));
    await house.drain();
    expect(await endpoint()).toMatchObject({ failing_since: expect.any(String) });
    receiver.answer = (response) => response.end();
    await house.publish(draft('access.changed', 'cus_2'));
    await house.drain();
    expect(await endpoint()).toMatchObject({ status: 'enabled', failing_since: null });
  });

  test('begins anew when it is enabled again', async () => {
    await giveUp(6 * DAY);
    await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'enabled' });
    expect(await endpoint()).toMatchObject({ status: 'enabled', disabled_reason: null, failing_since: null });
    await house.publish(draft('access.changed'));
    await house.drain();
    expect(await endpoint()).toMatchObject({ status: 'enabled', failing_since: expect.any(String) });
  });

  test('tells the others as well when it has answered 410, once', async () => {
    receiver.answer = (response) => response.writeHead(410).end();
    await house.publish(draft('access.changed'), draft('access.changed', 'cus_2'));
    await house.drain();
    await house.drain();
    const told = well.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(told.filter(({ type }) => type === 'webhook_endpoint.disabled')).toMatchObject([
      { data: { webhook_endpoint: id, reason: 'The receiver answered 410 Gone.', failing_since: null } },
    ]);
  });
});

describe('what became of the endpoint meanwhile', () => {
  test('deleted: skipped, with the reason', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    receiver.answer = (response) => response.writeHead(503).end();
    await house.publish(draft('access.changed'));
    await house.drain();
    const delivery = first(await house.deliveries(id));
    await house.call('DELETE', `/v1/webhook_endpoints/${id}`);
    await house.passTime(id);
    await house.drain();
    expect(receiver.received).toHaveLength(1);
    const { body } = await house.call('GET', `/v1/webhook_deliveries/${delivery.id}`);
    expect(body).toMatchObject({ status: 'skipped', last_error: 'The endpoint was deleted.' });
  });

  test('asked for again during an attempt: whichever is recorded first sees to what follows', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    const attempts: Array<Promise<void>> = [];
    receiver.answer = (response) => {
      if (receiver.received.length === 1) attempts.push(again());
      response.writeHead(500).end();
    };
    const again = async () => house.app.get(DeliveryJob).deliver({ delivery: first(await house.deliveries(id)).id });
    await house.drain();
    await Promise.all(attempts);
    expect(receiver.received).toHaveLength(2);
    expect(await house.deliveries(id)).toMatchObject([{ status: 'pending', attempts: 1 }]);
    const waiting = await house.sql(
      `select id from pgboss.job where name = 'outbound_webhook.deliver' and state = 'created'`,
    );
    expect(waiting).toHaveLength(1);
  });
});
