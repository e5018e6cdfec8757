import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { contract, failure, ref, seconds, until } from './support.js';

const c = contract();
const START = '2026-04-01T00:00:00Z';
const HALF = seconds('2026-04-16T00:00:00Z');

/** A subscription for 30.00 a month; half a month later, if not told otherwise. */
async function subscribed(more: Partial<Stripe.SubscriptionCreateParams> = {}, later: number | null = HALF) {
  const clock = await c.clock(START);
  const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
  const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(3000) }], ...more });
  if (later !== null) await clock.advance(later);
  return { clock, customer, id };
}
const amountsOf = async (customer: string) =>
  (await c.stripe.invoiceItems.list({ customer, pending: true })).data.map(({ amount }) => amount);
const invoicesOf = async (subscription: string) => (await c.stripe.invoices.list({ subscription })).data;

// https://docs.stripe.com/billing/subscriptions/pause
describe('a subscription that is paused', () => {
  test('gives back what was not used, asks for nothing more, and resumes with a new period', async () => {
    const { clock, customer, id } = await subscribed();
    const paused = await c.stripe.subscriptions.pause(id);
    expect(paused).toMatchObject({
      status: 'paused',
      status_details: {
        paused: { subscription: { type: 'pause_requested' }, transitioned_at: HALF, type: 'subscription' },
      },
      items: { data: [{ current_period_start: seconds(START), current_period_end: HALF }] },
    });
    expect(await amountsOf(customer)).toEqual([-1500]);
    expect(await c.events('customer.subscription.paused', id)).toHaveLength(1);
    const [updated] = await c.events('customer.subscription.updated', id);
    expect(updated?.data.previous_attributes).toMatchObject({ status: 'active', status_details: null });

    await clock.advance('2026-05-10T00:00:00Z');
    expect(await invoicesOf(id)).toHaveLength(1);
    const resumed = await c.stripe.subscriptions.resume(id);
    expect(resumed).toMatchObject({ status: 'active', billing_cycle_anchor: clock.now });
    expect(resumed.status_details?.paused).toBeUndefined();
    expect((await invoicesOf(id))[0]).toMatchObject({ status: 'paid', total: 1500 });
    expect(await c.events('customer.subscription.resumed', id)).toHaveLength(1);
  });

  test.each([
    ['now', [-1500]],
    ['item_current_period_start', [-3000]],
    ['none', []],
  ])('gives back unused time from %s', async (type, amounts) => {
    const { customer, id } = await subscribed();
    await c.stripe.subscriptions.pause(id, { type: 'subscription', bill_for: { unused_time_from: { type } } });
    expect(await amountsOf(customer)).toEqual(amounts);
  });

  test.each([
    ['now', 700],
    ['none', undefined],
  ])('asks for usage through %s', async (type, amount) => {
    const event_name = `calls_${randomUUID()}`;
    const { id: meter } = await c.stripe.billing.meters.create({
      display_name: 'Calls',
      event_name,
      default_aggregation: { formula: 'sum' },
    });
    const price = await c.price(100, { recurring: { interval: 'month', usage_type: 'metered', meter } });
    const { customer, id } = await subscribed({ items: [{ price }] });
    await c.stripe.billing.meterEvents.create({
      event_name,
      timestamp: seconds('2026-04-10T00:00:00Z'),
      payload: { stripe_customer_id: customer, value: '7' },
    });
    const range = { start_time: seconds(START), end_time: HALF };
    await until(
      () => c.stripe.billing.meters.listEventSummaries(meter, { customer, ...range }),
      ({ data }) => data[0]?.aggregated_value === 7,
    );
    await c.stripe.subscriptions.pause(id, { bill_for: { outstanding_usage_through: { type } } });
    expect((await amountsOf(customer))[0]).toBe(amount);
  });

  test('is invoiced at once, as a preview says, if that is asked for and there is anything', async () => {
    const { customer, id } = await subscribed();
    const pause = { invoicing_behavior: 'invoice' };
    const preview = await c.stripe.invoices.createPreview({ subscription: id, subscription_details: { pause } });
    const paused = await c.stripe.subscriptions.pause(id, pause);
    const invoice = await c.stripe.invoices.retrieve(ref(paused.latest_invoice));
    expect([preview.total, invoice.total, invoice.status, paused.status]).toEqual([-1500, -1500, 'paid', 'paused']);
    expect(await amountsOf(customer)).toEqual([]);
    expect(await c.stripe.customers.retrieve(customer)).toMatchObject({ balance: -1500 });

    const other = await subscribed();
    const nothing = { ...pause, bill_for: { unused_time_from: { type: 'none' } } };
    const none = c.stripe.invoices.createPreview({ subscription: other.id, subscription_details: { pause: nothing } });
    expect(await failure(none)).toMatchObject({ code: 'invoice_upcoming_none' });
    await c.stripe.subscriptions.pause(other.id, nothing);
    expect(await invoicesOf(other.id)).toHaveLength(1);
  });

  test('has no next invoice, but one that would resume it', async () => {
    const { id } = await subscribed();
    await c.stripe.subscriptions.pause(id);
    const next = c.stripe.invoices.createPreview({ subscription: id });
    expect(await failure(next)).toMatchObject({ code: 'invoice_upcoming_none' });
    const details = { subscription: id, subscription_details: { resume_at: 'now' as const } };
    expect((await c.stripe.invoices.createPreview(details)).total).toBe(1500);
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('paused');
  });

  test('stays so when an invoice from before is paid', async () => {
    const { clock, customer, id } = await subscribed({}, null);
    await c.useCard(customer, 'pm_card_chargeCustomerFail');
    await clock.advance('2026-05-02T00:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('past_due');
    const { latest_invoice } = await c.stripe.subscriptions.pause(id);
    await c.useCard(customer, 'pm_card_visa');
    expect((await c.stripe.invoices.pay(ref(latest_invoice))).status).toBe('paid');
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('paused');
  });

  test('drops a change that waits for its payment', async () => {
    const { customer, id } = await subscribed();
    await c.useCard(customer, 'pm_card_chargeCustomerFail');
    const { latest_invoice, pending_update } = await c.stripe.subscriptions.update(id, {
      items: [{ id: (await c.stripe.subscriptions.retrieve(id)).items.data[0]?.id ?? '', quantity: 2 }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });
    expect(pending_update).not.toBeNull();
    expect(await c.stripe.subscriptions.pause(id)).toMatchObject({ status: 'paused', pending_update: null });
    expect((await c.stripe.invoices.retrieve(ref(latest_invoice))).status).toBe('void');
  });

  test('entitles to nothing until it is resumed', async () => {
    const entitlement_feature = (
      await c.stripe.entitlements.features.create({ lookup_key: `api-${randomUUID()}`, name: 'API' })
    ).id;
    const { id: product } = await c.stripe.products.create({ name: 'Plan' });
    await c.stripe.products.createFeature(product, { entitlement_feature });
    const { id: price } = await c.stripe.prices.create({
      product,
      currency: 'usd',
      unit_amount: 3000,
      recurring: { interval: 'month' },
    });
    const { customer, id } = await subscribed({ items: [{ price }] }, null);
    const entitled = (many: number) =>
      until(
        () => c.stripe.entitlements.activeEntitlements.list({ customer }),
        ({ data }) => data.length === many,
      );
    await entitled(1);
    await c.stripe.subscriptions.pause(id);
    await entitled(0);
    await c.stripe.subscriptions.resume(id);
    expect((await entitled(1)).data).toHaveLength(1);
  });

  test('may be so because its trial ended without a payment method', async () => {
    const clock = await c.clock(START);
    const customer = await c.customer(null, { test_clock: clock.id });
    const trial_end = seconds('2026-04-11T00:00:00Z');
    const { id } = await c.stripe.subscriptions.create({
      customer,
      items: [{ price: await c.price(3000) }],
      trial_end,
      trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
    });
    await clock.advance('2026-04-11T02:00:00Z');
    expect((await c.stripe.subscriptions.retrieve(id)).status_details).toEqual({
      paused: {
        subscription: { type: 'trial_end_without_payment_method' },
        transitioned_at: trial_end,
        type: 'subscription',
      },
    });
  });
});

// https://docs.stripe.com/billing/subscriptions/pause#limitations
describe('what cannot be paused', () => {
  test.each<[string, Partial<Stripe.SubscriptionCreateParams>]>([
    ['a trial', { trial_period_days: 5 }],
    ['what is sent an invoice', { collection_method: 'send_invoice', days_until_due: 5 }],
    ['classic billing', { billing_mode: { type: 'classic' } }],
  ])('%s', async (_what, more) => {
    const { id } = await subscribed(more, null);
    expect(await failure(c.stripe.subscriptions.pause(id))).toMatchObject({ statusCode: 400 });
    expect((await c.stripe.subscriptions.retrieve(id)).status).not.toBe('paused');
  });

  test('what has a schedule; nor can what is paused be given one, or be paused again', async () => {
    const { id } = await subscribed({}, null);
    const { id: schedule } = await c.stripe.subscriptionSchedules.create({ from_subscription: id });
    const refusal = { type: 'StripeInvalidRequestError', statusCode: 400 };
    expect(await failure(c.stripe.subscriptions.pause(id))).toMatchObject(refusal);
    await c.stripe.subscriptionSchedules.release(schedule);
    await c.stripe.subscriptions.pause(id);
    expect(await failure(c.stripe.subscriptions.pause(id))).toMatchObject(refusal);
    expect(await failure(c.stripe.subscriptionSchedules.create({ from_subscription: id }))).toMatchObject(refusal);
    await c.stripe.subscriptions.cancel(id);
    expect(await failure(c.stripe.subscriptions.pause(id))).toMatchObject(refusal);
  });
});
