import { describe, expect, test } from '@jest/globals';
import { contract, ref } from './support.js';

const world = contract();
const success_url = 'https://example.com/done?session={CHECKOUT_SESSION_ID}';
const cancel_url = 'https://example.com/back';

const priceData = (unit_amount: number) => ({ currency: 'usd', unit_amount, product_data: { name: 'Lamp' } });

describe('a checkout session', () => {
  test('in payment mode adds up its items and waits for a person', async () => {
    const price = await world.oneTimePrice(250);
    const session = await world.stripe.checkout.sessions.create({
      mode: 'payment',
      success_url,
      cancel_url,
      client_reference_id: 'cart-7',
      customer_email: 'ada@example.com',
      metadata: { cart: '7' },
      line_items: [
        { price, quantity: 3 },
        { price_data: priceData(1999), quantity: 1 },
      ],
    });
    expect(session).toMatchObject({
      object: 'checkout.session',
      amount_subtotal: 2749,
      amount_total: 2749,
      cancel_url,
      client_reference_id: 'cart-7',
      currency: 'usd',
      customer: null,
      customer_creation: 'if_required',
      customer_email: 'ada@example.com',
      customer_details: { email: 'ada@example.com' },
      metadata: { cart: '7' },
      mode: 'payment',
      payment_intent: null,
      payment_status: 'unpaid',
      setup_intent: null,
      status: 'open',
      subscription: null,
      success_url,
    });
    expect(session.id).toMatch(/^cs_test_/);
    expect(session.url).toContain(session.id);
    expect(session.expires_at - session.created).toBe(24 * 3_600);
    expect(session).not.toHaveProperty('line_items');
  });

  test('lists its items, page by page and expanded', async () => {
    const { id } = await world.stripe.checkout.sessions.create({
      mode: 'payment',
      success_url,
      line_items: [
        { price_data: priceData(100), quantity: 1 },
        { price_data: priceData(200), quantity: 2 },
      ],
    });
    const first = await world.stripe.checkout.sessions.listLineItems(id, { limit: 1 });
    expect(first).toMatchObject({ has_more: true, data: [{ object: 'item', description: 'Lamp', amount_total: 100 }] });
    const second = await world.stripe.checkout.sessions.listLineItems(id, { starting_after: first.data[0]?.id ?? '' });
    expect(second).toMatchObject({ has_more: false, data: [{ amount_subtotal: 400, amount_total: 400, quantity: 2 }] });
    const expanded = await world.stripe.checkout.sessions.retrieve(id, { expand: ['line_items'] });
    expect(expanded.line_items?.data.map(({ amount_total }) => amount_total)).toEqual([100, 400]);
  });

  test('in subscription mode makes a customer, and nothing is due yet in a trial', async () => {
    const price = await world.price(1500);
    const session = await world.stripe.checkout.sessions.create({
      mode: 'subscription',
      success_url,
      line_items: [{ price, quantity: 2 }],
      subscription_data: { trial_period_days: 14, metadata: { plan: 'pro' } },
      payment_method_collection: 'if_required',
    });
    expect(session).toMatchObject({
      amount_total: 0,
      customer_creation: 'always',
      payment_method_collection: 'if_required',
      payment_status: 'unpaid',
      subscription: null,
    });
  });

  test('in setup mode has a setup intent and nothing to pay', async () => {
    const customer = await world.customer(null);
    const session = await world.stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'eur',
      customer,
      success_url,
    });
    expect(session).toMatchObject({ amount_total: null, customer, payment_status: 'no_payment_required' });
    const intent = await world.stripe.setupIntents.retrieve(ref(session.setup_intent));
    expect(intent).toMatchObject({ customer, status: 'requires_payment_method', usage: 'off_session' });
  });

  test('expires when it is told to, once, and is found by its state', async () => {
    const customer = await world.customer(null);
    const make = () =>
      world.stripe.checkout.sessions.create({
        mode: 'payment',
        customer,
        success_url,
        line_items: [{ price_data: priceData(500), quantity: 1 }],
      });
    const [open, closed] = [await make(), await make()];
    const expired = await world.stripe.checkout.sessions.expire(closed.id);
    expect(expired).toMatchObject({ status: 'expired', url: null, payment_status: 'unpaid' });
    await expect(world.stripe.checkout.sessions.expire(closed.id)).rejects.toMatchObject({ statusCode: 400 });
    const [event] = await world.events('checkout.session.expired', closed.id);
    expect(event?.data.object).toMatchObject({ id: closed.id, status: 'expired' });
    const ids = async (status: 'open' | 'expired') =>
      (await world.stripe.checkout.sessions.list({ customer, status })).data.map(({ id }) => id);
    expect([await ids('open'), await ids('expired')]).toEqual([[open.id], [closed.id]]);
  });

  test('is discounted by a coupon, item by item', async () => {
    const coupon = await world.stripe.coupons.create({ amount_off: 300, currency: 'usd', duration: 'once' });
    const { id, ...session } = await world.stripe.checkout.sessions.create({
      mode: 'payment',
      success_url,
      discounts: [{ coupon: coupon.id }],
      line_items: [
        { price_data: priceData(1000), quantity: 1 },
        { price_data: priceData(2000), quantity: 1 },
      ],
    });
    expect(session).toMatchObject({
      amount_subtotal: 3000,
      amount_total: 2700,
      discounts: [{ coupon: coupon.id, promotion_code: null }],
      total_details: { amount_discount: 300, amount_shipping: 0, amount_tax: 0 },
    });
    const { data } = await world.stripe.checkout.sessions.listLineItems(id);
    expect(data.map(({ amount_discount, amount_total }) => [amount_discount, amount_total])).toEqual([
      [100, 900],
      [200, 1800],
    ]);
  });

  test('takes new metadata', async () => {
    const session = await world.stripe.checkout.sessions.create({
      mode: 'payment',
      success_url,
      metadata: { a: '1', b: '2' },
      line_items: [{ price_data: priceData(500), quantity: 1 }],
    });
    const updated = await world.stripe.checkout.sessions.update(session.id, { metadata: { b: '', c: '3' } });
    expect(updated.metadata).toEqual({ a: '1', c: '3' });
  });
});

