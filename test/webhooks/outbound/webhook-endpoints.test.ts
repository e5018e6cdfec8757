import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { OutboundHouse } from './outbound-house.js';
import { startReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';

let house: OutboundHouse;
let receiver: Receiver;
beforeAll(async () => void (house = await OutboundHouse.open()));
afterAll(() => house.close());
beforeEach(async () => {
  await house.clear();
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const changed = {
  type: 'customer.deleted',
  customer: 'cus_1',
  object: 'cus_1',
  data: {},
  cause: null,
  occurred_at: new Date(),
} as const;

function verifies(secret: string): boolean {
  const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' };
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

describe('an endpoint', () => {
  test('is created with a secret that no other answer shows', async () => {
    const { status, body } = await house.call('POST', '/v1/webhook_endpoints', {
      url: receiver.url,
      events: ['payment.*'],
      description: 'Billing',
    });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        object: 'webhook_endpoint',
        id: expect.stringMatching(/^whe_/),
        url: receiver.url,
        events: ['payment.*'],
        payload: 'full',
        description: 'Billing',
        status: 'enabled',
        disabled_reason: null,
        failing_since: null,
        created_at: expect.any(String),
        secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      },
    });
    const { secret: _, ...shown } = body;
    expect((await house.call('GET', `/v1/webhook_endpoints/${String(body['id'])}`)).body).toEqual(shown);
    expect((await house.call('GET', '/v1/webhook_endpoints')).body).toEqual({
      object: 'list',
      url: '/v1/webhook_endpoints',
      has_more: false,
      data: [shown],
    });
  });

  test('hears of everything unless it says otherwise', async () => {
    const { body } = await house.call('POST', '/v1/webhook_endpoints', { url: receiver.url });
    expect(body).toMatchObject({ events: ['*'], payload: 'full', description: null });
  });

  test.each([
    ['no URL', { url: 'app.example' }, '/url'],
    ['another protocol', { url: 'ftp://app.example/' }, '/url'],
    ['credentials', { url: 'https://user:pw@app.example/' }, '/url'],
    ['a private address', { url: 'https://10.0.0.1/' }, '/url'],
    ['the metadata service', { url: 'http://169.254.169.254/latest/meta-data' }, '/url'],
    ['a private address in disguise', { url: 'http://0xa000001/' }, '/url'],
    ['IPv4 in IPv6', { url: 'http://[::ffff:192.168.0.1]/' }, '/url'],
    ['the unspecified address', { url: 'http://0.0.0.0/' }, '/url'],
    ['an unknown event', { url: 'https://8.8.8.8/', events: ['subscription.past_dew'] }, '/events/0'],
    ['no events', { url: 'https://8.8.8.8/', events: [] }, '/events'],
    ['an unknown form', { url: 'https://8.8.8.8/', payload: 'thick' }, '/payload'],
    ['an unknown field', { url: 'https://8.8.8.8/', enabled: true }, '/enabled'],
  ])('is refused with %s', async (_, input, pointer) => {
    const { status, body } = await house.call('POST', '/v1/webhook_endpoints', input);
    expect({ status, body }).toMatchObject({ status: 422, body: { code: 'invalid_input', errors: [{ pointer }] } });
    expect(await house.sql('select id from webhook_endpoints')).toEqual([]);
  });

  test('is changed in the fields that are given alone', async () => {
    const { id } = await house.createEndpoint(receiver.url, ['payment.*']);
    const { status, body } = await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { events: ['access.changed'] });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { url: receiver.url, events: ['access.changed'], status: 'enabled' },
    });
    const refused = await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { url: 'http://10.0.0.1/' });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/url' }] } });
    expect((await house.call('GET', `/v1/webhook_endpoints/${id}`)).body).toEqual(body);
  });

  test('hears of nothing while it is disabled', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    const disabled = await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'disabled' });
    expect(disabled.body).toMatchObject({ status: 'disabled', disabled_reason: 'Disabled through the API.' });
    await house.publish(changed);
    await house.drain();
    expect(receiver.received).toEqual([]);
    const enabled = await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'enabled' });
    expect(enabled.body).toMatchObject({ status: 'enabled', disabled_reason: null });
    await house.publish(changed);
    await house.drain();
    expect(receiver.received).toHaveLength(1);
  });

  test('is gone once it is deleted', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    expect(await house.call('DELETE', `/v1/webhook_endpoints/${id}`)).toEqual({
      status: 200,
      body: { object: 'webhook_endpoint', id, deleted: true },
    });
    const paths = [`/v1/webhook_endpoints/${id}`, `/v1/webhook_endpoints/${id}/deliveries`];
    for (const path of paths)
      expect(await house.call('GET', path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await house.call('DELETE', `/v1/webhook_endpoints/${id}`)).toMatchObject({ status: 404 });
  });

  test('signs with the new secret and, for a day, with the old one', async () => {
    const { id, secret: old } = await house.createEndpoint(receiver.url);
    const { body } = await house.call('POST', `/v1/webhook_endpoints/${id}/roll_secret`);
    const fresh = String(body['secret']);
    expect(fresh).not.toBe(old);
    await house.publish(changed);
    await house.drain();
    expect([verifies(old), verifies(fresh)]).toEqual([true, true]);

    const [row] = await house.sql(`select old_secrets -> 0 ->> 'expires_at' as expires_at from webhook_endpoints`);
    const expires_at = String(row?.['expires_at']);
    expect(Math.abs(Date.parse(expires_at) - Date.now() - 24 * 3_600_000)).toBeLessThan(60_000);
    await house.sql('update webhook_endpoints set old_secrets = ?', [
      JSON.stringify([{ secret: old, expires_at: new Date().toISOString() }]),
    ]);
    await house.publish(changed);
    await house.drain();
    expect([verifies(old), verifies(fresh)]).toEqual([false, true]);
  });

  test('signs with the old ones for as long as the last roll says, and no longer', async () => {
    const { id, secret } = await house.createEndpoint(receiver.url);
    const secrets = [secret];
    const roll = async (expires_after: number) => {
      const { status, body } = await house.call('POST', `/v1/webhook_endpoints/${id}/roll_secret`, { expires_after });
      expect({ status, body }).toMatchObject({ status: 200 });
      secrets.push(String(body['secret']));
    };
    const valid = async () => {
      await house.publish(changed);
      await house.drain();
      return secrets.map(verifies);
    };
    await roll(86_400);
    await roll(3600);
    expect(await valid()).toEqual([true, true, true]);
    const left = await house.sql(
      `select extract(epoch from (old ->> 'expires_at')::timestamptz - now())::float8 as seconds
       from webhook_endpoints, json_array_elements(old_secrets) as old`,
    );
    expect(left).toHaveLength(2);
    for (const { seconds } of left) expect(Math.abs(Number(seconds) - 3600)).toBeLessThan(60);
    await roll(3600);
    await roll(3600);
    expect(await valid()).toEqual([false, true, true, true, true]);
    await roll(0);
    expect(await valid()).toEqual([false, false, false, false, false, true]);
  });

  test.each([-1, 604_801, 1.5, '60'])('refuses to let an old secret live for %p seconds', async (expires_after) => {
    const { id, secret } = await house.createEndpoint(receiver.url);
    const refused = await house.call('POST', `/v1/webhook_endpoints/${id}/roll_secret`, { expires_after });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/expires_after' }] } });
    await house.publish(changed);
    await house.drain();
    expect(verifies(secret)).toBe(true);
  });
});

