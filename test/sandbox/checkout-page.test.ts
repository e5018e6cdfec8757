import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { Visitor } from './browse.js';
import { ref, TestSandbox } from './support.js';

let world: TestSandbox;
let stripe: Stripe;
beforeEach(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
});
afterEach(() => world.close());

const success_url = 'https://shop.example/done?s={CHECKOUT_SESSION_ID}';
const person = { email: 'ada@example.com', name: 'Ada Lovelace' };
const lamp = (quantity = 1) => ({
  price_data: { currency: 'eur', unit_amount: 1250, product_data: { name: 'Lamp <b>' } },
  quantity,
});

async function open(params: Partial<Stripe.Checkout.SessionCreateParams>): Promise<[string, Visitor]> {
  const session = await stripe.checkout.sessions.create({ success_url, ...params });
  return [session.id, await new Visitor().open(session.url ?? '')];
}

test('a guest pays: the shop is next, the session complete, and no customer made', async () => {
  const [id, visitor] = await open({ mode: 'payment', line_items: [lamp(2)], cancel_url: 'https://shop.example/back' });
  expect(visitor.text).toContain('€25.00');
  expect(visitor.html).not.toContain('Lamp <b>');
  expect(visitor.links().get('Cancel and go back')).toBe('https://shop.example/back');
  await visitor.press('Pay €25.00', { ...person, number: '4242 4242 4242 4242' });
  expect(visitor.url).toBe(`https://shop.example/done?s=${id}`);
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] });
  expect(session).toMatchObject({
    customer: null,
    customer_details: { email: 'ada@example.com', name: 'Ada Lovelace' },
    payment_intent: { status: 'succeeded', amount_received: 2500, latest_charge: { billing_details: person } },
    payment_status: 'paid',
    status: 'complete',
    url: null,
  });
  expect((await world.eventTypes()).slice(-4)).toEqual([
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'checkout.session.completed',
  ]);
  expect((await visitor.open(`${world.sandbox.url}/c/pay/${id}`)).text).toContain('all done');
});

test('a declined card is said, and another one pays the same intent', async () => {
  const [id, visitor] = await open({ mode: 'payment', line_items: [lamp()], customer_creation: 'always' });
  await visitor.press('Pay €12.50', { ...person, number: '4000000000009995' });
  expect([visitor.status, visitor.text]).toEqual([402, expect.stringContaining('insufficient funds')]);
  const before = await stripe.checkout.sessions.retrieve(id);
  expect(before).toMatchObject({ status: 'open', payment_status: 'unpaid' });
  await visitor.press('Pay €12.50', { ...person, number: '1234' });
  expect(visitor.text).toContain('none of Stripe’s test card numbers');
  await visitor.press('Pay €12.50', { ...person, outcome: 'visa' });
  const after = await stripe.checkout.sessions.retrieve(id);
  expect(after).toMatchObject({ status: 'complete', payment_intent: before.payment_intent });
  expect((await stripe.customers.list()).data).toMatchObject([person]);
});

test.each([
  ['Complete authentication', 'complete', 'paid'],
  ['Fail authentication', 'open', 'unpaid'],
])('3-D Secure: %s leaves it %s', async (button, status, payment_status) => {
  const [id, visitor] = await open({ mode: 'payment', line_items: [lamp()] });
  await visitor.press('Pay €12.50', { ...person, outcome: 'authenticationRequired' });
  await visitor.press(button);
  expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status, payment_status });
  expect(visitor.url).toContain(status === 'complete' ? 'shop.example' : '/c/pay/');
});

test('a subscription is made when it is paid, with its card as its default', async () => {
  const price = await world.price(2000);
  const [id, visitor] = await open({
    mode: 'subscription',
    line_items: [
      { price, quantity: 1 },
      { price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'Set-up' } }, quantity: 1 },
    ],
    subscription_data: { metadata: { plan: 'pro' } },
  });
  await visitor.press('Subscribe', { ...person, outcome: 'visa_chargeDeclined' });
  expect(visitor.text).toContain('Your card was declined');
  expect((await stripe.subscriptions.list({ status: 'all' })).data).toEqual([]);
  await visitor.press('Subscribe', { ...person, number: '4242424242424242' });
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['subscription', 'invoice'] });
  expect(session).toMatchObject({
    amount_total: 2500,
    customer: expect.stringMatching(/^cus_/),
    invoice: { amount_paid: 2500, status: 'paid' },
    payment_intent: null,
    payment_status: 'paid',
    status: 'complete',
    subscription: {
      status: 'active',
      metadata: { plan: 'pro' },
      default_payment_method: expect.stringMatching(/^pm_/),
    },
  });
  expect((await world.eventTypes()).at(-1)).toBe('checkout.session.completed');
});

test('a subscription whose card asks its bank is complete once the bank agreed', async () => {
  const price = await world.price(2000);
  const [id, visitor] = await open({ mode: 'subscription', line_items: [{ price, quantity: 1 }] });
  await visitor.press('Subscribe', { ...person, outcome: 'authenticationRequired' });
  expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: 'open', subscription: null });
  await visitor.press('Complete authentication');
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] });
  expect(session).toMatchObject({ status: 'complete', payment_status: 'paid', subscription: { status: 'active' } });
});

