import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { Transactions } from '../../../src/database/transactions.js';
import { DomainEventRow } from '../../../src/events/domain-event.entity.js';
import { Customer } from '../../../src/customers/customer.entity.js';
import { InboundEvent } from '../../../src/webhooks/inbound/inbound-event.entity.js';
import { customerFixture } from '../../customers/fixtures.js';
import { eventBody, signed } from '../../support/stripe-event.js';
import type { EventFields } from '../../support/stripe-event.js';
import { World } from '../../support/world.js';

const CONNECT = 'whsec_connect_now';

let world: World;
let secret: string;

beforeAll(async () => {
  world = await World.open({ env: { STRIPE_CONNECT_WEBHOOK_SECRET: `${CONNECT},whsec_connect_before` } });
  secret = world.runtime.stripe.webhookSecrets[0] ?? '';
});
afterAll(() => world.close());

function send(body: string | Buffer<ArrayBuffer>, headers?: Record<string, string>): Promise<Response> {
  const all = headers ?? signed(body.toString(), secret);
  return fetch(`${world.house.url}/webhooks/stripe`, { method: 'POST', body, headers: all });
}

function deliver(fields: EventFields): Promise<Response> {
  return send(eventBody(fields));
}

function sendConnected(fields: EventFields & { account?: string }, by: string): Promise<Response> {
  const body = JSON.stringify({ ...JSON.parse(eventBody(fields)), account: fields.account });
  return fetch(`${world.house.url}/webhooks/stripe/connect`, { method: 'POST', body, headers: signed(body, by) });
}

function connected(id: string): EventFields & { account: string } {
  const object = customerFixture({ id: `cus_${id}` });
  return { id: `evt_${id}`, type: 'customer.created', created: 1, object, account: 'acct_theirs' };
}

function reader() {
  return world.get(Transactions).reader();
}

/** A customer of the sandbox as Stripe's API answers it, not by way of the house. */
async function stripeCustomer(name: string): Promise<Stripe.Customer> {
  const { body } = await world.api.post<{ id: string }>('/v1/customers', {
    name,
    email: `${name.replaceAll(' ', '.')}@example.com`,
  });
  await world.sandbox.settle();
  const response = await fetch(`${world.sandbox.url}/v1/customers/${body.id}`, {
    headers: { authorization: 'Bearer sk_test_world' },
  });
  return (await response.json()) as Stripe.Customer;
}

describe('what is refused leaves nothing behind', () => {
  const body = eventBody({ type: 'customer.updated', created: 1, object: { id: 'cus_x', object: 'customer' } });
  test.each<[string, string, () => Record<string, string>]>([
    ['no signature', body, () => ({ 'content-type': 'application/json' })],
    ['another secret', body, () => signed(body, 'whsec_other')],
    ['a stamp 301 s old', body, () => signed(body, secret, Math.floor(Date.now() / 1000) - 301)],
    ['a stamp 301 s ahead', body, () => signed(body, secret, Math.floor(Date.now() / 1000) + 302)],
    [
      'scheme v0',
      body,
      () => ({
        ...signed(body, secret),
        'stripe-signature': signed(body, secret)['stripe-signature']?.replace('v1=', 'v0=') ?? '',
      }),
    ],
  ])('%s', async (_, payload, headers) => {
    const before = await reader().count(InboundEvent);
    const response = await send(payload, headers());
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'signature_invalid', status: 400 });
    expect(await reader().count(InboundEvent)).toBe(before);
  });

  test('a body over the limit', async () => {
    const response = await send('x'.repeat(1.5 * 1024 * 1024 + 1));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'payload_too_large' });
  });
});

function bodyWith(padding: number): string {
  const object = { id: 'cus_big', object: 'never_mirrored', padding: 'x'.repeat(padding) };
  return eventBody({ id: 'evt_big', type: 'something.new', created: 1, object });
}

