import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { World } from '../support/world.js';

interface Method {
  id: string;
  is_default: boolean;
  retried_invoices: Array<{ invoice: string; paid: boolean; error: { code: string; advice: string } | null }>;
}

interface Invoice {
  id: string;
  status: string;
  attempt_count: number;
  amount_remaining: number;
  subscription: string;
}

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

async function newCustomer(external_id: string): Promise<string> {
  const { body } = await world.api.post<{ id: string }>('/v1/customers', { external_id });
  return body.id;
}

function attach(customer: string, payment_method: string, over: object = {}) {
  return world.api.post<Method>(`/v1/customers/${customer}/payment_methods`, { payment_method, ...over });
}

async function methodsOf(customer: string) {
  const { body } = await world.api.get<{ data: Method[] }>(`/v1/customers/${customer}/payment_methods`);
  return body.data;
}

async function invoicesOf(customer: string, query = '') {
  const { body } = await world.api.get<{ data: Invoice[] }>(`/v1/customers/${customer}/invoices${query}`);
  return body.data;
}

/** A customer whose renewal failed a month after they subscribed. */
async function pastDue(external_id: string): Promise<Invoice> {
  await newCustomer(external_id);
  await attach(external_id, 'pm_card_visa');
  const subscribed = await world.api.post('/v1/subscriptions', {
    customer: external_id,
    plan: 'pro',
    interval: 'month',
    trial_days: 0,
  });
  expect([subscribed.status, subscribed.body]).toMatchObject([201, { status: 'active' }]);
  await attach(external_id, 'pm_card_chargeCustomerFail');
  await world.sandbox.advance('32d');
  const [open] = await invoicesOf(external_id, '?status=open');
  if (!open) throw new Error('The renewal did not fail.');
  return open;
}

describe('attaching', () => {
  test('saves the card and makes it the default', async () => {
    const customer = await newCustomer('ada');
    const { status, body } = await attach('ada', 'pm_card_visa');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      object: 'payment_method',
      type: 'card',
      card: { brand: 'visa', last4: '4242' },
      customer,
      is_default: true,
      retried_invoices: [],
    });
    const found = await world.api.get<{ default_payment_method: string }>('/v1/customers/ada');
    expect(found.body.default_payment_method).toBe(body.id);
  });

  test('a second one can be saved without becoming the default', async () => {
    await newCustomer('two-cards');
    const first = await attach('two-cards', 'pm_card_visa');
    const second = await attach('two-cards', 'pm_card_mastercard', { make_default: false });
    expect(second.body.is_default).toBe(false);
    const saved = await methodsOf('two-cards');
    expect(new Map(saved.map(({ id, is_default }) => [id, is_default]))).toEqual(
      new Map([
        [first.body.id, true],
        [second.body.id, false],
      ]),
    );
  });

  test('a card that the bank refuses is a 402 and is not saved', async () => {
    await newCustomer('refused');
    const { status, body } = await attach('refused', 'pm_card_visa_chargeDeclinedStolenCard');
    expect([status, body]).toMatchObject([
      402,
      { code: 'card_declined', decline_code: 'generic_decline', advice: 'call_bank' },
    ]);
    expect(await methodsOf('refused')).toEqual([]);
  });

  test('unknown customers and methods are 404', async () => {
    await newCustomer('known');
    expect((await attach('nobody', 'pm_card_visa')).body).toMatchObject({ code: 'customer_not_found' });
    expect((await attach('known', 'pm_unknown')).body).toMatchObject({ code: 'stripe_object_missing' });
  });
});

describe('detaching', () => {
  test('is for good, and told', async () => {
    const customer = await newCustomer('leaver');
    const { body } = await attach('leaver', 'pm_card_visa');
    const gone = await world.api.delete(`/v1/customers/leaver/payment_methods/${body.id}`);
    expect([gone.status, gone.body]).toEqual([200, { id: body.id, object: 'payment_method', detached: true }]);
    expect(await methodsOf('leaver')).toEqual([]);
    await world.sandbox.settle();
    const told = await world
      .get(Transactions)
      .reader()
      .find(DomainEventRow, { object: body.id }, { orderBy: { id: 'asc' } });
    expect(told.map(({ type }) => type)).toEqual(['payment_method.attached', 'payment_method.detached']);
    expect(told[0]?.customer).toBe(customer);
  });

  test("another customer's method is not found", async () => {
    await newCustomer('owner');
    await newCustomer('thief');
    const { body } = await attach('owner', 'pm_card_visa');
    expect((await world.api.delete(`/v1/customers/thief/payment_methods/${body.id}`)).status).toBe(404);
    expect(await methodsOf('owner')).toHaveLength(1);
  });
});

describe('a new default while an invoice is unpaid', () => {
  test('pays it at once, so that the subscription is active again, also before any event has arrived', async () => {
    const open = await pastDue('late');
    await world.sandbox.mischief({ deliveries: { drop: 1 } });
    expect(open).toMatchObject({
      status: 'open',
      attempt_count: 1,
    });
    const { status, body } = await attach('late', 'pm_card_visa');
    expect(status).toBe(201);
    expect(body.retried_invoices).toMatchObject([
      { invoice: open.id, subscription: open.subscription, paid: true, error: null },
    ]);
    expect((await world.api.get<Invoice>(`/v1/invoices/${open.id}`)).body).toMatchObject({
      object: 'invoice',
      status: 'paid',
      amount_remaining: 0,
    });
    expect((await world.api.get(`/v1/subscriptions/${open.subscription}`)).body).toMatchObject({ status: 'active' });
    await world.sandbox.behave();
  });

  test('is done although Stripe then does not say what became of the subscription: its events do', async () => {
    const open = await pastDue('unsaid');
    await world.sandbox.mischief({ requests: { status: 403, times: 1, match: 'GET /v1/subscriptions' } });
    const { status, body } = await attach('unsaid', 'pm_card_visa');
    expect([status, body.retried_invoices]).toMatchObject([201, [{ paid: true, error: null }]]);
    await world.sandbox.settle();
    expect((await world.api.get(`/v1/subscriptions/${open.subscription}`)).body).toMatchObject({ status: 'active' });
  });

  test('stays attached when that is declined too, and the answer says so', async () => {
    const open = await pastDue('later');
    const { status, body } = await attach('later', 'pm_card_chargeCustomerFail');
    expect([status, body.is_default]).toEqual([201, true]);
    expect(body.retried_invoices).toMatchObject([
      {
        invoice: open.id,
        paid: false,
        error: { code: 'card_declined', decline_code: 'generic_decline', advice: 'call_bank' },
      },
    ]);
    expect((await world.api.get<Invoice>(`/v1/invoices/${open.id}`)).body.status).toBe('open');
    expect((await methodsOf('later')).find(({ is_default }) => is_default)?.id).toBe(body.id);
  });
});

test("lists a customer's invoices by status and subscription; others are 404", async () => {
  const open = await pastDue('lister');
  expect((await invoicesOf('lister')).map(({ status }) => status)).toEqual(['open', 'paid']);
  expect((await invoicesOf('lister', '?status=paid')).map(({ status }) => status)).toEqual(['paid']);
  expect(await invoicesOf('lister', `?subscription=${open.subscription}`)).toHaveLength(2);
  expect((await world.api.get('/v1/invoices/in_unknown')).status).toBe(404);
  expect((await world.api.get('/v1/customers/nobody/invoices')).body).toMatchObject({ code: 'customer_not_found' });
});
