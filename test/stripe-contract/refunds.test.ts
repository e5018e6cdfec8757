import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref } from './support.js';

const c = contract();
const pay = (amount: number, card = 'pm_card_visa', more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  c.stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    confirm: true,
    payment_method: card,
    return_url: 'https://example.com/done',
    ...more,
  });

// https://docs.stripe.com/refunds
describe('a refund', () => {
  test('gives back everything, unless it is told how much', async () => {
    const intent = await pay(2000);
    const refund = await c.stripe.refunds.create({
      payment_intent: intent.id,
      reason: 'requested_by_customer',
      metadata: { a: '1' },
      expand: ['balance_transaction', 'charge'],
    });
    expect(refund).toMatchObject({
      object: 'refund',
      amount: 2000,
      currency: 'usd',
      metadata: { a: '1' },
      payment_intent: intent.id,
      reason: 'requested_by_customer',
      status: 'succeeded',
      balance_transaction: { amount: -2000, fee: 0, net: -2000, type: 'refund', reporting_category: 'refund' },
      charge: { amount_refunded: 2000, refunded: true, status: 'succeeded' },
    });
    expect((await c.stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  });

  test('in parts adds up, and never to more than was paid', async () => {
    const { id, latest_charge } = await pay(2000);
    await c.stripe.refunds.create({ payment_intent: id, amount: 500 });
    expect(await c.stripe.charges.retrieve(ref(latest_charge))).toMatchObject({
      amount_refunded: 500,
      refunded: false,
    });
    const much = await failure(c.stripe.refunds.create({ payment_intent: id, amount: 1501 }));
    expect(much).toMatchObject({ statusCode: 400, param: 'amount' });
    expect(much.message).toBe('Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)');
    await c.stripe.refunds.create({ charge: ref(latest_charge), amount: 1500 });
    expect(await c.stripe.charges.retrieve(ref(latest_charge))).toMatchObject({
      amount_refunded: 2000,
      refunded: true,
    });
    const { data } = await c.stripe.refunds.list({ payment_intent: id });
    expect(data.map(({ amount }) => amount)).toEqual([1500, 500]);
    const none = await failure(c.stripe.refunds.create({ payment_intent: id }));
    expect(none).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
  });

  test('is told with what the charge was before', async () => {
    const { latest_charge, id } = await pay(2000);
    const refund = await c.stripe.refunds.create({ payment_intent: id, amount: 500 });
    expect(await c.events('refund.created', refund.id)).toHaveLength(1);
    const [refunded] = await c.events('charge.refunded', ref(latest_charge));
    expect(refunded?.data.object).toMatchObject({ amount_refunded: 500 });
    expect(refunded?.data.previous_attributes).toMatchObject({ amount_refunded: 0 });
  });

  test('takes new metadata, and nothing else', async () => {
    const { id } = await c.stripe.refunds.create({ payment_intent: (await pay(2000)).id });
    expect((await c.stripe.refunds.update(id, { metadata: { why: 'late' } })).metadata).toEqual({ why: 'late' });
    expect(await c.events('refund.updated', id)).toHaveLength(1);
    await expect(c.stripe.rawRequest('POST', `/v1/refunds/${id}`, { amount: 1 })).rejects.toMatchObject({
      code: 'parameter_unknown',
    });
  });

  test('of nothing, of what was not paid, and of what there is not, is refused', async () => {
    await expect(c.stripe.refunds.create({})).rejects.toMatchObject({ statusCode: 400 });
    const { id } = await c.stripe.paymentIntents.create({ amount: 2000, currency: 'usd' });
    await expect(c.stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({
      statusCode: 400,
      message: `This PaymentIntent (${id}) does not have a successful charge to refund.`,
    });
    await expect(c.stripe.refunds.create({ payment_intent: 'pi_none' })).rejects.toMatchObject({
      code: 'resource_missing',
    });
  });
});

// https://stripe.com/pricing, https://docs.stripe.com/currencies: of an account in the United States
describe('a fee', () => {
  test.each([
    ['of a card of the same country', 'pm_card_us', 'usd', 10_000, 320],
    ['of a card from abroad', 'pm_card_de', 'usd', 10_000, 470],
  ])('%s', async (_what, card, currency, amount, fee) => {
    const { latest_charge } = await pay(amount, card, { currency, expand: ['latest_charge.balance_transaction'] });
    const charge = typeof latest_charge === 'object' ? latest_charge : null;
    expect(charge?.balance_transaction).toMatchObject({
      amount,
      currency,
      fee,
      net: amount - fee,
      fee_details: [{ amount: fee, currency, type: 'stripe_fee' }],
      type: 'charge',
    });
  });

  test('is not given back with the payment', async () => {
    const { id, latest_charge } = await pay(10_000, 'pm_card_us');
    const refund = await c.stripe.refunds.create({ payment_intent: id });
    const { data } = await c.stripe.balanceTransactions.list({ source: ref(latest_charge) });
    const back = await c.stripe.balanceTransactions.retrieve(ref(refund.balance_transaction));
    expect([data[0]?.net, back.net]).toEqual([9680, -10_000]);
  });
});

describe('a charge', () => {
  test('takes a description and metadata, and tells of it', async () => {
    const id = ref((await pay(2000)).latest_charge);
    expect(await c.stripe.charges.update(id, { description: 'Two', metadata: { a: '1' } })).toMatchObject({
      description: 'Two',
      metadata: { a: '1' },
    });
    const [event] = await c.events('charge.updated', id);
    expect(event?.data.previous_attributes).toMatchObject({ description: null });
  });

  test('is found by its customer and by its intent', async () => {
    const customer = await c.customer(null);
    const { id, latest_charge } = await pay(2000, 'pm_card_visa', { customer });
    for (const params of [{ customer }, { payment_intent: id }])
      expect((await c.stripe.charges.list(params)).data.map((charge) => charge.id)).toEqual([ref(latest_charge)]);
  });

  test('bears its intent’s metadata, description and receipt address', async () => {
    const said = { description: 'A lamp', metadata: { order: '7' }, receipt_email: 'ada@example.com' };
    const { latest_charge } = await pay(2000, 'pm_card_visa', said);
    expect(await c.stripe.charges.retrieve(ref(latest_charge))).toMatchObject(said);
  });

  test('shows its refunds when it is asked', async () => {
    const { id, latest_charge } = await pay(2000);
    const refund = await c.stripe.refunds.create({ payment_intent: id, amount: 100 });
    const plain = await c.stripe.charges.retrieve(ref(latest_charge));
    expect(plain.refunds).toBeUndefined();
    const { refunds } = await c.stripe.charges.retrieve(ref(latest_charge), { expand: ['refunds'] });
    expect(refunds?.data.map((one) => one.id)).toEqual([refund.id]);
  });
});

describe('the balance', () => {
  test('is pending first, by currency and by how it was paid', async () => {
    await pay(2000);
    const balance = await c.stripe.balance.retrieve();
    expect(balance).toMatchObject({ object: 'balance', livemode: false });
    const usd = balance.pending.find(({ currency }) => currency === 'usd');
    expect(usd?.amount).toBeGreaterThan(0);
    expect(usd?.source_types?.card).toBeGreaterThan(0);
  });

  test('has its transactions by kind', async () => {
    const { id } = await pay(2000);
    const refund = await c.stripe.refunds.create({ payment_intent: id });
    const { data } = await c.stripe.balanceTransactions.list({ type: 'refund', limit: 100 });
    expect(data.map(({ source }) => source)).toContain(refund.id);
    expect(new Set(data.map(({ type }) => type))).toEqual(new Set(['refund']));
  });
});