describe('what is signed is kept', () => {
  test('a body at the limit of 1.5 MB', async () => {
    const body = bodyWith(1.5 * 1024 * 1024 - bodyWith(0).length);
    expect((await send(body, signed(body, secret))).status).toBe(200);
    expect(await reader().findOne(InboundEvent, 'evt_big')).toMatchObject({ type: 'something.new' });
  });

  test.each([
    ['malformed JSON', Buffer.from('{"id": "evt_')],
    ['an empty object', Buffer.from('{}')],
    ['broken UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['a NUL byte', Buffer.from('{"id":"\0"}')],
    ['deeply nested', Buffer.from('['.repeat(50_000) + ']'.repeat(50_000))],
  ])('%s: quarantined, and answered 200', async (_, bytes) => {
    const { createHmac } = await import('node:crypto');
    const stamp = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', secret).update(`${stamp}.`).update(bytes).digest('hex');
    const before = await reader().count(InboundEvent, { status: 'quarantined' });
    const response = await send(Buffer.from(bytes), {
      'content-type': 'application/json',
      'stripe-signature': `t=${stamp},v1=${signature}`,
    });
    expect(response.status).toBe(200);
    expect(await reader().count(InboundEvent, { status: 'quarantined' })).toBe(before + 1);
  });

  test('a live event in a test deployment: quarantined, not projected', async () => {
    const object = { id: 'cus_live', object: 'customer' };
    expect(
      (await deliver({ id: 'evt_live', type: 'customer.created', created: 1, object, livemode: true })).status,
    ).toBe(200);
    await world.sandbox.settle();
    expect(await reader().findOneOrFail(InboundEvent, 'evt_live')).toMatchObject({
      status: 'quarantined',
      error: 'a live event in a test deployment',
    });
    expect(await reader().findOne(Customer, 'cus_live')).toBeNull();
  });

  test('an unknown type is stored and counted', async () => {
    await deliver({ id: 'evt_new', type: 'brand.new', created: 1, object: { id: 'x_1', object: 'brand' } });
    await world.sandbox.settle();
    expect(await reader().findOneOrFail(InboundEvent, 'evt_new')).toMatchObject({
      status: 'handled',
      decision: 'unprojected',
    });
  });
});

describe('the endpoint for connected accounts', () => {
  test.each([CONNECT, 'whsec_connect_before'])('takes its own secrets, also the one before (%s)', async (by) => {
    expect((await sendConnected(connected(`by_${by}`), by)).status).toBe(200);
  });

  test('no endpoint takes the other one’s secret', async () => {
    expect((await sendConnected(connected('crossed'), secret)).status).toBe(400);
    const body = eventBody(connected('crossed'));
    expect((await send(body, signed(body, CONNECT))).status).toBe(400);
    expect(await reader().findOne(InboundEvent, 'evt_crossed')).toBeNull();
  });

  test('events are stored and counted, in whatever mode, and never projected', async () => {
    await sendConnected(connected('theirs'), CONNECT);
    await sendConnected({ ...connected('theirs_live'), livemode: true }, CONNECT);
    await world.sandbox.settle();
    for (const id of ['theirs', 'theirs_live']) {
      const stored = { status: 'handled', decision: 'unprojected', account: 'acct_theirs' };
      expect(await reader().findOneOrFail(InboundEvent, `evt_${id}`)).toMatchObject(stored);
      expect(await reader().findOne(Customer, `cus_${id}`)).toBeNull();
    }
  });

  test('an account’s event is not projected at our own endpoint either', async () => {
    const body = JSON.stringify({ ...JSON.parse(eventBody(connected('at_ours'))), account: 'acct_theirs' });
    expect((await send(body)).status).toBe(200);
    await world.sandbox.settle();
    expect(await reader().findOneOrFail(InboundEvent, 'evt_at_ours')).toMatchObject({ decision: 'unprojected' });
    expect(await reader().findOne(Customer, 'cus_at_ours')).toBeNull();
  });

  test('whoever holds its secret cannot speak for our own account', async () => {
    const { account: _, ...unnamed } = connected('unnamed');
    expect((await sendConnected(unnamed, CONNECT)).status).toBe(200);
    await world.sandbox.settle();
    expect(await reader().findOneOrFail(InboundEvent, 'evt_unnamed')).toMatchObject({
      status: 'quarantined',
      error: expect.stringContaining('no connected account'),
    });
    expect(await reader().findOne(Customer, 'cus_unnamed')).toBeNull();
  });
});

describe('once, and in any order', () => {
  test('the same event 100 times, concurrently: all 200, one row, one change', async () => {
    const customer = await stripeCustomer('hundred');
    const body = eventBody({
      id: 'evt_hundred',
      type: 'customer.updated',
      created: customer.created + 60,
      object: { ...customer, name: 'Renamed' },
      previous_attributes: { name: 'hundred' },
    });
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await world.sandbox.settle();
    expect(await reader().count(InboundEvent, { id: 'evt_hundred' })).toBe(1);
    expect(await reader().findOneOrFail(Customer, customer.id)).toMatchObject({ name: 'Renamed' });
    expect(await reader().count(DomainEventRow, { cause: 'evt_hundred' })).toBe(1);
  });

  test.each([
    ['in order', [0, 1]],
    ['in the other order', [1, 0]],
  ])('two updates within one second, %s, end as Stripe has it', async (name, order) => {
    const customer = await stripeCustomer(`second ${name}`);
    const created = customer.created + 120;
    // Stripe holds what the second one says.
    await fetch(`${world.sandbox.url}/v1/customers/${customer.id}`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_world', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'name=Second',
    });
    await world.sandbox.settle();
    const updates = [
      {
        type: 'customer.updated',
        created,
        object: { ...customer, name: 'First' },
        previous_attributes: { name: customer.name },
      },
      {
        type: 'customer.updated',
        created,
        object: { ...customer, name: 'Second' },
        previous_attributes: { name: 'First' },
      },
    ];
    for (const index of order) {
      const update = updates[index];
      if (update) expect((await deliver(update)).status).toBe(200);
      await world.sandbox.settle();
    }
    expect(await reader().findOneOrFail(Customer, customer.id)).toMatchObject({ name: 'Second' });
  });

  test('a payload of another API version is not trusted: the object is fetched', async () => {
    const customer = await stripeCustomer('versioned');
    await deliver({
      id: 'evt_version',
      type: 'customer.updated',
      created: customer.created + 60,
      object: { id: customer.id, object: 'customer', name: 'Wrong' },
      api_version: '2020-08-27',
    });
    await world.sandbox.settle();
    expect(await reader().findOneOrFail(InboundEvent, 'evt_version')).toMatchObject({
      decision: 'refetch',
      status: 'handled',
    });
    expect(await reader().findOneOrFail(Customer, customer.id)).toMatchObject({ name: 'versioned' });
  });

  test('a poison event ends alone: the others of its batch are projected', async () => {
    const good = await stripeCustomer('beside poison');
    const poison = { ...good, id: 'cus_poison', name: 'with a \u0000 in it' };
    await Promise.all([
      deliver({ id: 'evt_poison', type: 'customer.created', created: good.created + 60, object: poison }),
      deliver({
        id: 'evt_good',
        type: 'customer.updated',
        created: good.created + 60,
        object: { ...good, name: 'Fine' },
        previous_attributes: { name: good.name },
      }),
    ]);
    await world.sandbox.settle();
    expect(await reader().findOneOrFail(Customer, good.id)).toMatchObject({ name: 'Fine' });
    expect(await reader().findOneOrFail(InboundEvent, 'evt_good')).toMatchObject({ status: 'handled' });
    expect(await reader().findOneOrFail(InboundEvent, 'evt_poison')).toMatchObject({
      status: 'pending',
      attempts: 1,
      error: expect.stringContaining('0x00'),
    });
  });
});
