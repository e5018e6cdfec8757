import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref } from './support.js';

const c = contract();
const balanceOf = async (customer: string) => {
  const found = await c.stripe.customers.retrieve(customer);
  return found.deleted ? null : found.balance;
};
const transactions = async (customer: string) =>
  (await c.stripe.customers.listBalanceTransactions(customer)).data.map(({ amount, ending_balance, type }) => [
    type,
    amount,
    ending_balance,
  ]);

/** An invoice over these items, paid by a card, or open to be paid by hand. */
async function invoiced(collection_method: 'charge_automatically' | 'send_invoice', ...amounts: number[]) {
  const customer = await c.customer('pm_card_visa');
  const draft = await c.stripe.invoices.create({
    customer,
    collection_method,
    auto_advance: false,
    ...(collection_method === 'send_invoice' && { days_until_due: 30 }),
  });
  for (const amount of amounts)
    await c.stripe.invoiceItems.create({ customer, invoice: draft.id, amount, currency: 'usd' });
  const open = await c.stripe.invoices.finalizeInvoice(draft.id);
  const invoice = collection_method === 'send_invoice' ? open : await c.stripe.invoices.pay(open.id);
  return { customer, invoice, id: invoice.id };
}
const refused = { type: 'StripeInvalidRequestError', statusCode: 400 };

describe('a customer’s balance', () => {
  test('is moved by transactions, which can be described but not changed', async () => {
    const customer = await c.customer(null);
    const moved = await c.stripe.customers.createBalanceTransaction(customer, {
      amount: -700,
      currency: 'usd',
      description: 'Sorry',
    });
    expect(moved).toMatchObject({ object: 'customer_balance_transaction', amount: -700, ending_balance: -700 });
    await c.stripe.customers.update(customer, { balance: -200 });
    expect(await balanceOf(customer)).toBe(-200);
    expect(await transactions(customer)).toEqual([
      ['adjustment', 500, -200],
      ['adjustment', -700, -700],
    ]);
    const described = await c.stripe.customers.updateBalanceTransaction(customer, moved.id, {
      metadata: { ticket: '7' },
    });
    expect(described).toMatchObject({ amount: -700, description: 'Sorry', metadata: { ticket: '7' } });
    expect(await c.stripe.customers.retrieveBalanceTransaction(customer, moved.id)).toMatchObject({ id: moved.id });
  });

  test('that is a credit pays the next invoice', async () => {
    const customer = await c.customer('pm_card_visa');
    await c.stripe.customers.createBalanceTransaction(customer, { amount: -300, currency: 'usd' });
    const { latest_invoice } = await c.stripe.subscriptions.create({
      customer,
      items: [{ price: await c.price(1000) }],
      expand: ['latest_invoice'],
    });
    expect(latest_invoice).toMatchObject({
      total: 1000,
      amount_due: 700,
      amount_paid: 700,
      starting_balance: -300,
      ending_balance: 0,
    });
    const [applied] = (await c.stripe.customers.listBalanceTransactions(customer)).data;
    expect(applied).toMatchObject({ type: 'applied_to_invoice', amount: 300, invoice: ref(latest_invoice) });
  });

  // https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts: 0.50 US dollars
  test('takes up what is too little to be charged', async () => {
    const { customer, invoice } = await invoiced('send_invoice', 30);
    expect(invoice).toMatchObject({ total: 30, amount_due: 0, status: 'paid', ending_balance: 30 });
    expect(await transactions(customer)).toEqual([['invoice_too_small', 30, 30]]);
  });

  test('gets back what a voided invoice had taken', async () => {
    const customer = await c.customer('pm_card_visa');
    await c.stripe.customers.createBalanceTransaction(customer, { amount: -300, currency: 'usd' });
    const draft = await c.stripe.invoices.create({ customer, collection_method: 'send_invoice', days_until_due: 5 });
    await c.stripe.invoiceItems.create({ customer, invoice: draft.id, amount: 1000, currency: 'usd' });
    await c.stripe.invoices.finalizeInvoice(draft.id);
    expect(await balanceOf(customer)).toBe(0);
    await c.stripe.invoices.voidInvoice(draft.id);
    expect(await balanceOf(customer)).toBe(-300);
    expect((await transactions(customer))[0]).toEqual(['unapplied_from_invoice', -300, -300]);
  });

  test('is in one currency', async () => {
    const customer = await c.customer('pm_card_visa');
    await c.stripe.customers.createBalanceTransaction(customer, { amount: -300, currency: 'usd' });
    await expect(
      c.stripe.customers.createBalanceTransaction(customer, { amount: -300, currency: 'eur' }),
    ).rejects.toMatchObject(refused);
  });
});

