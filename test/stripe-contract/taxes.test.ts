import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, seconds } from './support.js';

const c = contract();

async function rate(percentage: number, inclusive = false): Promise<string> {
  return (await c.stripe.taxRates.create({ display_name: 'VAT', percentage, inclusive, country: 'DE' })).id;
}
async function invoiceOf(
  more: Partial<Stripe.SubscriptionCreateParams>,
  customer: Stripe.CustomerCreateParams = {},
): Promise<Stripe.Invoice> {
  const subscription = await c.stripe.subscriptions.create({
    customer: await c.customer('pm_card_visa', customer),
    items: [{ price: await c.price(1000) }],
    ...more,
    expand: ['latest_invoice'],
  });
  const invoice = subscription.latest_invoice;
  if (invoice === null || typeof invoice === 'string') throw new Error('the invoice is not expanded');
  return invoice;
}

describe('a tax rate', () => {
  test('that is exclusive comes on top', async () => {
    const id = await rate(19);
    const invoice = await invoiceOf({ default_tax_rates: [id] });
    expect(invoice).toMatchObject({
      subtotal: 1000,
      subtotal_excluding_tax: 1000,
      total_excluding_tax: 1000,
      total: 1190,
      amount_paid: 1190,
      total_taxes: [
        {
          amount: 190,
          tax_behavior: 'exclusive',
          taxable_amount: 1000,
          tax_rate_details: { tax_rate: id },
          type: 'tax_rate_details',
        },
      ],
    });
    expect(invoice.lines.data[0]).toMatchObject({ amount: 1000, taxes: [{ amount: 190 }] });
  });

  test('that is inclusive is part of the price', async () => {
    const invoice = await invoiceOf({ default_tax_rates: [await rate(20, true)] });
    expect(invoice).toMatchObject({
      subtotal: 1000,
      total: 1000,
      total_excluding_tax: 833,
      total_taxes: [{ amount: 167, tax_behavior: 'inclusive', taxable_amount: 833 }],
    });
  });

  // https://docs.stripe.com/invoicing/taxes/tax-rates: an item's own rates override the default ones
  test('of an item comes before the default of the whole', async () => {
    const [own, other] = [await rate(7), await rate(19)];
    const invoice = await invoiceOf({
      items: [{ price: await c.price(1000), tax_rates: [own] }, { price: await c.price(2000) }],
      default_tax_rates: [other],
    });
    expect(invoice.total).toBe(3000 + 70 + 380);
    expect(invoice.total_taxes?.map(({ amount }) => amount)).toEqual([70, 380]);
  });

  test('is calculated on what discounts leave', async () => {
    const coupon = await c.stripe.coupons.create({ percent_off: 50, duration: 'once' });
    const invoice = await invoiceOf({ default_tax_rates: [await rate(10)], discounts: [{ coupon: coupon.id }] });
    expect(invoice).toMatchObject({ subtotal: 1000, total_excluding_tax: 500, total: 550 });
  });

  test.each([
    ['exempt', 'customer_exempt'],
    ['reverse', 'reverse_charge'],
  ] as const)('is not paid by customers who are %s', async (tax_exempt, taxability_reason) => {
    const invoice = await invoiceOf({ default_tax_rates: [await rate(19)] }, { tax_exempt });
    expect(invoice).toMatchObject({ total: 1000, customer_tax_exempt: tax_exempt });
    expect(invoice.total_taxes).toMatchObject([{ amount: 0, taxability_reason }]);
  });

  test('is given back with what it was paid for', async () => {
    const clock = await c.clock('2026-04-01T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const { id } = await c.stripe.subscriptions.create({
      customer,
      items: [{ price: await c.price(3000) }],
      default_tax_rates: [await rate(10)],
    });
    await clock.advance('2026-04-16T00:00:00Z');
    await c.stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true });
    expect(await c.stripe.customers.retrieve(customer)).toMatchObject({ balance: -1650 });
  });

  test('can be renamed and archived, but not changed', async () => {
    const id = await rate(19);
    const archived = await c.stripe.taxRates.update(id, { active: false, display_name: 'MwSt.' });
    expect(archived).toMatchObject({ active: false, display_name: 'MwSt.', percentage: 19, inclusive: false });
    await expect(invoiceOf({ default_tax_rates: [id] })).rejects.toMatchObject({ statusCode: 400 });
    const { data } = await c.stripe.taxRates.list({ active: false, created: { gte: seconds('2026-01-01T00:00:00Z') } });
    expect(data.map((one) => one.id)).toContain(id);
  });

  test('can be set on a draft, and set otherwise', async () => {
    const customer = await c.customer('pm_card_visa');
    const { id } = await c.stripe.invoices.create({ customer, default_tax_rates: [await rate(10)] });
    await c.stripe.invoiceItems.create({ customer, invoice: id, amount: 1000, currency: 'usd' });
    expect((await c.stripe.invoices.retrieve(id)).total).toBe(1100);
    await c.stripe.invoices.update(id, { default_tax_rates: [await rate(20)] });
    expect((await c.stripe.invoices.retrieve(id)).total).toBe(1200);
    await c.stripe.invoices.update(id, { default_tax_rates: '' });
    expect((await c.stripe.invoices.retrieve(id)).total).toBe(1000);
  });
});
