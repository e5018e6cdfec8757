import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Invoice } from '../../src/payments/invoice.entity.js';
import { Payment } from '../../src/payments/payment.entity.js';
import { Subscription } from '../../src/subscriptions/subscription.entity.js';
import type { Effect } from '../../src/notifications/templates.js';
import { type House, NOW, openHouse } from './house.js';
import {
  accessChanged,
  activated,
  addCustomer,
  addInvoice,
  addPayment,
  addPaymentMethod,
  addProduct,
  addSubscription,
  cancellationScheduled,
  canceled,
  invoicePaid,
  paymentEvent,
  paymentFailed,
  setAccess,
  subscriptionEvent,
} from './rows.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.startSending();
  await house.write((em) => {
    addProduct(em);
    addPaymentMethod(em);
  });
});

afterAll(() => house.close());

let count = 0;
let customer: string;
let subscription: string;
let invoice: string;
let payment: string;

beforeEach(async () => {
  count += 1;
  [customer, subscription, invoice, payment] = [`cus_${count}`, `sub_${count}`, `in_${count}`, `pi_${count}`];
  house.clock.turn(NOW, 'frozen');
  await house.write((em) => addCustomer(em, { id: customer }));
});

/** This test's customer's e-mails, oldest first: effect, status, and subject or reason. */
async function told(): Promise<string[]> {
  await house.settle();
  const emails = (await house.emails()).filter((email) => email.customer === customer);
  return emails.map(
    ({ effect, status, subject, error }) => `${effect} ${status}: ${status === 'sent' ? subject : error}`,
  );
}

async function textOf(effect: Effect): Promise<string> {
  const emails = (await house.emails(effect)).filter((email) => email.customer === customer);
  return emails.at(-1)?.text?.replaceAll(/\s+/g, ' ') ?? '';
}

const subscribed = (row: Partial<Subscription> = {}) =>
  house.write((em) => addSubscription(em, { id: subscription, customer, ...row }));
const invoiced = (row: Partial<Invoice> = {}) =>
  house.write((em) => addInvoice(em, { id: invoice, customer, subscription, ...row }));
const change = (row: Partial<Subscription>) =>
  house.write((em) => em.nativeUpdate(Subscription, { id: subscription }, row));
const changeInvoice = (row: Partial<Invoice>) => house.write((em) => em.nativeUpdate(Invoice, invoice, row));

const steps = () =>
  house.transactions
    .reader()
    .execute(`select key, due_at from due where job = 'dunning.remind' and key like '${subscription}:%'`);
const lost = (rule = 'grace_ended') => accessChanged(customer, subscription, { revoked: ['api_access'], rule });
const granted = () => accessChanged(customer, subscription, { granted: ['api_access'], rule: 'paid' });
const has = (allowed: boolean) => house.write((em) => setAccess(em, customer, subscription, allowed));
const requiresAction = (one_off = false) => paymentEvent('payment.requires_action', customer, payment, one_off);
const pending = () =>
  house.write((em) => addPayment(em, { id: payment, customer, status: 'requires_action', amount_received: 0 }));

describe('welcome', () => {
  test('comes with the first payment, once, and not when the subscription recovers', async () => {
    await subscribed({ status: 'incomplete' });
    await house.publish(subscriptionEvent('subscription.created', customer, subscription, 'incomplete'));
    expect(await told()).toEqual([]);
    await change({ status: 'active' });
    await house.publish(activated(customer, subscription, 'incomplete'));
    await house.publish(activated(customer, subscription, 'past_due'));
    expect(await told()).toEqual(['welcome sent: Welcome to Acme Pro']);
  });

  test('comes at the start of a trial, and not again at its end', async () => {
    await subscribed({ status: 'trialing', trial_end: new Date('2027-03-17T12:00:00Z') });
    await house.publish(subscriptionEvent('subscription.created', customer, subscription, 'trialing'));
    expect(await told()).toEqual(['welcome sent: Welcome to Acme Pro']);
    expect(await textOf('welcome')).toContain('It runs until March 17, 2027');
    await change({ status: 'active' });
    await house.publish(activated(customer, subscription, 'trialing'));
    expect(await told()).toHaveLength(1);
  });

  test('is not for a recovery of a subscription that began elsewhere', async () => {
    await subscribed();
    await house.publish(activated(customer, subscription, 'past_due'));
    expect(await told()).toEqual([]);
  });

  test('that comes too late is not sent', async () => {
    await subscribed({ status: 'canceled' });
    await house.publish(activated(customer, subscription, 'incomplete'));
    expect(await told()).toEqual(['welcome skipped: The subscription is canceled.']);
  });

  test('is written in the customer’s language', async () => {
    await house.write((em) => {
      addCustomer(em, { id: 'cus_at', locale: 'de-AT' });
      addSubscription(em, { id: 'sub_at', customer: 'cus_at' });
    });
    await house.publish(activated('cus_at', 'sub_at', null));
    customer = 'cus_at';
    expect(await told()).toEqual(['welcome sent: Willkommen bei Acme Pro']);
  });

  test('waits for a customer that Stripe has not told of yet', async () => {
    await house.write((em) => addSubscription(em, { id: 'sub_early', customer: 'cus_early' }));
    await house.publish(activated('cus_early', 'sub_early', null));
    await house.settle();
    customer = 'cus_early';
    expect(await told()).toEqual([]);
    await house.write((em) => addCustomer(em, { id: customer }));
    await house.until(async () => (await told()).length > 0);
    expect(await told()).toEqual(['welcome sent: Welcome to Acme Pro']);
  });
});

