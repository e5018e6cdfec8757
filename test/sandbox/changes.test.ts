import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { ref, TestSandbox } from './support.js';

let world: TestSandbox;
let stripe: Stripe;
beforeEach(async () => {
  world = await TestSandbox.start({ now: new Date('2026-04-01T00:00:00Z') });
  stripe = world.stripe;
});
afterEach(() => world.close());

async function subscribed(card = 'pm_card_visa', more: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const customer = await world.customerWith(card);
  const price = await world.price(3000);
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price }], ...more });
  return { customer, subscription, id: subscription.id, item: subscription.items.data[0]?.id ?? '' };
}
async function badDefault(customer: string): Promise<void> {
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } });
}
const upgrade = (id: string, item: string, payment_behavior: Stripe.SubscriptionUpdateParams.PaymentBehavior) =>
  stripe.subscriptions.update(id, {
    items: [{ id: item, quantity: 2 }],
    proration_behavior: 'always_invoice',
    payment_behavior,
  });
const lines = (invoice: Stripe.Invoice) => invoice.lines.data.map(({ amount }) => amount);

describe('a change of price in the middle of a period', () => {
  test('is prorated by the second, and waits for the next invoice', async () => {
    const { id, item } = await subscribed();
    const dearer = await world.price(6000);
    await world.advance('10d');
    const preview = await stripe.invoices.createPreview({
      subscription: id,
      subscription_details: { items: [{ id: item, price: dearer }] },
    });
    const changed = await stripe.subscriptions.update(id, { items: [{ id: item, price: dearer }] });
    expect(changed.items.data[0]).toMatchObject({ id: item, price: { id: dearer, unit_amount: 6000 } });
    const pending = await stripe.invoiceItems.list({ pending: true });
    expect(pending.data.map(({ amount, proration }) => [amount, proration])).toEqual([
      [4000, true],
      [-2000, true],
    ]);
    await world.advance('21d');
    const [renewal] = (await stripe.invoices.list({ subscription: id })).data;
    expect(renewal).toMatchObject({ status: 'paid', total: 8000 });
    expect(lines(preview)).toEqual([-2000, 4000, 6000]);
    expect(renewal === undefined ? [] : lines(renewal)).toEqual(lines(preview));
    expect((await stripe.invoiceItems.list({ pending: true })).data).toEqual([]);
  });

  test('is invoiced at once when that is asked for, exactly as previewed', async () => {
    const { id, item } = await subscribed();
    const dearer = await world.price(6000);
    await world.advance('15d');
    const change: Stripe.SubscriptionUpdateParams = {
      items: [{ id: item, price: dearer }],
      proration_behavior: 'always_invoice',
    };
    const preview = await stripe.invoices.createPreview({
      subscription: id,
      subscription_details: { items: [{ id: item, price: dearer }], proration_behavior: 'always_invoice' },
    });
    const before = (await world.eventTypes()).length;
    const changed = await stripe.subscriptions.update(id, { ...change, expand: ['latest_invoice'] });
    expect(changed.latest_invoice).toMatchObject({
      status: 'paid',
      total: 1500,
      billing_reason: 'subscription_update',
    });
    expect(preview).toMatchObject({ total: 1500, status: 'draft', id: expect.stringMatching(/^upcoming_in_/) });
    expect((await world.eventTypes(before)).filter((type) => type === 'customer.subscription.updated')).toHaveLength(1);
  });

  test('costs nothing without prorations', async () => {
    const { id, item } = await subscribed();
    await stripe.subscriptions.update(id, { items: [{ id: item, quantity: 5 }], proration_behavior: 'none' });
    expect((await stripe.invoiceItems.list({})).data).toEqual([]);
  });

  test('to another interval begins a new period, invoiced at once with the rest of the old one given back', async () => {
    const { id, item } = await subscribed();
    const yearly = await world.price(30_000, { interval: 'year' });
    await world.advance('15d');
    const changed = await stripe.subscriptions.update(id, {
      items: [{ id: item, price: yearly }],
      expand: ['latest_invoice'],
    });
    expect(changed.latest_invoice).toMatchObject({ status: 'paid', total: 28_500 });
    expect(changed.items.data[0]).toMatchObject({
      current_period_start: Date.parse('2026-04-16T00:00:00Z') / 1000,
      current_period_end: Date.parse('2027-04-16T00:00:00Z') / 1000,
    });
  });

  test('to a cheaper one leaves a credit on the balance, which pays the next invoices', async () => {
    const { id, item, customer } = await subscribed();
    const cheap = await world.price(1000);
    await stripe.subscriptions.update(id, {
      items: [{ id: item, price: cheap }],
      proration_behavior: 'always_invoice',
    });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -2000 });
    await world.advance('31d');
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -1000 });
    const [renewal] = (await stripe.invoices.list({ subscription: id })).data;
    expect(renewal).toMatchObject({ status: 'paid', amount_due: 0, starting_balance: -2000, ending_balance: -1000 });
  });

  test('of several items at once: one changed, one added, one removed', async () => {
    const { id, item } = await subscribed();
    const [extra, other] = [await world.price(500), await world.price(700)];
    const added = await stripe.subscriptionItems.create({ subscription: id, price: extra, quantity: 2 });
    const changed = await stripe.subscriptions.update(id, {
      items: [{ id: item, quantity: 3 }, { id: added.id, deleted: true }, { price: other }],
    });
    expect(changed.items.data.map(({ price, quantity }) => [price.unit_amount, quantity])).toEqual([
      [3000, 3],
      [700, 1],
    ]);
    await expect(
      stripe.subscriptions.update(id, { items: changed.items.data.map((one) => ({ id: one.id, deleted: true })) }),
    ).rejects.toMatchObject({ param: 'items' });
  });
});

