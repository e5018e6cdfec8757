import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestSandbox } from './support.js';

let world: TestSandbox;
beforeEach(async () => {
  world = await TestSandbox.start();
});
afterEach(() => world.close());

describe('a subscription', () => {
  test('is created, paid at once, and renewed about an hour after its period ends', async () => {
    const { stripe } = world;
    const customer = await world.customerWith('pm_card_visa');
    const price = await world.price();
    const before = (await world.eventTypes()).length;
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price }] });
    expect(subscription.status).toBe('active');
    expect(subscription.items.data[0]).toMatchObject({
      current_period_start: Date.parse('2026-01-31T10:00:00Z') / 1000,
      current_period_end: Date.parse('2026-02-28T10:00:00Z') / 1000,
    });
    expect(await world.eventTypes(before)).toEqual([
      'customer.subscription.created',
      'customer.updated',
      'invoice.created',
      'payment_intent.created',
      'invoice.finalized',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice_payment.paid',
      'invoice.paid',
      'invoice.payment_succeeded',
    ]);
    await world.advance('28d');
    const drafts = await stripe.invoices.list({ subscription: subscription.id });
    expect(drafts.data.map(({ status, billing_reason }) => [status, billing_reason])).toEqual([
      ['draft', 'subscription_cycle'],
      ['paid', 'subscription_create'],
    ]);
    await world.advance('1h');
    const renewed = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice.payments'] });
    expect(renewed.latest_invoice).toMatchObject({
      status: 'paid',
      amount_paid: 1000,
      billing_reason: 'subscription_cycle',
    });
    expect(renewed.items.data[0]?.current_period_end).toBe(Date.parse('2026-03-31T10:00:00Z') / 1000);
  });

  test('whose renewals fail is past due, retried on the schedule, and canceled after the last retry', async () => {
    const { stripe } = world;
    const customer = await world.customerWith('pm_card_visa');
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price: await world.price() }] });
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } });
    await world.advance('28d');
    await world.advance('1h');
    const pastDue = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    expect(pastDue.status).toBe('past_due');
    expect(pastDue.latest_invoice).toMatchObject({
      status: 'open',
      attempt_count: 1,
      next_payment_attempt: Date.parse('2026-03-03T11:00:00Z') / 1000,
    });
    await world.advance('13d');
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('past_due');
    await world.advance('1d');
    const ended = await stripe.subscriptions.retrieve(subscription.id);
    expect(ended).toMatchObject({ status: 'canceled', cancellation_details: { reason: 'payment_failed' } });
    expect(await world.eventsOf('invoice.payment_failed')).toHaveLength(5);
    expect(await world.eventsOf('customer.subscription.deleted')).toHaveLength(1);
  });

  test('that is past due lives again when the next retry finds a good default card', async () => {
    const { stripe } = world;
    const customer = await world.customerWith('pm_card_visa');
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price: await world.price() }] });
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } });
    await world.advance('29d');
    const good = await stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: good.id } });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ delinquent: true });
    await world.advance('3d');
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active');
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ delinquent: false });
    const [last] = await world.eventsOf('customer.subscription.updated');
    expect(last?.data.previous_attributes).toEqual({ status: 'past_due' });
  });
});