describe('is refused', () => {
  const items = [{ price_data: priceData(500), quantity: 1 }];
  test.each([
    ['payment without items', { mode: 'payment', success_url }, 'line_items'],
    ['an unknown customer', { mode: 'payment', success_url, line_items: items, customer: 'cus_none' }, 'customer'],
    ['a recurring mode without a recurring price', { mode: 'subscription', success_url, line_items: items }, undefined],
    [
      'a parameter of another mode',
      { mode: 'payment', success_url, line_items: items, subscription_data: { description: 'x' } },
      undefined,
    ],
    [
      'an item without a quantity',
      { mode: 'payment', success_url, line_items: [{ price_data: priceData(5) }] },
      undefined,
    ],
    [
      'an unknown coupon',
      { mode: 'payment', success_url, line_items: items, discounts: [{ coupon: 'none' }] },
      'discounts[0][coupon]',
    ],
    [
      'a discount beside promotion codes',
      { mode: 'payment', success_url, line_items: items, discounts: [{ coupon: 'x' }], allow_promotion_codes: true },
      undefined,
    ],
    ['an unknown parameter', { mode: 'payment', success_url, line_items: items, colour: 'red' }, 'colour'],
  ])('%s', async (_what, params, param) => {
    const call = world.stripe.rawRequest('POST', '/v1/checkout/sessions', params);
    await expect(call).rejects.toMatchObject({
      statusCode: 400,
      type: 'StripeInvalidRequestError',
      ...(param !== undefined && { param }),
    });
  });

  test('an end too near or too far', async () => {
    const now = Math.floor(Date.now() / 1000);
    const { created } = await world.stripe.customers.create({});
    const base = Math.abs(created - now) > 60 ? created : now;
    for (const expires_at of [base + 60, base + 25 * 3_600])
      await expect(
        world.stripe.checkout.sessions.create({ mode: 'payment', success_url, line_items: items, expires_at }),
      ).rejects.toMatchObject({ statusCode: 400, param: 'expires_at' });
  });

  test('a recurring price in payment mode', async () => {
    const price = await world.price(1000);
    const call = world.stripe.checkout.sessions.create({
      mode: 'payment',
      success_url,
      line_items: [{ price, quantity: 1 }],
    });
    await expect(call).rejects.toMatchObject({ statusCode: 400 });
  });
});
