import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { firstIdAt } from '../../../src/database/ids.js';
import type { DomainEventDraft } from '../../../src/events/domain-events.js';
import { WebhookEndpointReplayJob } from '../../../src/webhooks/outbound/webhook-endpoint-replay.job.js';
import { PAUSES } from '../../../src/webhooks/outbound/retry-schedule.js';
import { OutboundHouse } from './outbound-house.js';
import type { Json } from './outbound-house.js';
import { startReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';

let house: OutboundHouse;
let receiver: Receiver;
let id: string;
beforeAll(async () => void (house = await OutboundHouse.open()));
afterAll(() => house.close());
beforeEach(async () => {
  await house.clear();
  receiver = await startReceiver();
  ({ id } = await house.createEndpoint(receiver.url, ['customer.*']));
});
afterEach(() => receiver.close());

const LONG_AGO = '2020-01-01T00:00:00Z';

function deleted(customer: string): DomainEventDraft {
  return { type: 'customer.deleted', customer, object: customer, data: {}, cause: null, occurred_at: new Date() };
}

function updated(customer: string): DomainEventDraft {
  return { ...deleted(customer), type: 'customer.updated', data: { changed: ['name'] } };
}

async function publish(...drafts: DomainEventDraft[]): Promise<void> {
  await house.publish(...drafts);
  await house.drain();
}

/** Replays, and lets it come to its end. */
async function replay(range: object = {}): Promise<Json> {
  const begun = await house.call('POST', `/v1/webhook_endpoints/${id}/replay`, { from: LONG_AGO, ...range });
  expect(begun).toMatchObject({ status: 202, body: { object: 'webhook_endpoint_replay', status: 'running' } });
  await house.drain();
  return found(begun.body);
}

async function found(begun: Json): Promise<Json> {
  return (await house.call('GET', `/v1/webhook_endpoints/${id}/replays/${String(begun['id'])}`)).body;
}

/** Who was told of, in the order of arrival, since this was asked last. */
function customersTold(): unknown[] {
  return receiver.received.splice(0).map(({ body }) => (JSON.parse(body) as Json)['customer']);
}

function day(ago: number): string {
  return new Date(Date.now() - ago * 86_400_000).toISOString();
}

/** Moves what was published until now to so long ago. */
async function age(days: number): Promise<void> {
  for (const row of await house.sql('select id from domain_events order by id')) {
    const old = String(row['id']);
    const moment = firstIdAt('dev', new Date(Date.now() - days * 86_400_000));
    const aged = `${moment}${old.slice(moment.length)}`;
    await house.sql('update domain_events set id = ? where id = ?', [aged, old]);
    await house.sql('update webhook_deliveries set event = ? where event = ?', [aged, old]);
  }
}

test('sends everything again, with the same text and the same webhook-id', async () => {
  await publish(deleted('cus_1'), deleted('cus_2'));
  const sent = receiver.received.splice(0);
  expect(await replay()).toMatchObject({ status: 'done', queued: 2, skipped: 0, error: null, endpoint: id });
  const texts = (some: typeof sent) => new Map(some.map(({ body, headers }) => [headers['webhook-id'], body]));
  expect(texts(receiver.received)).toEqual(texts(sent));
  expect(await house.deliveries(id)).toMatchObject([
    { status: 'delivered', attempts: 2 },
    { status: 'delivered', attempts: 2 },
  ]);
});

test('sends what was published while the endpoint was disabled, and leaves out what has arrived', async () => {
  await publish(deleted('cus_before'));
  await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'disabled' });
  await publish(deleted('cus_missed'));
  await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'enabled' });
  expect(customersTold()).toEqual(['cus_before']);
  expect(await replay({ only_failed: true })).toMatchObject({ queued: 1, skipped: 1 });
  expect(customersTold()).toEqual(['cus_missed']);
});

test('gives what was given up all its attempts again', async () => {
  receiver.answer = (response) => response.writeHead(500).end();
  await publish(deleted('cus_1'));
  for (const _ of PAUSES) {
    await house.passTime(id);
    await house.drain();
  }
  expect(await house.deliveries(id)).toMatchObject([{ status: 'failed' }]);
  expect(await replay({ only_failed: true })).toMatchObject({ queued: 1 });
  expect(await house.deliveries(id)).toMatchObject([{ status: 'pending', attempts: PAUSES.length + 2 }]);
});

test('leaves alone what is on its way', async () => {
  receiver.answer = (response) => response.writeHead(500).end();
  await publish(deleted('cus_1'));
  const [waiting] = await house.deliveries(id);
  expect(await replay()).toMatchObject({ queued: 0, skipped: 1 });
  expect(await house.deliveries(id)).toEqual([waiting]);
});

