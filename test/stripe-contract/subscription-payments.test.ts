import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, ref, seconds } from './support.js';

const c = contract();
const START = '2026-04-01T00:00:00Z';

async function ready(card: string | null) {
  const clock = await c.clock(START);
  const customer = await c.customer(card, { test_clock: clock.id });
  return { clock, customer, price: await c.price(3000) };
}
const create = (customer: string, price: string, more: Partial<Stripe.SubscriptionCreateParams> = {}) =>
  c.stripe.subscriptions.create({ customer, items: [{ price }], ...more, expand: ['latest_invoice'] });
const intentOf = async (invoice: string) => {
  const [payment] = (await c.stripe.invoicePayments.list({ invoice })).data;
  return c.stripe.paymentIntents.retrieve(ref(payment?.payment.payment_intent));
};
const intentStatus = async ({ latest_invoice }: Stripe.Subscription) => (await intentOf(ref(latest_invoice))).status;
const invoiceOf = ({ latest_invoice }: Stripe.Subscription) => c.stripe.invoices.retrieve(ref(latest_invoice));

// https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_behavior
describe('a first payment that fails', () => {
  test.each(['allow_incomplete', 'default_incomplete'] as const)(
    'leaves it incomplete with %s, for 23 hours',
    async (payment_behavior) => {
      const { clock, customer, price } = await ready('pm_card_chargeCustomerFail');
      const subscription = await create(customer, price, { payment_behavior });
      const attempted = payment_behavior === 'allow_incomplete';
      expect(subscription).toMatchObject({ status: 'incomplete', latest_invoice: { status: 'open', attempted } });
      await clock.advance({ hours: 22 });
      expect((await c.stripe.subscriptions.retrieve(subscription.id)).status).toBe('incomplete');
      await clock.advance({ hours: 2 });
      const expired = await c.stripe.subscriptions.retrieve(subscription.id);
      expect(expired).toMatchObject({ status: 'incomplete_expired', ended_at: seconds('2026-04-01T23:00:00Z') });
      expect(await invoiceOf(expired)).toMatchObject({ status: 'void', amount_due: 3000 });
    },
  );

  test('is refused with error_if_incomplete, and nothing is there', async () => {
    const { customer, price } = await ready('pm_card_chargeCustomerFail');
    await expect(create(customer, price, { payment_behavior: 'error_if_incomplete' })).rejects.toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
    });
    expect((await c.stripe.subscriptions.list({ customer, status: 'all' })).data).toEqual([]);
  });

  test('cannot be pending: that is for changes', async () => {
    const { customer, price } = await ready('pm_card_visa');
    await expect(create(customer, price, { payment_behavior: 'pending_if_incomplete' })).rejects.toMatchObject({
      statusCode: 400,
      param: 'payment_behavior',
    });
  });

  test('may be made good by another card within its time', async () => {
    const { customer, price } = await ready('pm_card_chargeCustomerFail');
    const subscription = await create(customer, price, { payment_behavior: 'allow_incomplete' });
    await c.useCard(customer, 'pm_card_visa');
    await c.stripe.invoices.pay(ref(subscription.latest_invoice));
    expect((await c.stripe.subscriptions.retrieve(subscription.id)).status).toBe('active');
  });
});

// https://docs.stripe.com/billing/subscriptions/overview#requires-action
describe('a card that asks for 3-D Secure', () => {
  test('on a renewal leaves it past due, with an action to take', async () => {
    const { clock, customer, price } = await ready('pm_card_visa');
    const { id, latest_invoice: first } = await create(customer, price);
    await c.useCard(customer, 'pm_card_authenticationRequired');
    await clock.advance('2026-05-01T02:00:00Z');
    const renewed = await c.stripe.subscriptions.retrieve(id);
    expect(renewed.status).toBe('past_due');
    const invoice = await invoiceOf(renewed);
    expect(invoice.id).not.toBe(ref(first));
    expect(invoice).toMatchObject({ status: 'open', attempted: true, amount_remaining: 3000 });
    expect((await intentOf(invoice.id)).status).toBe('requires_action');
    expect(await c.events('invoice.payment_action_required', invoice.id)).toHaveLength(1);
    expect(await c.events('invoice.payment_failed', invoice.id)).toHaveLength(1);
  });
});

