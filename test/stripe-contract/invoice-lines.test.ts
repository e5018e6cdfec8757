import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, seconds } from './support.js';

const c = contract();
const refused = (param: string) => ({ type: 'StripeInvalidRequestError', statusCode: 400, param });

async function draft(more: Partial<Stripe.InvoiceCreateParams> = {}) {
  const customer = await c.customer('pm_card_visa');
  const { id } = await c.stripe.invoices.create({ customer, auto_advance: false, currency: 'usd', ...more });
  return { customer, id };
}
const shown = ({ lines }: Stripe.Invoice) => lines.data.map(({ description, amount }) => [description, amount]);

// https://docs.stripe.com/invoicing/bulk-update-line-item
describe('the lines of a draft', () => {
  test('are added: by amount, by price, and from what waits', async () => {
    const { customer, id } = await draft();
    const waiting = await c.stripe.invoiceItems.create({ customer, amount: 300, currency: 'usd', description: 'Old' });
    const product = (await c.stripe.products.create({ name: 'Bespoke' })).id;
    const invoice = await c.stripe.invoices.addLines(id, {
      lines: [
        { amount: 1000, description: 'Work' },
        { pricing: { price: await c.oneTimePrice(250) }, quantity: 2, description: 'Hours' },
        { price_data: { currency: 'usd', product, unit_amount: 70 } },
        { invoice_item: waiting.id },
      ],
      invoice_metadata: { batch: '1' },
    });
    expect(shown(invoice)).toEqual([
      ['Work', 1000],
      ['Hours', 500],
      ['Bespoke', 70],
      ['Old', 300],
    ]);
    expect(invoice).toMatchObject({ total: 1870, metadata: { batch: '1' } });
    expect((await c.stripe.invoiceItems.list({ invoice: id })).data).toHaveLength(4);
    expect((await c.stripe.invoiceItems.list({ customer, pending: true })).data).toEqual([]);
  });

  test('are changed, one or many, with the items behind them, and keep their ids', async () => {
    const { id } = await draft();
    const rate = await c.stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: false });
    const price = await c.oneTimePrice(100);
    const { lines } = await c.stripe.invoices.addLines(id, {
      lines: [
        { amount: 1000, description: 'Work' },
        { pricing: { price }, quantity: 2 },
      ],
    });
    const [one = '', two = ''] = lines.data.map((line) => line.id);
    const period = { start: seconds('2026-01-01T00:00:00Z'), end: seconds('2026-02-01T00:00:00Z') };
    const changed = await c.stripe.invoices.updateLines(id, {
      lines: [
        { id: one, amount: 1200, description: 'More work', period, metadata: { a: '1' } },
        { id: two, quantity: 5, tax_rates: [rate.id] },
      ],
    });
    expect(changed.lines.data.map((line) => line.id)).toEqual([one, two]);
    expect(changed.lines.data[0]).toMatchObject({ amount: 1200, period, metadata: { a: '1' } });
    expect(changed).toMatchObject({ subtotal: 1700, total: 1800 });
    const coupon = (await c.stripe.coupons.create({ percent_off: 50, duration: 'once' })).id;
    const line = await c.stripe.invoices.updateLineItem(id, one, { discounts: [{ coupon }] });
    expect(line).toMatchObject({ id: one, amount: 1200, discount_amounts: [{ amount: 600 }] });
    const items = await c.stripe.invoiceItems.list({ invoice: id });
    expect(items.data.map(({ amount, quantity }) => [amount, quantity]).toReversed()).toEqual([
      [1200, 1],
      [500, 5],
    ]);
    expect((await c.stripe.invoices.retrieve(id)).total).toBe(1200);
  });

  test('are removed for good, or wait again', async () => {
    const { customer, id } = await draft();
    const { lines } = await c.stripe.invoices.addLines(id, {
      lines: [
        { amount: 1000, description: 'Gone' },
        { amount: 200, description: 'Waits' },
        { amount: 30, description: 'Stays' },
      ],
    });
    const [one = '', two = ''] = lines.data.map((line) => line.id);
    const left = await c.stripe.invoices.removeLines(id, {
      lines: [
        { id: one, behavior: 'delete' },
        { id: two, behavior: 'unassign' },
      ],
    });
    expect(shown(left)).toEqual([['Stays', 30]]);
    const { data } = await c.stripe.invoiceItems.list({ customer, pending: true });
    expect(data.map(({ description }) => description)).toEqual(['Waits']);
    expect(await c.events('invoiceitem.deleted', customer)).toHaveLength(1);
  });

  test('of a subscription can be described, taxed and discounted, and their price stays', async () => {
    const clock = await c.clock('2026-04-01T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(3000) }] });
    await clock.advance('2026-05-01T00:10:00Z');
    const [renewal] = (await c.stripe.invoices.list({ subscription: id, status: 'draft' })).data;
    const [line] = renewal?.lines.data ?? [];
    const rate = await c.stripe.taxRates.create({ display_name: 'VAT', percentage: 10, inclusive: false });
    const described = await c.stripe.invoices.updateLineItem(renewal?.id ?? '', line?.id ?? '', {
      description: 'April to May',
      tax_rates: [rate.id],
    });
    expect(described).toMatchObject({ description: 'April to May', taxes: [{ amount: 300 }] });
    await expect(
      c.stripe.invoices.updateLineItem(renewal?.id ?? '', line?.id ?? '', { amount: 1 }),
    ).rejects.toMatchObject(refused('amount'));
    await clock.advance('2026-05-01T02:00:00Z');
    expect(await c.stripe.invoices.retrieve(renewal?.id ?? '')).toMatchObject({ status: 'paid', amount_paid: 3300 });
  });

  test('are of that invoice, in its currency, and fixed when it is finalized', async () => {
    const { customer, id } = await draft();
    const other = await c.customer(null);
    const foreign = await c.stripe.invoiceItems.create({ customer: other, amount: 100, currency: 'usd' });
    await expect(c.stripe.invoices.addLines(id, { lines: [{ invoice_item: foreign.id }] })).rejects.toMatchObject(
      refused('lines[0][invoice_item]'),
    );
    await expect(c.stripe.invoices.addLines(id, { lines: [{ description: 'x' }] })).rejects.toMatchObject(
      refused('lines[0][amount]'),
    );
    const euros = await c.oneTimePrice(100, { currency: 'eur' });
    await expect(c.stripe.invoices.addLines(id, { lines: [{ pricing: { price: euros } }] })).rejects.toMatchObject(
      refused('lines[0][pricing][price]'),
    );
    await expect(c.stripe.invoices.updateLines(id, { lines: [{ id: 'il_nothing', amount: 1 }] })).rejects.toMatchObject(
      refused('lines[0][id]'),
    );
    const { lines } = await c.stripe.invoices.addLines(id, { lines: [{ amount: 100 }] });
    await c.stripe.invoices.finalizeInvoice(id);
    const fixed = { statusCode: 400, code: 'invoice_not_editable' };
    const line = lines.data[0]?.id ?? '';
    await expect(c.stripe.invoices.addLines(id, { lines: [{ amount: 1 }] })).rejects.toMatchObject(fixed);
    await expect(c.stripe.invoices.updateLineItem(id, line, { amount: 1 })).rejects.toMatchObject(fixed);
    await expect(
      c.stripe.invoices.removeLines(id, { lines: [{ id: line, behavior: 'delete' }] }),
    ).rejects.toMatchObject(fixed);
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ customer, total: 100 });
  });

  test('are listed forwards and backwards', async () => {
    const { id } = await draft();
    const { lines } = await c.stripe.invoices.addLines(id, { lines: [{ amount: 1 }, { amount: 2 }, { amount: 3 }] });
    const ids = lines.data.map((line) => line.id);
    const after = await c.stripe.invoices.listLineItems(id, { limit: 1, starting_after: ids[0] ?? '' });
    const before = await c.stripe.invoices.listLineItems(id, { limit: 1, ending_before: ids[2] ?? '' });
    expect([after, before].map(({ data, has_more }) => [data.map((line) => line.id), has_more])).toEqual([
      [[ids[1]], true],
      [[ids[1]], true],
    ]);
    await expect(c.stripe.invoices.listLineItems(id, { starting_after: 'il_nothing' })).rejects.toMatchObject({
      code: 'resource_missing',
    });
  });
});

