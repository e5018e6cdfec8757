import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds } from './support.js';

const c = contract();
const START = '2026-01-10T00:00:00Z';

/** A customer with a test clock of its own who pays 10.00 a month, less what is taken off. */
async function discounted(more: Partial<Stripe.SubscriptionCreateParams>, price?: string) {
  const clock = await c.clock(START);
  const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
  const subscription = await c.stripe.subscriptions.create({
    customer,
    items: [{ price: price ?? (await c.price(1000)) }],
    ...more,
    expand: ['latest_invoice', 'discounts'],
  });
  return { clock, customer, subscription };
}
const coupon = async (params: Stripe.CouponCreateParams) => (await c.stripe.coupons.create(params)).id;
async function totals(subscription: string): Promise<number[]> {
  const { data } = await c.stripe.invoices.list({ subscription });
  return data.map(({ total }) => total).toReversed();
}

describe('a coupon', () => {
  test('takes a percentage off every line, and off every invoice while it is forever', async () => {
    const id = await coupon({ percent_off: 25, duration: 'forever' });
    const { clock, subscription } = await discounted({ discounts: [{ coupon: id }] });
    expect(subscription.latest_invoice).toMatchObject({ subtotal: 1000, total: 750, amount_paid: 750 });
    const invoice = await c.stripe.invoices.retrieve(ref(subscription.latest_invoice));
    expect(invoice.total_discount_amounts).toEqual([{ amount: 250, discount: ref(subscription.discounts[0]) }]);
    expect(invoice.lines.data[0]).toMatchObject({ amount: 1000, discount_amounts: [{ amount: 250 }] });
    await clock.advance('2026-02-10T02:00:00Z');
    expect(await totals(subscription.id)).toEqual([750, 750]);
  });

  test('that applies once is gone after the first invoice', async () => {
    const id = await coupon({ amount_off: 300, currency: 'usd', duration: 'once' });
    const { clock, subscription } = await discounted({ discounts: [{ coupon: id }] });
    await clock.advance('2026-02-10T02:00:00Z');
    expect(await totals(subscription.id)).toEqual([700, 1000]);
    expect((await c.stripe.subscriptions.retrieve(subscription.id)).discounts).toEqual([]);
    expect((await c.stripe.coupons.retrieve(id)).times_redeemed).toBe(1);
  });

  test('that repeats ends after its months', async () => {
    const id = await coupon({ percent_off: 50, duration: 'repeating', duration_in_months: 2 });
    const { clock, subscription } = await discounted({ discounts: [{ coupon: id }] });
    expect(subscription.discounts[0]).toMatchObject({
      object: 'discount',
      start: seconds(START),
      end: seconds('2026-03-10T00:00:00Z'),
      source: { type: 'coupon', coupon: id },
    });
    await clock.advance('2026-03-10T00:00:00Z');
    await clock.advance('2026-03-10T02:00:00Z');
    expect(await totals(subscription.id)).toEqual([500, 500, 1000]);
    expect((await c.stripe.subscriptions.retrieve(subscription.id)).discounts).toEqual([]);
    expect(await c.events('customer.discount.deleted', subscription.id)).toHaveLength(1);
  });

  test('takes off no more than there is', async () => {
    const id = await coupon({ amount_off: 5000, currency: 'usd', duration: 'once' });
    const { subscription } = await discounted({ discounts: [{ coupon: id }] });
    expect(subscription.latest_invoice).toMatchObject({ total: 0, status: 'paid', amount_due: 0 });
    expect(subscription.status).toBe('active');
  });

  test('applies only to the products that it names', async () => {
    const product = await c.stripe.products.create({ name: 'Named' });
    const named = (
      await c.stripe.prices.create({
        currency: 'usd',
        unit_amount: 400,
        recurring: { interval: 'month' },
        product: product.id,
      })
    ).id;
    const id = await coupon({ percent_off: 50, duration: 'forever', applies_to: { products: [product.id] } });
    expect((await c.stripe.coupons.retrieve(id, { expand: ['applies_to'] })).applies_to).toEqual({
      products: [product.id],
    });
    const { subscription } = await discounted({
      items: [{ price: named }, { price: await c.price(1000) }],
      discounts: [{ coupon: id }],
    });
    expect(subscription.latest_invoice).toMatchObject({ subtotal: 1400, total: 1200 });
  });

  test('on an item reduces that item alone, and before the coupon of the whole', async () => {
    const [own, whole] = [
      await coupon({ amount_off: 200, currency: 'usd', duration: 'forever' }),
      await coupon({ percent_off: 10, duration: 'forever' }),
    ];
    const { subscription } = await discounted({
      items: [{ price: await c.price(1000), discounts: [{ coupon: own }] }, { price: await c.price(500) }],
      discounts: [{ coupon: whole }],
    });
    expect(subscription.items.data[0]?.discounts).toHaveLength(1);
    // (1000 - 200) + 500, then 10 % off; item discounts are already in the subtotal
    expect(subscription.latest_invoice).toMatchObject({ subtotal: 1300, total: 1170 });
  });

  test('stacks with others in their order', async () => {
    const [first, second] = [
      await coupon({ amount_off: 100, currency: 'usd', duration: 'forever' }),
      await coupon({ percent_off: 50, duration: 'forever' }),
    ];
    const { subscription } = await discounted({ discounts: [{ coupon: first }, { coupon: second }] });
    expect(subscription.latest_invoice).toMatchObject({ total: 450 });
  });

  test('can be redeemed only so often, and not after it was deleted', async () => {
    const id = await coupon({ percent_off: 10, duration: 'once', max_redemptions: 1 });
    await discounted({ discounts: [{ coupon: id }] });
    expect(await c.stripe.coupons.retrieve(id)).toMatchObject({ times_redeemed: 1, valid: false });
    await expect(discounted({ discounts: [{ coupon: id }] })).rejects.toMatchObject({ statusCode: 400 });
    const other = await coupon({ percent_off: 10, duration: 'forever' });
    const { clock, subscription } = await discounted({ discounts: [{ coupon: other }] });
    await c.stripe.coupons.del(other);
    await expect(c.stripe.coupons.retrieve(other)).rejects.toMatchObject({ code: 'resource_missing' });
    await expect(discounted({ discounts: [{ coupon: other }] })).rejects.toMatchObject({ code: 'resource_missing' });
    await clock.advance('2026-02-10T02:00:00Z');
    expect(await totals(subscription.id)).toEqual([900, 900]);
  });

  test('in another currency is refused, unless it has an option for it', async () => {
    const euro = await c.price(1000, { currency: 'eur' });
    const dollars = await coupon({ amount_off: 100, currency: 'usd', duration: 'once' });
    await expect(discounted({ discounts: [{ coupon: dollars }] }, euro)).rejects.toMatchObject({ statusCode: 400 });
    const both = await coupon({
      amount_off: 100,
      currency: 'usd',
      currency_options: { eur: { amount_off: 80 } },
      duration: 'once',
    });
    const { subscription } = await discounted({ discounts: [{ coupon: both }] }, euro);
    expect(subscription.latest_invoice).toMatchObject({ currency: 'eur', total: 920 });
  });

  test('must be a percentage or an amount with a currency, and repeat for some months', async () => {
    const refused = { type: 'StripeInvalidRequestError', statusCode: 400 };
    await expect(coupon({ duration: 'once' })).rejects.toMatchObject(refused);
    await expect(coupon({ amount_off: 100, duration: 'once' })).rejects.toMatchObject(refused);
    await expect(coupon({ percent_off: 101, duration: 'once' })).rejects.toMatchObject(refused);
    await expect(coupon({ percent_off: 10, duration: 'repeating' })).rejects.toMatchObject(refused);
  });

  test('can be replaced, and taken away', async () => {
    const [old, young] = [
      await coupon({ percent_off: 10, duration: 'forever' }),
      await coupon({ percent_off: 20, duration: 'forever' }),
    ];
    const { clock, subscription } = await discounted({ discounts: [{ coupon: old }] });
    await c.stripe.subscriptions.update(subscription.id, { discounts: [{ coupon: young }] });
    await clock.advance('2026-02-10T02:00:00Z');
    const none = await c.stripe.subscriptions.update(subscription.id, { discounts: '' });
    expect(none.discounts).toEqual([]);
    await clock.advance('2026-03-10T02:00:00Z');
    expect(await totals(subscription.id)).toEqual([900, 800, 1000]);
  });

  // https://docs.stripe.com/api/discounts/subscription_delete
  test('is taken off by a verb of its own, where there is one', async () => {
    const id = await coupon({ percent_off: 10, duration: 'forever' });
    const { customer, subscription } = await discounted({ discounts: [{ coupon: id }] });
    expect(await c.stripe.subscriptions.deleteDiscount(subscription.id)).toMatchObject({
      id: ref(subscription.discounts[0]),
      object: 'discount',
      deleted: true,
      source: { coupon: id },
      subscription: subscription.id,
    });
    expect((await c.stripe.subscriptions.retrieve(subscription.id)).discounts).toEqual([]);
    expect(await c.events('customer.discount.deleted', subscription.id)).toHaveLength(1);
    const missing = { statusCode: 404, code: 'resource_missing' };
    await expect(c.stripe.subscriptions.deleteDiscount(subscription.id)).rejects.toMatchObject(missing);
    await expect(c.stripe.customers.deleteDiscount(customer)).rejects.toMatchObject(missing);
  });

  // https://docs.stripe.com/billing/subscriptions/coupons: prorations have the discounts in them
  test('counts into prorations, which are not discounted again', async () => {
    const id = await coupon({ percent_off: 50, duration: 'forever' });
    const clock = await c.clock('2026-04-01T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const before = await c.stripe.subscriptions.create({
      customer,
      items: [{ price: await c.price(3000) }],
      discounts: [{ coupon: id }],
    });
    await clock.advance('2026-04-16T00:00:00Z');
    const dearer = await c.price(6000);
    const changed = await c.stripe.subscriptions.update(before.id, {
      items: [{ id: before.items.data[0]?.id ?? '', price: dearer }],
      proration_behavior: 'always_invoice',
      expand: ['latest_invoice'],
    });
    expect(changed.latest_invoice).toMatchObject({ total: 750 });
  });
});