describe('a credit note', () => {
  test('makes an open invoice ask for less', async () => {
    const { id, invoice } = await invoiced('send_invoice', 1000, 500);
    const note = await c.stripe.creditNotes.create({
      invoice: id,
      lines: [{ type: 'invoice_line_item', invoice_line_item: invoice.lines.data[0]?.id ?? '', amount: 400 }],
      reason: 'order_change',
    });
    expect(note).toMatchObject({
      object: 'credit_note',
      amount: 400,
      total: 400,
      type: 'pre_payment',
      status: 'issued',
      pre_payment_amount: 400,
      post_payment_amount: 0,
      reason: 'order_change',
      number: `${invoice.number}-CN-01`,
    });
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({
      status: 'open',
      amount_remaining: 1100,
      pre_payment_credit_notes_amount: 400,
    });
    expect(await c.events('credit_note.created', note.id)).toHaveLength(1);
  });

  test('over all of an open invoice leaves nothing to pay', async () => {
    const { id } = await invoiced('send_invoice', 1000);
    await c.stripe.creditNotes.create({ invoice: id, amount: 1000 });
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ status: 'paid', amount_remaining: 0, amount_paid: 0 });
  });

  test('can be voided while its invoice is open', async () => {
    const { id } = await invoiced('send_invoice', 1000);
    const note = await c.stripe.creditNotes.create({ invoice: id, amount: 400 });
    const voided = await c.stripe.creditNotes.voidCreditNote(note.id);
    expect(voided.status).toBe('void');
    expect(voided.voided_at).toEqual(expect.any(Number));
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({ amount_remaining: 1000 });
    await expect(c.stripe.creditNotes.voidCreditNote(note.id)).rejects.toMatchObject(refused);
  });

  test('of a paid invoice gives the money back: to the card, to the balance, or elsewhere', async () => {
    const { customer, id } = await invoiced('charge_automatically', 1000);
    const note = await c.stripe.creditNotes.create({
      invoice: id,
      amount: 900,
      refund_amount: 500,
      credit_amount: 300,
      out_of_band_amount: 100,
    });
    expect(note).toMatchObject({ type: 'post_payment', post_payment_amount: 900, out_of_band_amount: 100 });
    expect(note.refunds).toMatchObject([{ amount_refunded: 500, type: 'refund' }]);
    expect(await c.stripe.refunds.retrieve(ref(note.refunds[0]?.refund))).toMatchObject({ amount: 500 });
    expect(await balanceOf(customer)).toBe(-300);
    expect(await c.stripe.invoices.retrieve(id)).toMatchObject({
      status: 'paid',
      post_payment_credit_notes_amount: 900,
    });
    await expect(c.stripe.creditNotes.voidCreditNote(note.id)).rejects.toMatchObject(refused);
  });

  test('gives back no more than was asked for, and says where it goes', async () => {
    const { id } = await invoiced('charge_automatically', 1000);
    const issue = (params: Partial<Stripe.CreditNoteCreateParams>) =>
      c.stripe.creditNotes.create({ invoice: id, ...params });
    await expect(issue({ amount: 1001, refund_amount: 1001 })).rejects.toMatchObject(refused);
    await expect(issue({ amount: 500 })).rejects.toMatchObject(refused);
    await expect(issue({ amount: 500, refund_amount: 400 })).rejects.toMatchObject(refused);
    await expect(issue({})).rejects.toMatchObject(refused);
    await issue({ amount: 600, credit_amount: 600 });
    await expect(issue({ amount: 500, credit_amount: 500 })).rejects.toMatchObject(refused);
  });

  test('can be looked at before it is issued', async () => {
    const { id, invoice } = await invoiced('send_invoice', 1000, 500);
    const line = {
      type: 'invoice_line_item',
      invoice_line_item: invoice.lines.data[1]?.id ?? '',
      quantity: 1,
    } as const;
    const preview = await c.stripe.creditNotes.preview({ invoice: id, lines: [line] });
    expect(preview).toMatchObject({ total: 500, type: 'pre_payment' });
    expect((await c.stripe.creditNotes.list({ invoice: id })).data).toEqual([]);
    const note = await c.stripe.creditNotes.create({ invoice: id, lines: [line] });
    expect([note.total, note.lines.data.length]).toEqual([preview.total, preview.lines.data.length]);
    expect((await c.stripe.creditNotes.listLineItems(note.id)).data).toMatchObject([
      { amount: 500, type: 'invoice_line_item', object: 'credit_note_line_item' },
    ]);
  });

  test('credits the tax and the discount with what they were for', async () => {
    const customer = await c.customer('pm_card_visa');
    const rate = await c.stripe.taxRates.create({ display_name: 'VAT', percentage: 10, inclusive: false });
    const coupon = await c.stripe.coupons.create({ percent_off: 50, duration: 'once' });
    const { latest_invoice } = await c.stripe.subscriptions.create({
      customer,
      items: [{ price: await c.price(1000), quantity: 2 }],
      default_tax_rates: [rate.id],
      discounts: [{ coupon: coupon.id }],
      expand: ['latest_invoice'],
    });
    if (latest_invoice === null || typeof latest_invoice === 'string') throw new Error('not expanded');
    expect(latest_invoice.total).toBe(1100);
    const line = latest_invoice.lines.data[0]?.id ?? '';
    const note = await c.stripe.creditNotes.create({
      invoice: latest_invoice.id,
      lines: [{ type: 'invoice_line_item', invoice_line_item: line, quantity: 1 }],
      refund_amount: 550,
    });
    expect(note).toMatchObject({ subtotal: 1000, discount_amount: 500, total: 550, total_excluding_tax: 500 });
  });
});