test('a trial without a card needs none', async () => {
  const price = await world.price(2000);
  const [id, visitor] = await open({
    mode: 'subscription',
    line_items: [{ price, quantity: 1 }],
    payment_method_collection: 'if_required',
    subscription_data: { trial_period_days: 7, trial_settings: { end_behavior: { missing_payment_method: 'cancel' } } },
  });
  await visitor.press('Start trial', person);
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] });
  expect(session).toMatchObject({
    payment_status: 'no_payment_required',
    status: 'complete',
    subscription: { status: 'trialing', default_payment_method: null },
  });
  await world.advance('8d');
  expect(await stripe.subscriptions.retrieve(ref(session.subscription))).toMatchObject({ status: 'canceled' });
});

test('a card is saved in setup mode', async () => {
  const customer = (await stripe.customers.create({ email: 'ada@example.com' })).id;
  const [id, visitor] = await open({ mode: 'setup', currency: 'eur', customer });
  await visitor.press('Save card', { ...person, number: '4000000000000002' });
  expect(visitor.text).toContain('Your card was declined');
  await visitor.press('Save card', { ...person, number: '4242424242424242' });
  expect(await stripe.checkout.sessions.retrieve(id, { expand: ['setup_intent'] })).toMatchObject({
    status: 'complete',
    payment_status: 'no_payment_required',
    setup_intent: { status: 'succeeded' },
  });
  expect((await stripe.customers.listPaymentMethods(customer)).data).toHaveLength(1);
});

test('an unused session expires after a day, and says so to who comes late', async () => {
  const [id, visitor] = await open({ mode: 'payment', line_items: [lamp()] });
  await world.advance('25h');
  expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: 'expired', url: null });
  expect((await world.eventTypes()).at(-1)).toBe('checkout.session.expired');
  await visitor.press('Pay €12.50', { ...person, number: '4242424242424242' });
  expect(visitor.text).toContain('has expired');
});

test('a promotion code is entered, taken back, entered again, and redeemed when it is paid', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'once', max_redemptions: 1 });
  const { id: code } = await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    code: 'SPRING',
  });
  const [id, visitor] = await open({ mode: 'payment', line_items: [lamp(2)], allow_promotion_codes: true });
  await visitor.press('Apply', { code: 'AUTUMN' });
  expect(visitor.text).toContain('This code is invalid');
  await visitor.press('Apply', { code: 'spring' });
  expect(visitor.text).toContain('€5.00 less');
  await visitor.press('Remove the code SPRING');
  expect(visitor.text).toContain('€25.00');
  await visitor.press('Apply', { code: 'SPRING' });
  await visitor.press('Pay €20.00', { ...person, outcome: 'visa' });
  expect(await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })).toMatchObject({
    amount_subtotal: 2500,
    amount_total: 2000,
    discounts: [{ coupon: null, promotion_code: code }],
    payment_intent: { amount_received: 2000 },
    total_details: { amount_discount: 500 },
  });
  expect(await stripe.coupons.retrieve(coupon.id)).toMatchObject({ times_redeemed: 1, valid: false });
});

test('a discounted subscription is made with its discount, and one for nothing needs no card', async () => {
  const price = await world.price(2000);
  const half = await stripe.coupons.create({ percent_off: 50, duration: 'forever' });
  const [id, visitor] = await open({
    mode: 'subscription',
    line_items: [{ price, quantity: 1 }],
    discounts: [{ coupon: half.id }],
  });
  await visitor.press('Subscribe', { ...person, outcome: 'visa' });
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['subscription', 'invoice'] });
  expect(session).toMatchObject({ amount_total: 1000, invoice: { amount_paid: 1000 }, payment_status: 'paid' });
  expect(session.subscription).toMatchObject({ discounts: [expect.stringMatching(/^di_/)] });

  const free = await stripe.coupons.create({ percent_off: 100, duration: 'once' });
  const [given, guest] = await open({ mode: 'payment', line_items: [lamp()], discounts: [{ coupon: free.id }] });
  await guest.press('Pay €0.00', person);
  expect(await stripe.checkout.sessions.retrieve(given)).toMatchObject({
    payment_intent: null,
    payment_status: 'no_payment_required',
    status: 'complete',
  });
});

// https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage
test('a customer of a test clock gets no fourth subscription here either', async () => {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_770_000_000 });
  const customer = await stripe.customers.create({ test_clock: clock.id });
  const price = await world.price(1000);
  const subscribe = async () => {
    const [, visitor] = await open({
      mode: 'subscription',
      customer: customer.id,
      line_items: [{ price, quantity: 1 }],
    });
    return visitor.press('Subscribe', { ...person, outcome: 'visa' });
  };
  for (let made = 0; made < 3; made += 1) await subscribe();
  expect((await subscribe()).text).toContain('at most 3 subscriptions');
  expect((await stripe.subscriptions.list({ customer: customer.id })).data).toHaveLength(3);
});
