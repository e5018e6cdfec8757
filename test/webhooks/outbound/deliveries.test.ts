import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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

  test('is sent once, however often the listener and the job run', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(draft('access.changed'));
    await house.sql(
      `insert into pgboss.job (name, data) select name, data from pgboss.job where name = 'on.outbound_webhooks'`,
    );
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