describe('receipt', () => {
  test('tells of a paid invoice, once', async () => {
    await subscribed();
    await invoiced({ status: 'paid', amount_paid: 4900, amount_remaining: 0, paid_at: NOW });
    await house.publish(invoicePaid(customer, invoice, subscription), invoicePaid(customer, invoice, subscription));
    expect(await told()).toEqual(['receipt sent: Your receipt for €49.00']);
    expect(await textOf('receipt')).toMatch(/March 3, 2027.*Acme Pro.*F3A9-0002.*https:\/\/invoice\.stripe\.com/);
  });

  test('is not for an invoice of nothing', async () => {
    await subscribed();
    await invoiced({ status: 'paid', amount_paid: 0 });
    await house.publish(invoicePaid(customer, invoice, subscription));
    expect(await told()).toEqual([]);
  });

  test('tells of a one-off payment with its order and card, and leaves an invoice’s payment alone', async () => {
    await house.write((em) => addPayment(em, { id: payment, customer, order_id: 'order-7', payment_method: 'pm_1' }));
    await house.publish(paymentEvent('payment.succeeded', customer, payment, false));
    expect(await told()).toEqual([]);
    await house.publish(paymentEvent('payment.succeeded', customer, payment, true));
    expect(await told()).toEqual(['receipt sent: Your receipt for €49.00']);
    expect(await textOf('receipt')).toMatch(/Visa ending in 4242.*order-7/);
  });

  test('of a guest is recorded as one that nobody can be sent', async () => {
    await house.write((em) => addPayment(em, { id: payment }));
    await house.publish(paymentEvent('payment.succeeded', null, payment, true));
    await house.settle();
    const email = (await house.emails('receipt')).find((row) => row.payment === payment);
    expect(email).toMatchObject({ status: 'skipped', error: 'It belongs to no customer.', to: null, text: null });
  });
});

describe('a customer who cannot be written to', () => {
  test.each([
    [{ email: null }, 'The customer has no e-mail address.'],
    [{ deleted: true }, 'The customer is deleted.'],
  ])('%j', async (state, reason) => {
    customer = `cus_silent_${count}`;
    await house.write((em) => {
      addCustomer(em, { id: customer, ...state });
      addSubscription(em, { id: subscription, customer });
    });
    await house.publish(activated(customer, subscription, null));
    expect(await told()).toEqual([`welcome skipped: ${reason}`]);
  });
});

describe('payment failed', () => {
  test('tells amount, next attempt and days left', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced();
    await house.publish(paymentFailed(customer, invoice, subscription));
    expect(await told()).toEqual(['payment_failed sent: Your payment of €49.00 did not go through']);
    const text = await textOf('payment_failed');
    expect(text).toContain('You keep your access for 7 more days, until March 10, 2027.');
    expect(text).toContain('We will try again on March 6, 2027.');
  });

  test('comes also when the subscription’s own event has not come yet', async () => {
    await subscribed({ status: 'active' });
    await invoiced();
    await house.publish(paymentFailed(customer, invoice, subscription));
    expect(await told()).toEqual(['payment_failed sent: Your payment of €49.00 did not go through']);
  });

  test('counts the days from the oldest unpaid invoice', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced();
    await house.write((em) =>
      addInvoice(em, { id: `${invoice}_old`, customer, subscription, finalized_at: new Date('2027-03-01T12:00:00Z') }),
    );
    await house.publish(paymentFailed(customer, invoice, subscription));
    await house.settle();
    expect(await textOf('payment_failed')).toContain('for 5 more days, until March 8, 2027');
  });

  test('is not sent when it is paid by the time it is told of', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced({ status: 'paid' });
    await house.publish(paymentFailed(customer, invoice, subscription));
    expect(await told()).toEqual(['payment_failed skipped: The invoice is paid.']);
  });

  test('is sent once per attempt, and an attempt that was overtaken is not told', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced({ attempt_count: 2 });
    await house.publish(
      paymentFailed(customer, invoice, subscription, 2),
      paymentFailed(customer, invoice, subscription, 1),
    );
    await house.publish(paymentFailed(customer, invoice, subscription, 2));
    expect((await told()).toSorted()).toEqual([
      'payment_failed sent: Your payment of €49.00 did not go through',
      'payment_failed skipped: A later attempt failed too, and has its own.',
    ]);
  });

  test('the first payment is left to the page where it is made', async () => {
    await subscribed({ status: 'incomplete' });
    await invoiced();
    await house.publish(paymentFailed(customer, invoice, subscription));
    expect(await told()).toEqual([
      'payment_failed skipped: It is the first payment, which the customer makes in person.',
    ]);
  });
});