// https://docs.stripe.com/api/subscriptions/create#create_subscription-off_session, https://docs.stripe.com/testing#regulatory-cards
describe('off_session, with a card that was set up for payments without its holder', () => {
  const card = 'pm_card_authenticationRequiredSetupForOffSession';

  test.each([
    [true, 'active', 'succeeded'],
    [false, 'incomplete', 'requires_action'],
    [undefined, 'incomplete', 'requires_action'],
  ])('of a new subscription as %s leaves it %s, its payment %s', async (off_session, status, payment) => {
    const { customer, price } = await ready(card);
    const subscription = await create(customer, price, off_session === undefined ? {} : { off_session });
    expect([subscription.status, await intentStatus(subscription)]).toEqual([status, payment]);
  });

  test.each([
    [true, 'active', 'succeeded'],
    [false, 'past_due', 'requires_action'],
    [undefined, 'past_due', 'requires_action'],
  ])('of a change as %s leaves it %s, its payment %s', async (off_session, status, payment) => {
    const { customer, price } = await ready('pm_card_visa');
    const { id, items } = await create(customer, price);
    await c.useCard(customer, card);
    const more = await c.stripe.subscriptions.update(id, {
      items: [{ id: items.data[0]?.id ?? '', quantity: 2 }],
      proration_behavior: 'always_invoice',
      ...(off_session !== undefined && { off_session }),
    });
    expect([more.status, await intentStatus(more)]).toEqual([status, payment]);
  });

  test('of an item is taken as for its subscription', async () => {
    const { customer, price } = await ready('pm_card_visa');
    const { id, items } = await create(customer, price);
    await c.useCard(customer, card);
    const change = { quantity: 2, proration_behavior: 'always_invoice', off_session: true } as const;
    await c.stripe.subscriptionItems.update(items.data[0]?.id ?? '', change);
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('active');
  });

  test('does not spare a card that asks every time', async () => {
    const { customer, price } = await ready('pm_card_authenticationRequired');
    const subscription = await create(customer, price, { off_session: true });
    expect([subscription.status, await intentStatus(subscription)]).toEqual(['incomplete', 'requires_action']);
    await expect(
      create(customer, price, { off_session: true, payment_behavior: 'error_if_incomplete' }),
    ).rejects.toMatchObject({ statusCode: 402, code: 'subscription_payment_intent_requires_action' });
  });
});

/** Half a period is over, the card fails from now on, and the change asks for 15.00. */
async function changed(payment_behavior: Stripe.SubscriptionUpdateParams.PaymentBehavior) {
  const { clock, customer, price } = await ready('pm_card_visa');
  const { id, items } = await create(customer, price);
  await clock.advance('2026-04-16T00:00:00Z');
  await c.useCard(customer, 'pm_card_chargeCustomerFail');
  const change = c.stripe.subscriptions.update(id, {
    items: [{ id: items.data[0]?.id ?? '', quantity: 2 }],
    proration_behavior: 'always_invoice',
    payment_behavior,
  });
  const quantity = async () => (await c.stripe.subscriptions.retrieve(id)).items.data[0]?.quantity;
  return { clock, customer, id, change, quantity };
}

