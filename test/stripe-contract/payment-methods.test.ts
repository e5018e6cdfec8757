import { describe, expect, test } from '@jest/globals';
import { contract } from './support.js';

const c = contract();

describe('a payment method', () => {
  test('is made of a token, belongs to nobody, and is shown without its number', async () => {
    const made = await c.stripe.paymentMethods.create({
      type: 'card',
      card: { token: 'tok_visa' },
      billing_details: { name: 'Ada Lovelace', email: 'ada@example.com' },
      metadata: { a: '1' },
    });
    expect(made).toMatchObject({
      object: 'payment_method',
      billing_details: { name: 'Ada Lovelace', email: 'ada@example.com', phone: null },
      card: { brand: 'visa', country: 'US', funding: 'credit', last4: '4242', wallet: null },
      customer: null,
      livemode: false,
      metadata: { a: '1' },
      type: 'card',
    });
    expect(JSON.stringify(made)).not.toContain('4242424242424242');
    expect((await c.stripe.paymentMethods.retrieve(made.id)).card?.fingerprint).toBe(made.card?.fingerprint);
  });

  test('of the same number has the same fingerprint, of another another', async () => {
    const [one, same, other] = await Promise.all(
      ['tok_visa', 'tok_visa', 'tok_mastercard'].map((token) =>
        c.stripe.paymentMethods.create({ type: 'card', card: { token } }),
      ),
    );
    expect(one?.id).not.toBe(same?.id);
    expect(one?.card?.fingerprint).toBe(same?.card?.fingerprint);
    expect(one?.card?.fingerprint).not.toBe(other?.card?.fingerprint);
  });

  test('is attached, listed by its kind, and taken off for good', async () => {
    const customer = await c.customer(null);
    const { id } = await c.stripe.paymentMethods.attach('pm_card_visa', { customer });
    const { data } = await c.stripe.paymentMethods.list({ customer, type: 'card' });
    expect(data.map((method) => method.id)).toEqual([id]);
    expect((await c.stripe.paymentMethods.list({ customer, type: 'sepa_debit' })).data).toEqual([]);
    expect((await c.stripe.paymentMethods.detach(id)).customer).toBeNull();
    expect((await c.stripe.paymentMethods.list({ customer })).data).toEqual([]);
    await expect(c.stripe.paymentMethods.attach(id, { customer })).rejects.toMatchObject({ statusCode: 400 });
    expect(await c.events('payment_method.attached', id)).toHaveLength(1);
    const [detached] = await c.events('payment_method.detached', id);
    expect(detached?.data.previous_attributes).toEqual({ customer });
  });

  test('that was the default is the default no more once it is taken off', async () => {
    const customer = await c.customer(null);
    const id = await c.useCard(customer, 'pm_card_visa');
    await c.stripe.paymentMethods.detach(id);
    expect(await c.stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
  });

  test('of one customer is not another’s', async () => {
    const [mine, theirs] = [await c.customer(null), await c.customer(null)];
    const { id } = await c.stripe.paymentMethods.attach('pm_card_visa', { customer: mine });
    await expect(c.stripe.paymentMethods.attach(id, { customer: theirs })).rejects.toMatchObject({ statusCode: 400 });
    await expect(c.stripe.customers.retrievePaymentMethod(theirs, id)).rejects.toMatchObject({ statusCode: 404 });
  });

  test('has a new expiry and billing details, and is told as updated', async () => {
    const customer = await c.customer(null);
    const { id } = await c.stripe.paymentMethods.attach('pm_card_visa', { customer });
    const changed = await c.stripe.paymentMethods.update(id, {
      card: { exp_month: 7, exp_year: 2035 },
      billing_details: { name: 'Ada' },
    });
    expect(changed).toMatchObject({
      card: { exp_month: 7, exp_year: 2035, last4: '4242' },
      billing_details: { name: 'Ada' },
    });
    const [event] = await c.events('payment_method.updated', id);
    expect(event?.data.previous_attributes).toMatchObject({ billing_details: { name: null } });
  });

  test('that belongs to nobody cannot be changed, nor taken off', async () => {
    const { id } = await c.stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
    await expect(c.stripe.paymentMethods.update(id, { metadata: { a: '1' } })).rejects.toMatchObject({
      statusCode: 400,
    });
    await expect(c.stripe.paymentMethods.detach(id)).rejects.toMatchObject({ statusCode: 400 });
  });

  test.each([
    ['without a type', {}, 'type'],
    ['of a type that there is not', { type: 'barter' }, 'type'],
    [
      'of an account number that is none',
      {
        type: 'sepa_debit',
        sepa_debit: { iban: 'DE00' },
        billing_details: { name: 'Ada', email: 'ada@example.com' },
      },
      'sepa_debit[iban]',
    ],
  ])('%s is refused', async (_what, params, param) => {
    await expect(c.stripe.rawRequest('POST', '/v1/payment_methods', params)).rejects.toMatchObject({
      statusCode: 400,
      param,
    });
  });

  test.each(['giropay', 'sofort'])('by %s can no longer be made', async (type) => {
    await expect(c.stripe.rawRequest('POST', '/v1/payment_methods', { type })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('deprecated'),
    });
  });

  test('that is not there is missing', async () => {
    await expect(c.stripe.paymentMethods.retrieve('pm_none')).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: "No such PaymentMethod: 'pm_none'",
    });
  });
});
