import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { contract } from './support.js';

const c = contract();
const ADDRESS = { line1: '1 Main Street', city: 'Berlin', country: 'DE', postal_code: '10115' };

describe('a customer', () => {
  test('is made of nothing but defaults', async () => {
    const customer = await c.stripe.customers.create();
    expect(customer).toMatchObject({
      object: 'customer',
      address: null,
      balance: 0,
      currency: null,
      default_source: null,
      delinquent: false,
      description: null,
      email: null,
      invoice_settings: { custom_fields: null, default_payment_method: null, footer: null },
      livemode: false,
      metadata: {},
      name: null,
      next_invoice_sequence: 1,
      preferred_locales: [],
      shipping: null,
      tax_exempt: 'none',
      test_clock: null,
    });
    expect(customer.id).toMatch(/^cus_/);
  });

  test('keeps everything that it is given', async () => {
    const given = {
      address: ADDRESS,
      description: 'A good one',
      email: 'ada@example.com',
      metadata: { tier: 'gold' },
      name: 'Ada Lovelace',
      phone: '+49 30 1234567',
      preferred_locales: ['de', 'en'],
      shipping: { name: 'Ada', address: ADDRESS },
      tax_exempt: 'reverse' as const,
    };
    const { id } = await c.stripe.customers.create(given);
    const kept = await c.stripe.customers.retrieve(id);
    expect(kept).toMatchObject(given);
    // What an address lacks is there as null.
    expect(kept).toMatchObject({ address: { line2: null, state: null }, shipping: { phone: null } });
  });

  test('changes only what an update names, and is told with what was there before', async () => {
    const { id } = await c.stripe.customers.create({ name: 'Ada', email: 'ada@example.com', description: 'old' });
    const changed = await c.stripe.customers.update(id, { name: 'Ada Lovelace', description: '' });
    expect(changed).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com', description: null });
    const [event] = await c.events('customer.updated', id);
    expect(event?.data.previous_attributes).toEqual({ name: 'Ada', description: 'old' });
  });

  test('that is updated with nothing new tells nothing', async () => {
    const { id } = await c.stripe.customers.create({ name: 'Ada' });
    await c.stripe.customers.update(id, { name: 'Ada' });
    await c.stripe.customers.update(id, { name: 'Bea' });
    expect(await c.events('customer.updated', id)).toHaveLength(1);
  });

  test('once deleted is answered as deleted, cannot be changed, and its subscriptions are canceled', async () => {
    const id = await c.customer('pm_card_visa');
    const { id: subscription } = await c.stripe.subscriptions.create({
      customer: id,
      items: [{ price: await c.price(1000) }],
    });
    expect(await c.stripe.customers.del(id)).toEqual(
      expect.objectContaining({ id, object: 'customer', deleted: true }),
    );
    const found = await c.stripe.customers.retrieve(id);
    expect(found).toMatchObject({ id, deleted: true });
    expect(found).not.toHaveProperty('email');
    await expect(c.stripe.customers.update(id, { name: 'Ghost' })).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    expect((await c.stripe.subscriptions.retrieve(subscription)).status).toBe('canceled');
    expect(await c.events('customer.deleted', id)).toHaveLength(1);
    expect(await c.events('customer.subscription.deleted', subscription)).toHaveLength(1);
  });

  test('is found by its email, letter by letter', async () => {
    const email = `${randomUUID()}@example.com`;
    const { id } = await c.stripe.customers.create({ email });
    expect((await c.stripe.customers.list({ email })).data.map((one) => one.id)).toEqual([id]);
    // https://docs.stripe.com/api/customers/list#list_customers-email: "A case-sensitive filter"
    expect((await c.stripe.customers.list({ email: email.toUpperCase() })).data).toEqual([]);
  });

  test('has only its own payment methods as default', async () => {
    const [mine, theirs] = [await c.customer(null), await c.customer(null)];
    const { id } = await c.stripe.paymentMethods.attach('pm_card_visa', { customer: theirs });
    await expect(
      c.stripe.customers.update(mine, { invoice_settings: { default_payment_method: id } }),
    ).rejects.toMatchObject({ statusCode: 400, param: 'invoice_settings[default_payment_method]' });
  });

  test('may come with its first card, which is attached', async () => {
    const customer = await c.stripe.customers.create({ payment_method: 'pm_card_visa' });
    const { data } = await c.stripe.customers.listPaymentMethods(customer.id);
    expect(data).toMatchObject([{ type: 'card', card: { brand: 'visa', last4: '4242' }, customer: customer.id }]);
    // A first card is no default: https://docs.stripe.com/api/customers/create#create_customer-payment_method
    expect(customer.invoice_settings.default_payment_method).toBeNull();
    expect((await c.stripe.customers.retrievePaymentMethod(customer.id, data[0]?.id ?? '')).id).toBe(data[0]?.id);
  });

  // As most programs make their test customers; Stripe's documentation says nothing of a test id that is given twice.
  test('may name its first card as its default at once, by the same test id', async () => {
    const customer = await c.stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    const { data } = await c.stripe.customers.listPaymentMethods(customer.id);
    expect(data).toHaveLength(1);
    expect(customer.invoice_settings.default_payment_method).toBe(data[0]?.id);
  });

  test('with a card that is declined is not made at all', async () => {
    const email = `${randomUUID()}@example.com`;
    await expect(c.stripe.customers.create({ email, payment_method: 'pm_card_chargeDeclined' })).rejects.toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
    });
    expect((await c.stripe.customers.list({ email })).data).toEqual([]);
  });
});

// https://docs.stripe.com/api/metadata
describe('metadata', () => {
  test('is merged key by key, and an empty value takes its key away', async () => {
    const { id } = await c.stripe.customers.create({ metadata: { a: '1', b: '2' } });
    expect((await c.stripe.customers.update(id, { metadata: { b: '3', c: '4' } })).metadata).toEqual({
      a: '1',
      b: '3',
      c: '4',
    });
    expect((await c.stripe.customers.update(id, { metadata: { a: '' } })).metadata).toEqual({ b: '3', c: '4' });
    expect((await c.stripe.customers.update(id, { metadata: '' })).metadata).toEqual({});
  });

  test('names in its event what was there, and null for what is new', async () => {
    const { id } = await c.stripe.customers.create({ metadata: { a: '1' } });
    await c.stripe.customers.update(id, { metadata: { a: '2', b: '3' } });
    const [event] = await c.events('customer.updated', id);
    expect(event?.data.previous_attributes).toEqual({ metadata: { a: '1', b: null } });
  });

  test.each([
    ['more than 50 keys', Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`key${at}`, 'x']))],
    ['a key of more than 40 characters', { ['k'.repeat(41)]: 'x' }],
    ['a value of more than 500 characters', { a: 'x'.repeat(501) }],
  ])('with %s is refused', async (_what, metadata) => {
    await expect(c.stripe.customers.create({ metadata })).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 400,
    });
  });
});