describe('reminders', () => {
  test('come at their moments until it is paid', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced();
    await house.publish(
      paymentFailed(customer, invoice, subscription),
      subscriptionEvent('subscription.past_due', customer, subscription, 'past_due'),
    );
    await house.settle();
    expect(await steps()).toHaveLength(2);

    await house.turnTo('2027-03-06T11:59:59Z');
    expect(await told()).toHaveLength(1);
    await house.turnTo('2027-03-06T12:00:00Z');
    expect((await told()).slice(1)).toEqual(['payment_reminder sent: Your access to Acme Pro ends in 4 days']);
    await house.turnTo('2027-03-08T12:00:00Z');
    expect((await told()).slice(2)).toEqual(['payment_reminder sent: Your access to Acme Pro ends in 2 days']);
    expect(await steps()).toEqual([]);
  });

  test('a later failed attempt does not repeat those that came', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced();
    await house.publish(paymentFailed(customer, invoice, subscription));
    await house.settle();
    await house.turnTo('2027-03-06T12:00:00Z');
    await changeInvoice({ attempt_count: 2 });
    await house.publish(paymentFailed(customer, invoice, subscription, 2));
    await house.settle();
    expect((await told()).filter((line) => line.startsWith('payment_reminder'))).toHaveLength(1);
  });

  test('stop at once when it is paid', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced();
    await house.publish(paymentFailed(customer, invoice, subscription));
    await house.settle();
    await changeInvoice({ status: 'paid', amount_paid: 4900, amount_remaining: 0 });
    await change({ status: 'active' });
    await house.publish(invoicePaid(customer, invoice, subscription));
    await house.settle();
    expect(await steps()).toEqual([]);
    await house.turnTo('2027-03-12T12:00:00Z');
    expect(await told()).toEqual([
      'payment_failed sent: Your payment of €49.00 did not go through',
      'receipt sent: Your receipt for €49.00',
    ]);
  });

  test('do not come for a payment whose event is still on its way', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced();
    await house.publish(paymentFailed(customer, invoice, subscription));
    await house.settle();
    await changeInvoice({ status: 'paid' });
    await house.turnTo('2027-03-08T12:00:00Z');
    expect(await told()).toHaveLength(1);
  });

  test('an old payment’s late event does not end the dunning of a newer invoice', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced();
    await house.write((em) =>
      addInvoice(em, { id: `${invoice}_old`, customer, subscription, status: 'paid', amount_paid: 0 }),
    );
    await house.publish(paymentFailed(customer, invoice, subscription));
    await house.settle();
    await house.publish(invoicePaid(customer, `${invoice}_old`, subscription));
    await house.settle();
    expect(await steps()).toHaveLength(2);
  });

  test('that are late are not sent one after the other', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced({ finalized_at: new Date('2027-02-25T12:00:00Z') });
    await house.publish(paymentFailed(customer, invoice, subscription));
    expect((await told()).filter((line) => line.startsWith('payment_reminder'))).toEqual([
      'payment_reminder sent: Your access to Acme Pro ends tomorrow',
    ]);
  });

  test('do not come when access is gone already', async () => {
    await subscribed({ status: 'unpaid' });
    await invoiced();
    await house.publish(subscriptionEvent('subscription.unpaid', customer, subscription, 'unpaid'));
    await house.settle();
    expect(await steps()).toEqual([]);
  });
});

