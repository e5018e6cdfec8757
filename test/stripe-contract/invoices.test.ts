import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds } from './support.js';

const c = contract();
const refused = { type: 'StripeInvalidRequestError', statusCode: 400 };

async function draft(card: string | null, more: Partial<Stripe.InvoiceCreateParams> = {}, test_clock?: string) {
  const customer = await c.customer(card, test_clock === undefined ? {} : { test_clock });
  const { id } = await c.stripe.invoices.create({ customer, auto_advance: false, ...more });
  await c.stripe.invoiceItems.create({ customer, invoice: id, amount: 1000, currency: 'usd', description: 'Work' });
  return { customer, id };
}

describe('an invoice made by hand', () => {
  test('is a draft that can be changed, and deleted', async () => {
    const { customer, id } = await draft('pm_card_visa');
    const extra = await c.stripe.invoiceItems.create({ customer, invoice: id, amount: 500, currency: 'usd' });
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ status: 'draft', total: 1500, number: null });
    await c.stripe.invoiceItems.update(extra.id, { amount: 700, description: 'More' });
    await c.stripe.invoices.update(id, { description: 'For you', metadata: { a: '1' } });
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({
      total: 1700,
      description: 'For you',
      metadata: { a: '1' },
    });
    await c.stripe.invoiceItems.del(extra.id);
    expect((await c.stripe.invoices.retrieve(id)).total).toBe(1000);
    expect(await c.stripe.invoices.del(id)).toMatchObject({ id, deleted: true });
    await expect(c.stripe.invoices.retrieve(id)).rejects.toMatchObject({ code: 'resource_missing' });
  });

  test('is fixed when it is finalized, and paid by the card', async () => {
    const { customer, id } = await draft('pm_card_visa');
    const open = await c.stripe.invoices.finalizeInvoice(id);
    expect(open).toMatchObject({ status: 'open', amount_due: 1000, amount_remaining: 1000, attempted: false });
    expect(open.number).toEqual(expect.any(String));
    expect(open.hosted_invoice_url).toEqual(expect.any(String));
    await expect(
      c.stripe.invoiceItems.create({ customer, invoice: id, amount: 1, currency: 'usd' }),
    ).rejects.toMatchObject(refused);
    await expect(c.stripe.invoices.del(id)).rejects.toMatchObject(refused);
    expect(await c.stripe.invoices.pay(id)).toMatchObject({ status: 'paid', amount_paid: 1000, amount_remaining: 0 });
    await expect(c.stripe.invoices.pay(id)).rejects.toMatchObject(refused);
  });

  test('that cannot be paid stays open, and says why', async () => {
    const { id } = await draft('pm_card_chargeCustomerFail');
    await c.stripe.invoices.finalizeInvoice(id);
    await expect(c.stripe.invoices.pay(id)).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402 });
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', attempted: true });
    expect(await c.stripe.invoices.pay(id, { payment_method: 'pm_card_visa' })).toMatchObject({ status: 'paid' });
  });

  test('can be given up: void, or uncollectible and still paid', async () => {
    const one = await draft('pm_card_visa');
    await expect(c.stripe.invoices.voidInvoice(one.id)).rejects.toMatchObject(refused);
    await c.stripe.invoices.finalizeInvoice(one.id);
    expect(await c.stripe.invoices.voidInvoice(one.id)).toMatchObject({ status: 'void' });
    const other = await draft('pm_card_visa');
    await c.stripe.invoices.finalizeInvoice(other.id);
    expect(await c.stripe.invoices.markUncollectible(other.id)).toMatchObject({ status: 'uncollectible' });
    expect(await c.stripe.invoices.pay(other.id)).toMatchObject({ status: 'paid' });
  });

  test('is sent, and due after so many days', async () => {
    const clock = await c.clock('2026-04-01T00:00:00Z');
    const { id } = await draft(null, { collection_method: 'send_invoice', days_until_due: 7 }, clock.id);
    const sent = await c.stripe.invoices.sendInvoice(id);
    expect(sent).toMatchObject({ status: 'open', due_date: seconds('2026-04-08T00:00:00Z') });
    expect(await c.events('invoice.sent', id)).toHaveLength(1);
    await clock.advance('2026-04-09T00:00:00Z');
    expect(await c.events('invoice.overdue', id)).toHaveLength(1);
  });

  // https://docs.stripe.com/invoicing/integration/automatic-advancement-collection: about an hour later
  test('goes on by itself where that is asked for', async () => {
    const clock = await c.clock('2026-04-01T00:00:00Z');
    const { id } = await draft('pm_card_visa', { auto_advance: true }, clock.id);
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ status: 'draft', auto_advance: true });
    await clock.advance('2026-04-01T03:00:00Z');
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ status: 'paid', amount_paid: 1000 });
  });

  test('takes the pending items of its customer if asked', async () => {
    const customer = await c.customer('pm_card_visa');
    await c.stripe.invoiceItems.create({ customer, amount: 300, currency: 'usd' });
    const without = await c.stripe.invoices.create({ customer, pending_invoice_items_behavior: 'exclude' });
    const { id } = await c.stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
    expect([without.total, (await c.stripe.invoices.retrieve(id)).total]).toEqual([0, 300]);
    expect((await c.stripe.invoiceItems.list({ customer, pending: true })).data).toEqual([]);
  });

  test('charges an item with its own discount and tax', async () => {
    const coupon = await c.stripe.coupons.create({ percent_off: 20, duration: 'once' });
    const rate = await c.stripe.taxRates.create({ display_name: 'VAT', percentage: 10, inclusive: false });
    const { customer, id } = await draft('pm_card_visa');
    await c.stripe.invoiceItems.create({
      customer,
      invoice: id,
      amount: 500,
      currency: 'usd',
      discounts: [{ coupon: coupon.id }],
      tax_rates: [rate.id],
    });
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ subtotal: 1400, total: 1440 });
  });
});

describe('a preview of a new subscription', () => {
  test('is its first invoice, and nothing has happened', async () => {
    const customer = await c.customer('pm_card_visa');
    const price = await c.price(1000);
    const coupon = await c.stripe.coupons.create({ percent_off: 10, duration: 'once' });
    const discounts = [{ coupon: coupon.id }];
    const preview = await c.stripe.invoices.createPreview({
      customer,
      discounts,
      subscription_details: { items: [{ price, quantity: 3 }] },
    });
    expect(preview).toMatchObject({ status: 'draft', subtotal: 3000, total: 2700, amount_due: 2700 });
    expect((await c.stripe.subscriptions.list({ customer, status: 'all' })).data).toEqual([]);
    expect((await c.stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(0);
    const { latest_invoice } = await c.stripe.subscriptions.create({
      customer,
      items: [{ price, quantity: 3 }],
      discounts,
    });
    expect((await c.stripe.invoices.retrieve(ref(latest_invoice))).total).toBe(preview.total);
  });

  test('needs a customer with something to come', async () => {
    const customer = await c.customer('pm_card_visa');
    await expect(c.stripe.invoices.createPreview({ customer })).rejects.toMatchObject({
      statusCode: 404,
      code: 'invoice_upcoming_none',
    });
  });
});