describe('a promotion code', () => {
  test('redeems its coupon', async () => {
    const id = await coupon({ percent_off: 30, duration: 'once' });
    const promotion = await c.stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: id } });
    expect(promotion).toMatchObject({ active: true, times_redeemed: 0, promotion: { type: 'coupon', coupon: id } });
    expect(promotion.code).toMatch(/^[A-Z0-9]+$/i);
    const { subscription } = await discounted({ discounts: [{ promotion_code: promotion.id }] });
    expect(subscription.latest_invoice).toMatchObject({ total: 700 });
    expect((await c.stripe.promotionCodes.retrieve(promotion.id)).times_redeemed).toBe(1);
  });

  test('is found by its code, and unique while it is active', async () => {
    const id = await coupon({ percent_off: 30, duration: 'once' });
    const promotion = { type: 'coupon', coupon: id } as const;
    const code = `CONTRACT${id.replaceAll(/[^a-z0-9]/gi, '')}`;
    const { id: made } = await c.stripe.promotionCodes.create({ promotion, code });
    const found = await c.stripe.promotionCodes.list({ code: code.toLowerCase() });
    expect(found.data.map((one) => one.id)).toEqual([made]);
    await expect(c.stripe.promotionCodes.create({ promotion, code })).rejects.toMatchObject({ statusCode: 400 });
    await c.stripe.promotionCodes.update(made, { active: false });
    expect((await c.stripe.promotionCodes.create({ promotion, code })).active).toBe(true);
    await expect(discounted({ discounts: [{ promotion_code: made }] })).rejects.toMatchObject({ statusCode: 400 });
  });

  test('holds to its restrictions: customer, first transaction, minimum amount, redemptions', async () => {
    const promotion = { type: 'coupon', coupon: await coupon({ percent_off: 10, duration: 'forever' }) } as const;
    const refused = { type: 'StripeInvalidRequestError', statusCode: 400 };
    const someone = await c.customer('pm_card_visa');
    const personal = await c.stripe.promotionCodes.create({ promotion, customer: someone });
    await expect(discounted({ discounts: [{ promotion_code: personal.id }] })).rejects.toMatchObject(refused);
    const first = await c.stripe.promotionCodes.create({ promotion, restrictions: { first_time_transaction: true } });
    const { customer } = await discounted({ discounts: [{ promotion_code: first.id }] });
    await expect(
      c.stripe.subscriptions.create({
        customer,
        items: [{ price: await c.price(1000) }],
        discounts: [{ promotion_code: first.id }],
      }),
    ).rejects.toMatchObject(refused);
    const large = await c.stripe.promotionCodes.create({
      promotion,
      restrictions: { minimum_amount: 5000, minimum_amount_currency: 'usd' },
    });
    await expect(discounted({ discounts: [{ promotion_code: large.id }] })).rejects.toMatchObject(refused);
    const single = await c.stripe.promotionCodes.create({ promotion, max_redemptions: 1 });
    await discounted({ discounts: [{ promotion_code: single.id }] });
    expect((await c.stripe.promotionCodes.retrieve(single.id)).active).toBe(false);
  });
});