describe('access', () => {
  test('lost and restored are told, the first grant is not', async () => {
    await subscribed();
    await has(true);
    await house.publish(granted());
    expect(await told()).toEqual([]);

    await change({ status: 'past_due' });
    await invoiced();
    await has(false);
    await house.publish(...Array.from({ length: 5 }, () => lost()));
    expect(await told()).toEqual(['access_lost sent: Your access to Acme Pro has been paused']);
    expect(await textOf('access_lost')).toMatch(/€49.00.*https:\/\/invoice\.stripe\.com/);

    await has(true);
    await house.publish(...Array.from({ length: 5 }, granted));
    expect((await told()).slice(1)).toEqual(['access_restored sent: Your access to Acme Pro is back']);
  });

  test('that came back before it was told of is no news', async () => {
    await subscribed();
    await has(true);
    await house.publish(granted(), lost());
    expect(await told()).toEqual([]);
  });

  test('that ends with the subscription is told by the e-mail about that, and a new one is welcomed', async () => {
    await subscribed({ status: 'canceled', ended_at: NOW });
    await has(false);
    await house.publish(canceled(customer, subscription), lost('canceled'));
    expect((await told()).toSorted()).toEqual([
      'access_lost skipped: The subscription has ended, and the e-mail about that says so.',
      'subscription_canceled sent: Your subscription to Acme Pro has ended',
    ]);
    await has(true);
    await house.publish(granted());
    expect(await told()).toHaveLength(2);
  });
});

describe('goodbye', () => {
  test.each([
    ['cancellation_requested', 'has been canceled. It will not renew.'],
    ['payment_failed', 'because its last payment could not be collected'],
  ])('%s', async (cancellation_reason, sentence) => {
    await subscribed({ status: 'canceled', cancellation_reason, ended_at: NOW });
    await house.publish(canceled(customer, subscription));
    expect(await told()).toEqual(['subscription_canceled sent: Your subscription to Acme Pro has ended']);
    expect(await textOf('subscription_canceled')).toContain(sentence);
  });

  test('is noted with its date, unless it was undone', async () => {
    await subscribed({ cancel_at: new Date('2027-04-03T12:00:00Z') });
    await house.publish(cancellationScheduled(customer, subscription));
    expect(await told()).toEqual(['cancellation_scheduled sent: Your subscription to Acme Pro ends on April 3, 2027']);
    await change({ cancel_at: null });
    await house.publish(cancellationScheduled(customer, subscription));
    expect((await told()).slice(1)).toEqual(['cancellation_scheduled skipped: The cancellation was undone.']);
  });
});

describe('action required', () => {
  test('asks at once when nobody is there', async () => {
    await subscribed({ status: 'past_due' });
    await invoiced();
    await pending();
    await house.publish(requiresAction());
    expect(await told()).toEqual(['action_required sent: Please confirm your payment of €49.00']);
    expect(await textOf('action_required')).toContain(`https://invoice.stripe.com/i/${invoice}`);
  });

  test('leaves those who are at it a quarter of an hour, and is silent when they have done it', async () => {
    await subscribed({ status: 'incomplete' });
    await invoiced({ billing_reason: 'subscription_create' });
    await pending();
    await house.publish(requiresAction());
    expect(await told()).toEqual(['action_required queued: null']);
    await house.write((em) => em.nativeUpdate(Payment, payment, { status: 'succeeded' }));
    await house.turnTo('2027-03-03T12:15:00Z');
    expect(await told()).toEqual(['action_required skipped: The payment is succeeded.']);
  });

  test('asks those who left', async () => {
    await subscribed({ status: 'incomplete' });
    await invoiced({ billing_reason: 'subscription_create' });
    await pending();
    await house.publish(requiresAction());
    await house.settle();
    await house.turnTo('2027-03-03T12:15:00Z');
    expect(await told()).toEqual(['action_required sent: Please confirm your payment of €49.00']);
  });

  test('has nothing to say about a one-off payment', async () => {
    await pending();
    await house.publish(requiresAction(true));
    expect(await told()).toEqual([]);
  });
});

function oneOfMany(index: number) {
  return [`cus_many${index}`, `sub_many${index}`, `in_many${index}`] as const;
}

test('of many at once each has its own, and the one whose rows are not there yet comes later', async () => {
  const many = Array.from({ length: 30 }, (_, index) => index);
  const late = 17;
  const writeRows = (index: number) =>
    house.write((em) => {
      const [cus, sub, inv] = oneOfMany(index);
      addCustomer(em, { id: cus });
      addSubscription(em, { id: sub, customer: cus });
      addInvoice(em, { id: inv, customer: cus, subscription: sub, status: 'paid', amount_paid: 1000 + index });
    });
  for (const index of many) if (index !== late) await writeRows(index);
  await house.publish(
    ...many.map((index) => {
      const [cus, sub, inv] = oneOfMany(index);
      return invoicePaid(cus, inv, sub);
    }),
  );
  const receipts = async () =>
    (await house.emails('receipt')).filter(({ customer: whose }) => whose?.startsWith('cus_many'));
  await house.until(async () => (await receipts()).length === many.length - 1);
  for (const { customer: whose, text } of await receipts())
    expect(text).toContain(`€10.${whose?.slice('cus_many'.length).padStart(2, '0')}`);
  await writeRows(late);
  await house.until(async () => (await receipts()).length === many.length);
}, 20_000);