describe('a change that cannot be paid', () => {
  test('with error_if_incomplete is a 402 and nothing has happened', async () => {
    const { id, item, customer } = await subscribed();
    await badDefault(customer);
    const before = await world.eventTypes();
    await expect(upgrade(id, item, 'error_if_incomplete')).rejects.toMatchObject({
      statusCode: 402,
      decline_code: 'generic_decline',
    });
    expect(await world.eventTypes()).toEqual(before);
    expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.quantity).toBe(1);
  });

  test('with allow_incomplete is made, and the subscription is past due until the invoice is paid', async () => {
    const { id, item, customer } = await subscribed();
    await badDefault(customer);
    const changed = await upgrade(id, item, 'allow_incomplete');
    expect(changed).toMatchObject({ status: 'past_due', items: { data: [{ quantity: 2 }] } });
    await stripe.invoices.pay(ref(changed.latest_invoice), { payment_method: 'pm_card_visa' });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('active');
  });

  test('with pending_if_incomplete waits for its payment, and is dropped after 23 hours', async () => {
    const { id, item, customer } = await subscribed();
    await badDefault(customer);
    const held = await upgrade(id, item, 'pending_if_incomplete');
    expect(held).toMatchObject({ status: 'active', items: { data: [{ quantity: 1 }] } });
    expect(held.pending_update?.subscription_items?.[0]?.quantity).toBe(2);
    await stripe.invoices.pay(ref(held.latest_invoice), { payment_method: 'pm_card_visa' });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      pending_update: null,
      items: { data: [{ quantity: 2 }] },
    });
    const again = await stripe.subscriptions.update(id, {
      items: [{ id: item, quantity: 9 }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });
    await world.advance('1d');
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      pending_update: null,
      items: { data: [{ quantity: 2 }] },
    });
    expect((await stripe.invoices.retrieve(ref(again.latest_invoice))).status).toBe('void');
  });

  test('with default_incomplete is made, and left to the client to pay', async () => {
    const { id, item } = await subscribed();
    const changed = await upgrade(id, item, 'default_incomplete');
    expect(changed.status).toBe('past_due');
    const invoice = await stripe.invoices.retrieve(ref(changed.latest_invoice), {
      expand: ['confirmation_secret', 'payments'],
    });
    expect(invoice).toMatchObject({ status: 'open', confirmation_secret: { type: 'payment_intent' } });
    const intent = ref(invoice.payments?.data[0]?.payment.payment_intent);
    await stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa', return_url: 'https://example.com' });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('active');
  });
});