describe('an invoice item', () => {
  test('is changed by quantity, price, period and whether it can be discounted', async () => {
    const { customer, id } = await draft();
    const unit = { customer, invoice: id, currency: 'usd', unit_amount_decimal: c.decimal('12.5'), quantity: 10 };
    const item = await c.stripe.invoiceItems.create(unit);
    expect(item).toMatchObject({ amount: 125, quantity: 10 });
    expect(await c.stripe.invoiceItems.update(item.id, { quantity: 20 })).toMatchObject({ amount: 250, quantity: 20 });
    const period = { start: seconds('2026-01-01T00:00:00Z'), end: seconds('2026-02-01T00:00:00Z') };
    const price = await c.oneTimePrice(400);
    const changed = await c.stripe.invoiceItems.update(item.id, {
      pricing: { price },
      quantity: 2,
      period,
      discountable: false,
    });
    expect(changed).toMatchObject({ amount: 800, period, discountable: false, pricing: { price_details: { price } } });
    expect((await c.stripe.invoices.retrieve(id)).lines.data[0]).toMatchObject({ amount: 800, period });
  });

  test('has an amount or a price, and one quantity to it', async () => {
    const { customer } = await draft();
    const item = { customer, currency: 'usd', amount: 100 };
    await expect(c.stripe.invoiceItems.create({ ...item, quantity: 2 })).rejects.toMatchObject(refused('quantity'));
    await expect(
      c.stripe.invoiceItems.create({ ...item, pricing: { price: await c.oneTimePrice(100) } }),
    ).rejects.toMatchObject(refused('amount'));
    await expect(c.stripe.invoiceItems.create({ customer, amount: 100 })).rejects.toMatchObject(refused('currency'));
  });
});