describe('a test message', () => {
  test('is sent at once, signed, and its answer told', async () => {
    const { id, secret } = await house.createEndpoint(receiver.url, ['payment.*']);
    const { status, body } = await house.call('POST', `/v1/webhook_endpoints/${id}/test`);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: 'delivered', event_type: 'webhook_endpoint.test', response_body: 'thank you' },
    });
    expect(verifies(secret)).toBe(true);
    expect(await house.deliveries(id)).toEqual([body]);
  });

  test('is not tried again', async () => {
    receiver.answer = (response) => response.writeHead(401).end('who are you?');
    const { id } = await house.createEndpoint(receiver.url);
    const { body } = await house.call('POST', `/v1/webhook_endpoints/${id}/test`);
    expect(body).toMatchObject({
      status: 'failed',
      last_status_code: 401,
      response_body: 'who are you?',
      next_attempt_at: null,
    });
    await house.drain();
    expect(receiver.received).toHaveLength(1);
  });
});

describe('the log', () => {
  test('is paged from the newest, and filtered by status', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    for (const _ of [1, 2, 3]) await house.publish(changed);
    await house.drain();
    const all = await house.deliveries(id);
    const path = `/v1/webhook_endpoints/${id}/deliveries`;
    const { body } = await house.call('GET', `${path}?limit=2`);
    expect(body).toEqual({ object: 'list', url: path, has_more: true, data: all.slice(0, 2) });
    const rest = await house.call('GET', `${path}?limit=2&starting_after=${all[1]?.id}`);
    expect(rest.body).toMatchObject({ has_more: false, data: [all[2]] });
    expect((await house.call('GET', `${path}?status=failed`)).body).toMatchObject({ data: [] });
    expect((await house.call('GET', `${path}?status=lost`)).status).toBe(422);
  });

  test('sends any delivery again, under the same id', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(changed);
    await house.drain();
    const [delivery] = await house.deliveries(id);
    const { status, body } = await house.call('POST', `/v1/webhook_deliveries/${delivery?.id}/retry`);
    expect({ status, body }).toMatchObject({ status: 200, body: { status: 'pending' } });
    await house.drain();
    expect(await house.deliveries(id)).toMatchObject([{ id: delivery?.id, status: 'delivered', attempts: 2 }]);
    const [one, two] = receiver.received;
    expect(two).toMatchObject({ body: one?.body, headers: { 'webhook-id': one?.headers['webhook-id'] } });
  });

  test('does not send to a disabled endpoint, and says why', async () => {
    const { id } = await house.createEndpoint(receiver.url);
    await house.publish(changed);
    await house.drain();
    await house.call('PATCH', `/v1/webhook_endpoints/${id}`, { status: 'disabled' });
    const [delivery] = await house.deliveries(id);
    const answer = await house.call('POST', `/v1/webhook_deliveries/${delivery?.id}/retry`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'webhook_endpoint_disabled' } });
  });

  test('knows no delivery that was never made', async () => {
    expect(await house.call('POST', '/v1/webhook_deliveries/whd_0/retry')).toMatchObject({ status: 404 });
    expect(await house.call('GET', '/v1/webhook_deliveries/whd_0')).toMatchObject({ status: 404 });
    expect(await house.call('POST', '/v1/webhook_endpoints/whe_0/test')).toMatchObject({ status: 404 });
  });
});