describe('the first payment', () => {
  test('that fails leaves the subscription incomplete, and it expires after 23 hours', async () => {
    const { subscription, id } = await subscribed('pm_card_chargeCustomerFail');
    expect(subscription.status).toBe('incomplete');
    await world.advance('22h');
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('incomplete');
    await world.advance('1h');
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('incomplete_expired');
    expect((await stripe.invoices.retrieve(ref(subscription.latest_invoice))).status).toBe('void');
  });

  test('that must be authenticated makes it active when that is done', async () => {
    const { subscription, id } = await subscribed('pm_card_authenticationRequired');
    expect(subscription.status).toBe('incomplete');
    const [payment] = (await stripe.invoicePayments.list({ invoice: ref(subscription.latest_invoice) })).data;
    await world.control('POST', `payment_intents/${ref(payment?.payment.payment_intent)}/authenticate`, {
      outcome: 'succeed',
    });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('active');
    await world.advance('31d');
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('past_due');
    expect(await world.eventsOf('invoice.payment_action_required')).toHaveLength(1);
  });

  test('with error_if_incomplete makes a subscription only if it succeeds', async () => {
    await expect(
      subscribed('pm_card_chargeCustomerFail', { payment_behavior: 'error_if_incomplete' }),
    ).rejects.toMatchObject({ statusCode: 402 });
    expect((await stripe.subscriptions.list({ status: 'all' })).data).toEqual([]);
    expect((await stripe.charges.list()).data).toEqual([]);
  });

  test('is refused where there is nothing to pay with', async () => {
    const { id: customer } = await stripe.customers.create({});
    await expect(
      stripe.subscriptions.create({ customer, items: [{ price: await world.price() }] }),
    ).rejects.toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
    });
  });

  test('takes the subscription’s own card before the customer’s', async () => {
    const customer = await world.customerWith('pm_card_chargeCustomerFail');
    const own = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const subscription = await stripe.subscriptions.create({
      customer,
      items: [{ price: await world.price() }],
      default_payment_method: own.id,
    });
    expect(subscription.status).toBe('active');
  });
});

describe('a trial', () => {
  test('is free, is announced three days before its end, and is then paid', async () => {
    const { subscription, id } = await subscribed('pm_card_visa', { trial_period_days: 10 });
    expect(subscription.status).toBe('trialing');
    expect((await stripe.invoices.retrieve(ref(subscription.latest_invoice))).amount_due).toBe(0);
    await world.advance('6d');
    expect(await world.eventsOf('customer.subscription.trial_will_end')).toHaveLength(0);
    await world.advance('1d');
    expect(await world.eventsOf('customer.subscription.trial_will_end')).toHaveLength(1);
    await stripe.subscriptions.update(id, { metadata: { touched: 'yes' } });
    await world.advance('3d');
    await world.advance('1h');
    expect(await world.eventsOf('customer.subscription.trial_will_end')).toHaveLength(1);
    const paying = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
    expect(paying).toMatchObject({ status: 'active', latest_invoice: { status: 'paid', total: 3000 } });
    expect(paying.items.data[0]?.current_period_end).toBe(Date.parse('2026-05-11T00:00:00Z') / 1000);
  });

  test.each([
    ['cancel', 'canceled'],
    ['pause', 'paused'],
    ['create_invoice', 'past_due'],
  ] as const)('without a card ends as asked: %s', async (missing_payment_method, status) => {
    const { id: customer } = await stripe.customers.create({});
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price: await world.price() }],
      trial_period_days: 5,
      trial_settings: { end_behavior: { missing_payment_method } },
    });
    await world.advance('6d');
    expect((await stripe.subscriptions.retrieve(id)).status).toBe(status);
  });

  test('that is ended by hand is paid at once', async () => {
    const { id } = await subscribed('pm_card_visa', { trial_period_days: 10 });
    const ended = await stripe.subscriptions.update(id, { trial_end: 'now', expand: ['latest_invoice'] });
    expect(ended).toMatchObject({ status: 'active', latest_invoice: { status: 'paid', total: 3000 } });
  });
});