async function finalized(total: number) {
  const { customer, id } = await draft();
  await c.stripe.invoices.addLines(id, { lines: [{ amount: total }] });
  await c.stripe.invoices.finalizeInvoice(id);
  const intent = (amount: number, confirm: boolean, currency = 'usd') =>
    c.stripe.paymentIntents.create({
      customer,
      amount,
      currency,
      payment_method: 'pm_card_visa',
      allowed_payment_method_types: ['card'],
      confirm,
    });
  return { customer, id, intent };
}
const payments = async (invoice: string) =>
  (await c.stripe.invoicePayments.list({ invoice })).data
    .map(({ is_default, status, amount_paid, amount_requested }) => [is_default, status, amount_paid, amount_requested])
    .toReversed();

// https://docs.stripe.com/invoicing/partial-payments
describe('several payments of one invoice', () => {
  test('are credited as they succeed, and the rest is paid as usual', async () => {
    const { id, intent } = await finalized(1000);
    const paid = await intent(300, true);
    const partly = await c.stripe.invoices.attachPayment(id, { payment_intent: paid.id });
    expect(partly).toMatchObject({ status: 'open', amount_due: 1000, amount_paid: 300, amount_remaining: 700 });
    const later = await intent(200, false);
    const same = await c.stripe.invoices.attachPayment(id, { payment_intent: later.id });
    expect(same.amount_remaining).toBe(700);
    await c.stripe.paymentIntents.confirm(later.id);
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ amount_paid: 500, amount_remaining: 500 });
    expect(await c.stripe.invoices.pay(id)).toMatchObject({ status: 'paid', amount_paid: 1000, amount_remaining: 0 });
    expect(await payments(id)).toEqual([
      [true, 'paid', 500, 500],
      [false, 'paid', 300, 300],
      [false, 'paid', 200, 200],
    ]);
    expect(await c.events('invoice_payment.paid', id, 3)).toHaveLength(3);
  });

  test('may pay all of it, and the usual one is canceled', async () => {
    const { id, intent } = await finalized(1000);
    const paid = await intent(1000, true);
    expect(await c.stripe.invoices.attachPayment(id, { payment_intent: paid.id })).toMatchObject({ status: 'paid' });
    expect(await payments(id)).toEqual([
      [true, 'canceled', null, 1000],
      [false, 'paid', 1000, 1000],
    ]);
  });

  test('keep the invoice from being given up, until they are canceled', async () => {
    const { id, intent } = await finalized(1000);
    const waiting = await intent(300, false);
    await c.stripe.invoices.attachPayment(id, { payment_intent: waiting.id });
    await expect(c.stripe.invoices.voidInvoice(id)).rejects.toMatchObject({ statusCode: 400 });
    await expect(c.stripe.invoices.markUncollectible(id)).rejects.toMatchObject({ statusCode: 400 });
    await c.stripe.paymentIntents.cancel(waiting.id);
    expect((await payments(id))[1]).toEqual([false, 'canceled', null, 300]);
    expect(await c.stripe.invoices.voidInvoice(id)).toMatchObject({ status: 'void' });
  });

  test('are of its customer, in its currency, and not for more than remains', async () => {
    const { id, intent } = await finalized(1000);
    const attach = (payment_intent: string) => c.stripe.invoices.attachPayment(id, { payment_intent });
    const other = await (await finalized(1000)).intent(100, true);
    await expect(attach((await intent(1001, true)).id)).rejects.toMatchObject(refused('payment_intent'));
    await expect(attach((await intent(100, true, 'eur')).id)).rejects.toMatchObject(refused('payment_intent'));
    await expect(attach(other.id)).rejects.toMatchObject(refused('payment_intent'));
    await expect(attach('pi_nothing')).rejects.toMatchObject(refused('payment_intent'));
    const { id: drafted } = await draft();
    const paid = await intent(100, true);
    await expect(c.stripe.invoices.attachPayment(drafted, { payment_intent: paid.id })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  test('are not for a subscription that is charged automatically', async () => {
    const customer = await c.customer('pm_card_visa');
    const { latest_invoice } = await c.stripe.subscriptions.create({
      customer,
      items: [{ price: await c.price(3000) }],
      payment_behavior: 'default_incomplete',
      expand: ['latest_invoice'],
    });
    if (latest_invoice === null || typeof latest_invoice === 'string') throw new Error('not expanded');
    const { id } = await c.stripe.paymentIntents.create({ customer, amount: 100, currency: 'usd' });
    await expect(c.stripe.invoices.attachPayment(latest_invoice.id, { payment_intent: id })).rejects.toMatchObject({
      statusCode: 400,
    });
  });
});

test('when an invoice is due is said only of one that is sent', async () => {
  const { id } = await draft();
  const due_date = seconds('2027-01-01T00:00:00Z');
  await expect(c.stripe.invoices.update(id, { due_date })).rejects.toMatchObject(refused('due_date'));
  await expect(c.stripe.invoices.update(id, { days_until_due: 3 })).rejects.toMatchObject(refused('days_until_due'));
  const sent = await c.stripe.invoices.update(id, { collection_method: 'send_invoice', due_date });
  expect(sent).toMatchObject({ collection_method: 'send_invoice', due_date });
  await c.stripe.invoices.addLines(id, { lines: [{ amount: 100 }] });
  await c.stripe.invoices.finalizeInvoice(id);
  await expect(c.stripe.invoices.update(id, { collection_method: 'charge_automatically' })).rejects.toMatchObject({
    code: 'invoice_not_editable',
  });
});
