import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { Visitor } from './browse.js';
import { TestSandbox } from './support.js';

let world: TestSandbox;
let stripe: Stripe;
beforeEach(async () => {
  world = await TestSandbox.start();
  stripe = world.stripe;
});
afterEach(() => world.close());

/** A renewal was declined: its invoice is open. */
async function pastDue(): Promise<[string, Stripe.Invoice]> {
  const customer = await world.customerWith('pm_card_visa');
  const price = await world.price(4900);
  const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } });
  await world.advance('32d');
  const [invoice] = (await stripe.invoices.list({ subscription: id, status: 'open' })).data;
  if (invoice === undefined) throw new Error('no open invoice');
  return [id, invoice];
}

describe('the hosted invoice page', () => {
  test('pays the open invoice by another card, and the subscription lives again', async () => {
    const [subscription, invoice] = await pastDue();
    const visitor = await new Visitor().open(invoice.hosted_invoice_url ?? '');
    expect(visitor.text).toContain('To be paid');
    await visitor.press('Pay $49.00', { number: '4000000000009995' });
    expect([visitor.status, visitor.text]).toEqual([402, expect.stringContaining('insufficient funds')]);
    await visitor.press('Pay $49.00', { number: '4242424242424242' });
    expect(visitor.text).toContain('Paid');
    expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({ status: 'paid', amount_paid: 4900 });
    expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({ status: 'active' });
    await visitor.open(`${world.sandbox.url}${visitor.links().get('View receipt')}`);
    expect(visitor.text).toContain('Amount paid $49.00');
    expect(visitor.text).toContain('visa ending in 4242');
  });

  test('asks the bank where the card does', async () => {
    const [, invoice] = await pastDue();
    const visitor = await new Visitor().open(invoice.hosted_invoice_url ?? '');
    await visitor.press('Pay $49.00', { outcome: 'authenticationRequired' });
    await visitor.press('Fail authentication');
    expect(visitor.text).toContain('failed authentication');
    await visitor.press('Pay $49.00', { outcome: 'authenticationRequired' });
    await visitor.press('Complete authentication');
    expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({ status: 'paid' });
  });

  test('offers no payment for what is paid, void or unknown', async () => {
    const [, invoice] = await pastDue();
    await stripe.invoices.voidInvoice(invoice.id);
    const visitor = await new Visitor().open(invoice.hosted_invoice_url ?? '');
    expect(visitor.html).not.toContain('<form');
    expect(visitor.text).toContain('Void');
    expect((await visitor.open(`${world.sandbox.url}/invoices/in_none`)).status).toBe(404);
    expect((await visitor.open(`${world.sandbox.url}/receipts/ch_none`)).status).toBe(404);
  });
});

test('the invoice as a PDF is one, with what was asked for in it', async () => {
  const customer = (await stripe.customers.create({ name: 'Zoë (Ltd)', email: 'zoe@example.com' })).id;
  await stripe.invoiceItems.create({ customer, amount: 123_45, currency: 'eur', description: 'Lamps — 3 \\ 4' });
  const draft = await stripe.invoices.create({ customer, currency: 'eur', pending_invoice_items_behavior: 'include' });
  const { invoice_pdf } = await stripe.invoices.finalizeInvoice(draft.id);
  const response = await fetch(invoice_pdf ?? '');
  expect(response.headers.get('content-type')).toBe('application/pdf');
  const file = Buffer.from(await response.arrayBuffer()).toString('latin1');
  const table = Number(/startxref\n(\d+)/.exec(file)?.[1]);
  expect([file.slice(0, 5), file.slice(table, table + 4)]).toEqual(['%PDF-', 'xref']);
  const offsets = [...file.slice(table).matchAll(/^(\d{10}) 00000 n/gm)].map(([, at]) => Number(at));
  expect(offsets.map((at) => file.slice(at).split('\n', 1)[0])).toEqual(
    offsets.map((_at, index) => `${index + 1} 0 obj`),
  );
  expect(file).toContain('Zo\xeb \\(Ltd\\)');
  expect(file).toContain('\x80123.45');
});