test('keeps to its range of time', async () => {
  await publish(deleted('cus_old'));
  await age(30);
  await publish(deleted('cus_new'));
  customersTold();
  expect(await replay({ from: day(31), to: day(29) })).toMatchObject({ queued: 1 });
  expect(customersTold()).toEqual(['cus_old']);
  expect(await replay({ from: day(29) })).toMatchObject({ queued: 1 });
  expect(customersTold()).toEqual(['cus_new']);
  expect(await replay({ from: day(29), to: day(1) })).toMatchObject({ queued: 0 });
});

test('keeps to what the endpoint listens to, narrowed by types', async () => {
  await house.publish(deleted('cus_1'), updated('cus_2'));
  const granted = { granted: [], revoked: [], changed: [], rule: 'paid', text: '', subscription: null };
  await publish({ ...deleted('cus_3'), type: 'access.changed', data: granted });
  customersTold();
  expect(await replay()).toMatchObject({ queued: 2 });
  expect(new Set(customersTold())).toEqual(new Set(['cus_1', 'cus_2']));
  expect(await replay({ types: ['customer.updated', 'access.*'] })).toMatchObject({ queued: 1 });
  expect(customersTold()).toEqual(['cus_2']);
});

test('goes on step by step, each event once, also when a step is done twice', async () => {
  await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'disabled' });
  await publish(...Array.from({ length: 150 }, (_, index) => deleted(`cus_${index}`)));
  await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'enabled' });
  const { body } = await house.call('POST', `/v1/webhook_endpoints/${id}/replay`, { from: LONG_AGO });
  const job = house.app.get(WebhookEndpointReplayJob);
  const step = (number: number) => job.run({ replay: String(body['id']), step: number });
  await Promise.all([step(0), step(0)]);
  expect(await found(body)).toMatchObject({ status: 'running', queued: 100 });
  await house.drain();
  expect(await found(body)).toMatchObject({ status: 'done', queued: 150, skipped: 0 });
  expect(new Set(customersTold()).size).toBe(150);
});

test('waits while the receiver has enough to do', async () => {
  await house.sql(
    `insert into webhook_deliveries (id, endpoint, event, event_type, status, attempts, next_attempt_at, request_body)
     select 'whd_' || n, ?, 'dev_' || n, 'customer.deleted', 'pending', 0, now(), '{}' from generate_series(1, 200) as n`,
    [id],
  );
  await publish(deleted('cus_1'));
  expect(await replay()).toMatchObject({ status: 'running', queued: 0 });
  await house.sql(`delete from webhook_deliveries where request_body = '{}'`);
  await house.sql(`update pgboss.job set start_after = now() where name = 'outbound_webhook.replay'`);
  await house.drain();
  const [{ id: begun }] = (await house.sql('select id from webhook_endpoint_replays')) as [Json];
  expect(await found({ id: begun })).toMatchObject({ status: 'done', queued: 1 });
});

test('fails when the endpoint is disabled or deleted meanwhile, and says so', async () => {
  await publish(deleted('cus_1'));
  const begin = () => house.call('POST', `/v1/webhook_endpoints/${id}/replay`, { from: LONG_AGO });
  const { body } = await begin();
  await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'disabled' });
  await house.drain();
  expect(await found(body)).toMatchObject({ status: 'failed', error: 'The endpoint is disabled.' });
  expect(await begin()).toMatchObject({ status: 409, body: { code: 'webhook_endpoint_disabled' } });
});

test.each([
  ['no beginning', {}, '/from'],
  ['an end before the beginning', { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00+00:00' }, '/to'],
  ['an unknown type', { from: LONG_AGO, types: ['customer.forgotten'] }, '/types/0'],
  ['an unknown field', { from: LONG_AGO, all: true }, '/all'],
])('is refused with %s', async (_, body, pointer) => {
  const refused = await house.call('POST', `/v1/webhook_endpoints/${id}/replay`, body);
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
});

test('is not found under another endpoint', async () => {
  const { body } = await house.call('POST', `/v1/webhook_endpoints/${id}/replay`, { from: LONG_AGO });
  const other = await house.createEndpoint(receiver.url);
  const path = `/v1/webhook_endpoints/${other.id}/replays`;
  expect(await house.call('GET', `${path}/${String(body['id'])}`)).toMatchObject({ status: 404 });
  expect((await house.call('GET', path)).body).toMatchObject({ data: [] });
  expect((await house.call('GET', `/v1/webhook_endpoints/${id}/replays`)).body).toMatchObject({ data: [body] });
  expect(await house.call('POST', '/v1/webhook_endpoints/whe_no/replay', { from: LONG_AGO })).toMatchObject({
    status: 404,
  });
});
