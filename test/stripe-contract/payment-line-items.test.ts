import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure } from './support.js';

type Details = Stripe.PaymentIntentCreateParams.AmountDetails;
const c = contract();
const lamp = { product_name: 'Lamp', quantity: 2, unit_cost: 1500 };
const bulb = { product_name: 'Bulb', quantity: 1, unit_cost: 1000 };
/** 3000 + 1000 - 200 + 400 + 400 */
const whole = {
  discount_amount: 200,
  line_items: [lamp, bulb],
  shipping: { amount: 400, from_postal_code: '94110', to_postal_code: '94117' },
  tax: { total_tax_amount: 400 },
};
const create = (amount: number, amount_details: Details, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  c.stripe.paymentIntents.create({ amount, currency: 'usd', amount_details, ...more });
const linesOf = (id: string, page: Stripe.PaymentIntentListAmountDetailsLineItemsParams = {}) =>
  c.stripe.paymentIntents.listAmountDetailsLineItems(id, page);

// https://docs.stripe.com/payments/payment-line-items
describe('the line items of a payment', () => {
  test('are listed in their order, and shown by the intent only where they are asked for', async () => {
    const full = {
      discount_amount: 50,
      payment_method_options: { card: { commodity_code: '123123' } },
      product_code: 'SKU001',
      product_name: 'Lamp',
      quantity: 2,
      tax: { total_tax_amount: 20 },
      unit_cost: 1500,
      unit_of_measure: 'each',
    };
    const made = await create(3970, { line_items: [full, bulb] });
    expect(made.amount_details).not.toHaveProperty('line_items');
    const { object, data, has_more, url } = await linesOf(made.id);
    expect({ object, has_more, url }).toEqual({
      object: 'list',
      has_more: false,
      url: `/v1/payment_intents/${made.id}/amount_details_line_items`,
    });
    expect(data).toEqual([
      { id: expect.stringMatching(/^uli_/), object: 'payment_intent_amount_details_line_item', ...full },
      {
        id: expect.stringMatching(/^uli_/),
        object: 'payment_intent_amount_details_line_item',
        discount_amount: null,
        payment_method_options: null,
        product_code: null,
        tax: null,
        unit_of_measure: null,
        ...bulb,
      },
    ]);
    const shown = await c.stripe.paymentIntents.retrieve(made.id, { expand: ['amount_details.line_items'] });
    expect(shown.amount_details?.line_items).toMatchObject({ object: 'list', data, url });
    expect((await linesOf(made.id, { limit: 1 })).has_more).toBe(true);
    expect((await linesOf(made.id, { starting_after: data[0]?.id ?? '' })).data).toEqual(data.slice(1));
  });

  test('add up to the amount, with shipping, tax and discount of the whole', async () => {
    expect((await create(4600, whole)).amount_details).toMatchObject({
      discount_amount: 200,
      shipping: whole.shipping,
      tax: whole.tax,
    });
    expect(await failure(create(4601, whole))).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
  });

  // https://docs.stripe.com/changelog/clover/2026-01-28/loosen-arithmetic-validation-for-payment-line-items
  test.each([
    ['amount_details_amount_mismatch', whole],
    ['amount_details_tax_shipping_discount_greater_than_amount', { shipping: { amount: 5000 } }],
  ])('may be wrong where that is wished, which is said: %s', async (code, details) => {
    const made = await create(4500, { ...details, enforce_arithmetic_validation: false });
    expect(made.amount_details?.error).toMatchObject({ code });
    const mended = await c.stripe.paymentIntents.update(made.id, {
      amount: 4000,
      amount_details: { line_items: [lamp, bulb], discount_amount: '', shipping: '', tax: '' },
    });
    expect(mended.amount_details).toEqual({ tip: {} });
  });

  test.each([
    ['a discount', { discount_amount: 200, line_items: [{ ...lamp, discount_amount: 100 }] }, 2700],
    ['a tax', { tax: { total_tax_amount: 1 }, line_items: [{ ...lamp, tax: { total_tax_amount: 1 } }] }, 3002],
  ])('have %s each, or all together', async (_what, details, amount) => {
    expect((await failure(create(amount, details))).statusCode).toBe(400);
  });

  test('are replaced, kept, and dropped by changes', async () => {
    const { id } = await create(3000, { line_items: [lamp] }, { payment_method: 'pm_card_visa' });
    const names = async () => (await linesOf(id)).data.map(({ product_name }) => product_name);
    await c.stripe.paymentIntents.update(id, { description: 'The same' });
    expect(await names()).toEqual(['Lamp']);
    await c.stripe.paymentIntents.update(id, { amount: 1000, amount_details: { line_items: [bulb] } });
    expect(await names()).toEqual(['Bulb']);
    await c.stripe.paymentIntents.confirm(id, {
      return_url: 'https://example.com/done',
      amount_details: { tax: { total_tax_amount: 100 }, line_items: [{ ...bulb, unit_cost: 900 }] },
    });
    expect((await linesOf(id)).data).toMatchObject([{ product_name: 'Bulb', unit_cost: 900 }]);
    const other = await create(3000, { line_items: [lamp] });
    expect((await c.stripe.paymentIntents.update(other.id, { amount_details: '' })).amount_details).toEqual({
      tip: {},
    });
    expect((await linesOf(other.id)).data).toEqual([]);
  });

  test('are of an amount that was incremented, too', async () => {
    const { id } = await create(
      3000,
      { line_items: [lamp] },
      {
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        capture_method: 'manual',
        confirm: true,
        payment_method: 'pm_card_visa',
        payment_method_options: { card: { request_incremental_authorization: 'if_available' } },
      },
    );
    const more = { amount: 4000, amount_details: { line_items: [lamp, bulb] } };
    await c.stripe.paymentIntents.incrementAuthorization(id, more);
    expect((await linesOf(id)).data).toHaveLength(2);
    const wrong = c.stripe.paymentIntents.incrementAuthorization(id, { ...more, amount: 4500 });
    expect((await failure(wrong)).statusCode).toBe(400);
    expect((await c.stripe.paymentIntents.retrieve(id)).amount).toBe(4000);
  });

  test.each([
    ['amount_details[line_items][0][product_name]', { quantity: 1, unit_cost: 1000 }],
    ['amount_details[line_items][0][quantity]', { ...bulb, quantity: 0 }],
    ['amount_details[line_items][0][product_code]', { ...bulb, product_code: 'thirteen long' }],
  ])('are refused by %s', async (param, line) => {
    const params = { amount: 1000, currency: 'usd', amount_details: { line_items: [line] } };
    expect(await failure(c.stripe.rawRequest('POST', '/v1/payment_intents', params))).toMatchObject({
      statusCode: 400,
      param,
    });
  });

  test('are none of an intent that is not there', async () => {
    expect(await failure(linesOf('pi_none'))).toMatchObject({ statusCode: 404, code: 'resource_missing' });
  });
});