describe('the end of a subscription', () => {
  test('at the end of its period can be undone until then', async () => {
    const { id } = await subscribed();
    const ending = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect(ending).toMatchObject({
      status: 'active',
      cancel_at_period_end: true,
      cancel_at: ending.items.data[0]?.current_period_end,
    });
    const kept = await stripe.subscriptions.update(id, { cancel_at_period_end: false });
    expect(kept).toMatchObject({ cancel_at: null, canceled_at: null });
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await world.advance('30d');
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'cancellation_requested' },
    });
    expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
    expect((await stripe.subscriptions.list({})).data).toEqual([]);
    expect((await stripe.subscriptions.list({ status: 'all' })).data).toHaveLength(1);
  });

  test('at once gives the unused rest back if that is asked for', async () => {
    const { id, customer } = await subscribed();
    await world.advance('15d');
    await stripe.subscriptions.cancel(id, {
      prorate: true,
      invoice_now: true,
      cancellation_details: { feedback: 'unused' },
    });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -1500 });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: 'canceled',
      cancellation_details: { feedback: 'unused' },
    });
    await expect(stripe.subscriptions.update(id, { items: [] })).rejects.toMatchObject({
      code: 'invalid_canceled_subscription_fields',
    });
  });

  test('comes with the customer’s', async () => {
    const { id, customer } = await subscribed();
    await stripe.customers.del(customer);
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('canceled');
    expect(await stripe.customers.retrieve(customer)).toEqual(expect.objectContaining({ id: customer, deleted: true }));
    await expect(stripe.customers.del(customer)).rejects.toMatchObject({ statusCode: 404, code: 'resource_missing' });
  });

  test('after failed payments is as the account is set', async () => {
    await world.control('POST', 'settings', { retry_days: [2], after_retries: 'unpaid' });
    const { id, customer } = await subscribed();
    await badDefault(customer);
    await world.advance('33d');
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('unpaid');
    await world.advance('31d');
    const [draft, open] = (await stripe.invoices.list({ subscription: id })).data;
    expect([draft?.status, open?.status]).toEqual(['draft', 'open']);
  });
});

test('a paused collection voids, and a resumed one collects again', async () => {
  const { id } = await subscribed();
  await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });
  await world.advance('31d');
  expect((await stripe.invoices.list({ subscription: id })).data[0]?.status).toBe('void');
  await stripe.subscriptions.update(id, { pause_collection: '' });
  await world.advance('31d');
  expect((await stripe.invoices.list({ subscription: id })).data[0]?.status).toBe('paid');
  expect((await stripe.subscriptions.retrieve(id)).status).toBe('active');
});

test('the next invoice is announced a week before, and is what comes', async () => {
  const { id } = await subscribed();
  await world.advance('23d');
  const [announced] = await world.eventsOf('invoice.upcoming');
  expect(announced?.data.object).toMatchObject({
    total: 3000,
    status: 'draft',
    parent: { subscription_details: { subscription: id } },
  });
  expect(await stripe.invoices.createPreview({ subscription: id })).toMatchObject({ total: 3000 });
});

test('what is announced is of the phase that begins then, and of no other subscription', async () => {
  const { id, subscription } = await subscribed();
  await subscribed();
  const { id: schedule, phases } = await stripe.subscriptionSchedules.create({ from_subscription: id });
  const [first] = phases;
  const more = await world.price(7000);
  await stripe.subscriptionSchedules.update(schedule, {
    phases: [
      {
        items: [{ price: ref(subscription.items.data[0]?.price) }],
        start_date: first?.start_date ?? 0,
        end_date: first?.end_date ?? 0,
      },
      { items: [{ price: more }], duration: { interval: 'month' } },
    ],
  });
  const before = (await world.eventTypes()).length;
  await world.advance('23d');
  expect(await world.eventTypes(before)).toEqual(['invoice.upcoming', 'invoice.upcoming', 'balance.available']);
  const announced = (await world.eventsOf('invoice.upcoming')).map(({ data }) => data.object);
  expect(announced).toMatchObject([
    { object: 'invoice', total: 3000, status: 'draft' },
    { object: 'invoice', total: 7000, status: 'draft', parent: { subscription_details: { subscription: id } } },
  ]);
  expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.price.unit_amount).toBe(3000);
  await world.advance('8d');
  expect((await stripe.invoices.list({ subscription: id })).data[0]).toMatchObject({ total: 7000 });
});

test('a phase that ends the subscription has nothing to announce', async () => {
  const { id, subscription } = await subscribed();
  const { id: schedule, phases } = await stripe.subscriptionSchedules.create({ from_subscription: id });
  const [phase] = phases;
  const items = [{ price: ref(subscription.items.data[0]?.price) }];
  await stripe.subscriptionSchedules.update(schedule, {
    phases: [{ items, start_date: phase?.start_date ?? 0, end_date: phase?.end_date ?? 0 }],
    end_behavior: 'cancel',
  });
  await world.advance('29d');
  expect(await world.eventsOf('invoice.upcoming')).toEqual([]);
  expect((await stripe.subscriptions.retrieve(id)).status).toBe('active');
});
