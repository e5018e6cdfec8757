import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { GiveUp } from '../../src/jobs/give-up.js';
import { jobs } from '../../src/jobs/jobs.js';
import { Email } from '../../src/notifications/email.entity.js';
import { EmailJob } from '../../src/notifications/email.job.js';
import { type House, openHouse } from './house.js';
import { activated, addCustomer, addInvoice, addProduct, addSubscription, invoicePaid, paymentFailed } from './rows.js';
import { Customer } from '../../src/customers/customer.entity.js';
import { Invoice } from '../../src/payments/invoice.entity.js';
import { type Smtp, startSmtp } from './smtp.js';

let smtp: Smtp;
let house: House;

beforeAll(async () => {
  smtp = await startSmtp();
  house = await openHouse({ SMTP_URL: smtp.url });
  await house.write(addProduct);
});

afterAll(async () => {
  await house.close();
  await smtp.stop();
});

beforeEach(() => {
  smtp.refuse = null;
  smtp.messages.length = 0;
  smtp.offered.length = 0;
});

let count = 0;

/** A customer whose renewal failed, with the e-mail that says so waiting to be sent. */
async function failedPayment(): Promise<{ customer: string; invoice: string; email: string }> {
  count += 1;
  const [customer, subscription, invoice] = [`cus_${count}`, `sub_${count}`, `in_${count}`];
  await house.write((em) => {
    addCustomer(em, { id: customer });
    addSubscription(em, { id: subscription, customer, status: 'past_due' });
    addInvoice(em, { id: invoice, customer, subscription });
  });
  await house.publish(paymentFailed(customer, invoice, subscription));
  await house.until(async () => (await house.emails()).some((row) => row.customer === customer));
  const email = (await house.emails('payment_failed')).find((row) => row.customer === customer);
  return { customer, invoice, email: email?.id ?? '' };
}

const send = (email: string) => house.get(EmailJob).send({ email });
const row = (email: string) => house.transactions.reader().findOneOrFail(Email, email);