// https://docs.stripe.com/api/subscriptions/update#update_subscription-payment_behavior
describe('a payment for a change that fails', () => {
  test.each(['allow_incomplete', 'default_incomplete'] as const)(
    'leaves it changed and past due with %s',
    async (payment_behavior) => {
      const { change, quantity } = await changed(payment_behavior);
      const subscription = await change;
      expect([subscription.status, await quantity()]).toEqual(['past_due', 2]);
      expect(await invoiceOf(subscription)).toMatchObject({ status: 'open', amount_due: 1500 });
    },
  );

  test('refuses it with error_if_incomplete', async () => {
    const { change, quantity, customer } = await changed('error_if_incomplete');
    await expect(change).rejects.toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect(await quantity()).toBe(1);
    expect((await c.stripe.invoiceItems.list({ customer, pending: true })).data).toEqual([]);
  });

  // https://docs.stripe.com/billing/subscriptions/pending-updates
  test('lets it wait with pending_if_incomplete, until it is paid', async () => {
    const { change, customer, id, quantity } = await changed('pending_if_incomplete');
    const waiting = await change;
    expect(waiting).toMatchObject({
      status: 'active',
      pending_update: { expires_at: seconds('2026-04-16T23:00:00Z'), subscription_items: [{ quantity: 2 }] },
    });
    expect(await quantity()).toBe(1);
    await c.useCard(customer, 'pm_card_visa');
    await c.stripe.invoices.pay(ref(waiting.latest_invoice));
    expect(await c.stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active', pending_update: null });
    expect(await quantity()).toBe(2);
    expect(await c.events('customer.subscription.pending_update_applied', id)).toHaveLength(1);
  });

  test('drops it 23 hours later', async () => {
    const { change, clock, id, quantity } = await changed('pending_if_incomplete');
    const waiting = await change;
    await clock.advance({ hours: 24 });
    const after = await c.stripe.subscriptions.retrieve(id);
    expect(after).toMatchObject({ status: 'active', pending_update: null });
    expect(await quantity()).toBe(1);
    expect(await invoiceOf(waiting)).toMatchObject({ status: 'void' });
    expect(await c.events('customer.subscription.pending_update_expired', id)).toHaveLength(1);
  });
});

// https://docs.stripe.com/billing/subscriptions/trials/free-trials#free-trial-without-payment-method
describe('a trial that ends without a payment method', () => {
  const trial_end = seconds('2026-04-11T00:00:00Z');
  async function tried(missing_payment_method: 'cancel' | 'create_invoice' | 'pause') {
    const { clock, customer, price } = await ready(null);
    const { id } = await create(customer, price, {
      trial_end,
      trial_settings: { end_behavior: { missing_payment_method } },
    });
    await clock.advance('2026-04-11T02:00:00Z');
    return { clock, customer, id, after: await c.stripe.subscriptions.retrieve(id) };
  }

  test('is invoiced, and not paid', async () => {
    const { after } = await tried('create_invoice');
    expect(after.status).toBe('past_due');
    expect(await invoiceOf(after)).toMatchObject({ status: 'open', amount_due: 3000 });
  });

  test('ends the subscription', async () => {
    const { after } = await tried('cancel');
    expect(after).toMatchObject({ status: 'canceled', ended_at: trial_end });
    expect(await invoiceOf(after)).toMatchObject({ total: 0 });
  });

  test('pauses it, and it resumes with a new period, or with the rest of the one that it missed', async () => {
    const paused = await tried('pause');
    expect(paused.after.status).toBe('paused');
    await paused.clock.advance('2026-04-20T00:00:00Z');
    await c.useCard(paused.customer, 'pm_card_visa');
    const resumed = await c.stripe.subscriptions.resume(paused.id, { billing_cycle_anchor: { type: 'now' } });
    expect(resumed).toMatchObject({ status: 'active', billing_cycle_anchor: paused.clock.now });
    expect(await invoiceOf(resumed)).toMatchObject({ status: 'paid', total: 3000 });

    const other = await tried('pause');
    await other.clock.advance('2026-04-26T00:00:00Z');
    await c.useCard(other.customer, 'pm_card_visa');
    const rest = await c.stripe.subscriptions.resume(other.id, { billing_cycle_anchor: { type: 'unchanged' } });
    // 15 of the 30 days from 11 April
    expect(await invoiceOf(rest)).toMatchObject({ status: 'paid', total: 1500 });
    expect(rest.items.data[0]?.current_period_end).toBe(seconds('2026-05-11T00:00:00Z'));
  });
});

// https://docs.stripe.com/billing/subscriptions/billing-cycle
describe('an anchor told by its parts', () => {
  test.each([
    [{ day_of_month: 15 }, '2026-04-15T00:00:00Z', 1355],
    [{ day_of_month: 15, hour: 12, minute: 30, second: 15 }, '2026-04-15T12:30:15Z', 1405],
    [{ day_of_month: 31 }, '2026-04-30T00:00:00Z', 2900],
  ])('%j is the next such moment', async (billing_cycle_anchor_config, end, total) => {
    const { customer, price } = await ready('pm_card_visa');
    const subscription = await create(customer, price, { billing_cycle_anchor_config });
    expect(subscription.items.data[0]?.current_period_end).toBe(seconds(end));
    expect(subscription.latest_invoice).toMatchObject({ total });
  });

  test('names the month of a year', async () => {
    const { customer } = await ready('pm_card_visa');
    const yearly = await c.price(36_500, { recurring: { interval: 'year' } });
    const config = { billing_cycle_anchor_config: { day_of_month: 1, month: 7 } };
    const subscription = await create(customer, yearly, config);
    expect(subscription.items.data[0]?.current_period_end).toBe(seconds('2026-07-01T00:00:00Z'));
    expect(subscription.latest_invoice).toMatchObject({ total: 9100 });
  });
});