describe('email.send', () => {
  test('sends HTML and text with the stable Message-ID', async () => {
    const { customer, email } = await failedPayment();
    await send(email);

    const [message] = smtp.messages;
    expect(message).toMatchObject({
      subject: 'Your payment of €49.00 did not go through',
      from: { name: 'Acme', address: 'billing@acme.example' },
      to: [{ address: `${customer}@example.com` }],
      messageId: `<${email}@acme.example>`,
    });
    expect(message?.html).toContain('7 more days, until March 10, 2027');
    expect(message?.text?.replaceAll(/\s+/g, ' ')).toContain('7 more days, until March 10, 2027');
    expect(message?.headers).toContainEqual(
      expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
    );
    expect(await row(email)).toMatchObject({ status: 'sent', via: 'smtp', attempts: 1, error: null });
  });

  test('does not send again what was sent', async () => {
    const { email } = await failedPayment();
    await send(email);
    await send(email);
    expect(smtp.offered).toHaveLength(1);
  });

  test('tries again after a 4xx, with the same Message-ID', async () => {
    const { email } = await failedPayment();
    smtp.refuse = { code: 451, text: 'Try again later' };
    await expect(send(email)).rejects.toThrow('451 Try again later');
    expect(await row(email)).toMatchObject({ status: 'queued', attempts: 1, error: expect.stringContaining('451') });

    smtp.refuse = null;
    await send(email);
    expect(smtp.offered).toEqual([`<${email}@acme.example>`, `<${email}@acme.example>`]);
    expect(await row(email)).toMatchObject({ status: 'sent', attempts: 2, error: null });
  });

  test('gives up after a 5xx, and records what the server said', async () => {
    const { email } = await failedPayment();
    smtp.refuse = { code: 550, text: 'No such person here' };
    await expect(send(email)).rejects.toThrow(GiveUp);
    expect(await row(email)).toMatchObject({ status: 'failed', error: expect.stringContaining('No such person here') });
  });

  test('keeps the e-mail while the server is down', async () => {
    const { email } = await failedPayment();
    await smtp.stop();
    const error = await send(email).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(GiveUp);
    expect(await row(email)).toMatchObject({ status: 'queued', error: expect.stringContaining('ECONNREFUSED') });

    smtp = await startSmtp(Number(new URL(smtp.url).port));
    await send(email);
    expect(smtp.messages.map(({ messageId }) => messageId)).toEqual([`<${email}@acme.example>`]);
  });

  test('says that it failed when the last attempt has', async () => {
    const { email } = await failedPayment();
    await house.write((em) => em.nativeUpdate(Email, email, { attempts: jobs['email.send'].retry.limit }));
    smtp.refuse = { code: 451, text: 'Try again later' };
    await expect(send(email)).rejects.toThrow('451');
    expect(await row(email)).toMatchObject({ status: 'failed', error: expect.stringContaining('451') });
  });

  test('sends no dunning after the payment', async () => {
    const { invoice, email } = await failedPayment();
    await house.write((em) => em.nativeUpdate(Invoice, invoice, { status: 'paid', amount_remaining: 0 }));
    await send(email);
    expect(smtp.offered).toEqual([]);
    expect(await row(email)).toMatchObject({ status: 'skipped', error: 'The invoice is paid.' });
  });

  test('sends only the newest of a series that waited', async () => {
    const { customer, invoice, email } = await failedPayment();
    await house.write((em) => em.nativeUpdate(Invoice, invoice, { attempt_count: 2 }));
    const then = house.clock.now();
    house.clock.turn(new Date(then.getTime() + 2 * 3_600_000), 'frozen');
    await house.publish(paymentFailed(customer, invoice, null, 2));
    const second = async () =>
      (await house.emails('payment_failed')).find((mail) => mail.business_key === `${invoice}:2`);
    await house.until(async () => (await second()) !== undefined);
    const newer = await second();
    await send(email);
    await send(newer?.id ?? '');
    expect(await row(email)).toMatchObject({
      status: 'skipped',
      error: `${newer?.id} (payment_failed) says what holds now.`,
    });
    expect(smtp.offered).toEqual([newer?.message_id]);
    house.clock.turn(then, 'frozen');
  });

  test('goes to the address that the customer has by now, and to nobody who is gone', async () => {
    const first = await failedPayment();
    await house.write((em) => em.nativeUpdate(Customer, first.customer, { email: 'new@example.com' }));
    await send(first.email);
    expect(smtp.messages[0]?.to).toMatchObject([{ address: 'new@example.com' }]);

    const second = await failedPayment();
    await house.write((em) => em.nativeUpdate(Customer, second.customer, { deleted: true }));
    await send(second.email);
    expect(await row(second.email)).toMatchObject({ status: 'skipped', error: 'The customer is deleted.' });
    expect(smtp.messages).toHaveLength(1);
  });

  test('an e-mail that does not exist is no reason to try again', async () => {
    await expect(send('eml_none')).rejects.toThrow(GiveUp);
  });

  test('once enqueued, everything goes out by itself, once', async () => {
    await house.startSending();
    await house.settle();
    smtp.messages.length = 0;
    await house.write((em) => {
      addCustomer(em, { id: 'cus_whole' });
      addSubscription(em, { id: 'sub_whole', customer: 'cus_whole' });
      addInvoice(em, {
        id: 'in_whole',
        customer: 'cus_whole',
        subscription: 'sub_whole',
        status: 'paid',
        amount_paid: 4900,
      });
    });
    const events = [
      activated('cus_whole', 'sub_whole', 'incomplete'),
      invoicePaid('cus_whole', 'in_whole', 'sub_whole'),
    ];
    await Promise.all(Array.from({ length: 10 }, () => house.publish(...events)));
    await house.settle();
    expect(smtp.messages.map(({ subject }) => subject ?? '').toSorted((a, b) => a.localeCompare(b))).toEqual([
      'Welcome to Acme Pro',
      'Your receipt for €49.00',
    ]);
  });
});
