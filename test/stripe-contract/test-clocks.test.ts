import { describe, expect, test } from '@jest/globals';
import { contract, ref, seconds } from './support.js';

const c = contract();
const ids = ({ data }: { data: { id: string }[] }) => data.map((one) => one.id);

describe('a test clock', () => {
  test('is made at a moment of the past or the future, is found and listed', async () => {
    const clock = await c.clock('2026-03-01T00:00:00Z');
    const found = await c.stripe.testHelpers.testClocks.retrieve(clock.id);
    expect(found).toMatchObject({
      object: 'test_helpers.test_clock',
      frozen_time: seconds('2026-03-01T00:00:00Z'),
      name: 'contract',
      status: 'ready',
      livemode: false,
    });
    // https://support.stripe.com/questions/data-retention-policy-for-test-subscriptions
    expect(found.deletes_after - found.created).toBe(30 * 86_400);
    const { data } = await c.stripe.testHelpers.testClocks.list({ limit: 100 });
    expect(data.map(({ id }) => id)).toContain(clock.id);
    expect(await c.events('test_helpers.test_clock.created', clock.id)).toHaveLength(1);
  });

  test('owns its customers and what is theirs, in its time', async () => {
    const clock = await c.clock('2026-03-01T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const subscription = await c.stripe.subscriptions.create({
      customer,
      items: [{ price: await c.price(1000) }],
      expand: ['latest_invoice'],
    });
    expect(subscription).toMatchObject({
      status: 'active',
      test_clock: clock.id,
      created: clock.now,
      billing_cycle_anchor: clock.now,
      latest_invoice: { test_clock: clock.id, created: clock.now, status_transitions: { paid_at: clock.now } },
    });
    expect(subscription.items.data[0]?.current_period_end).toBe(seconds('2026-04-01T00:00:00Z'));
  });

  test('hides its customers and subscriptions from lists that do not ask for it', async () => {
    const clock = await c.clock('2026-03-01T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id, email: `${clock.id}@example.com` });
    const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    const { customers, subscriptions } = c.stripe;
    expect(ids(await customers.list({ email: `${clock.id}@example.com` }))).toEqual([]);
    expect(ids(await customers.list({ test_clock: clock.id }))).toEqual([customer]);
    expect(ids(await subscriptions.list({ limit: 100 }))).not.toContain(id);
    expect(ids(await subscriptions.list({ test_clock: clock.id }))).toEqual([id]);
    expect(ids(await subscriptions.list({ customer }))).toEqual([id]);
  });

  test('when advanced lets everything due happen in order, and is ready at the end', async () => {
    const clock = await c.clock('2026-01-31T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    await clock.advance('2026-02-28T02:00:00Z');
    await clock.advance('2026-03-31T02:00:00Z');
    const ready = await clock.ready();
    expect(ready).toMatchObject({ status: 'ready', frozen_time: clock.now });
    const { data } = await c.stripe.invoices.list({ subscription: id });
    expect(data.map(({ status, billing_reason, created }) => [status, billing_reason, created])).toEqual([
      ['paid', 'subscription_cycle', seconds('2026-03-31T00:00:00Z')],
      ['paid', 'subscription_cycle', seconds('2026-02-28T00:00:00Z')],
      ['paid', 'subscription_create', seconds('2026-01-31T00:00:00Z')],
    ]);
    expect(await c.events('test_helpers.test_clock.advancing', clock.id, 2)).toHaveLength(2);
    expect(await c.events('test_helpers.test_clock.ready', clock.id, 2)).toHaveLength(2);
  });

  test('moves nothing of other customers', async () => {
    const clock = await c.clock('2026-01-31T00:00:00Z');
    const other = await c.clock('2026-01-31T00:00:00Z');
    const price = await c.price(1000);
    const customer = await c.customer('pm_card_visa', { test_clock: other.id });
    const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price }] });
    await clock.advance({ days: 60 });
    expect((await c.stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
  });

  test('never goes back, and not further than two intervals of its shortest subscription', async () => {
    const clock = await c.clock('2026-01-31T00:00:00Z');
    const go = (at: string) => c.stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: seconds(at) });
    const refused = { type: 'StripeInvalidRequestError', statusCode: 400 };
    await expect(go('2026-01-30T00:00:00Z')).rejects.toMatchObject(refused);
    await expect(go('2028-02-01T00:00:00Z')).rejects.toMatchObject(refused);
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    await expect(go('2026-04-02T00:00:00Z')).rejects.toMatchObject(refused);
    await clock.advance('2026-03-31T00:00:00Z');
  });

  // https://github.com/stripe/stripe-python/issues/1183: payments keep real time
  test('leaves payments and events in real time', async () => {
    const clock = await c.clock('2020-01-01T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const subscription = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    const [intent] = (await c.stripe.paymentIntents.list({ customer })).data;
    expect(intent?.created).toBeGreaterThan(seconds('2026-01-01T00:00:00Z'));
    const [created] = await c.events('customer.subscription.created', subscription.id);
    // Where the documentation is silent: an event of 2020 could not be listed, so its time must be the real one.
    expect(created?.created).toBeGreaterThan(seconds('2026-01-01T00:00:00Z'));
  });

  test('takes its customers with it when it is deleted', async () => {
    const clock = await c.clock('2026-01-31T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const { id } = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    expect(await c.stripe.testHelpers.testClocks.del(clock.id)).toEqual(
      expect.objectContaining({ id: clock.id, object: 'test_helpers.test_clock', deleted: true }),
    );
    await expect(c.stripe.testHelpers.testClocks.retrieve(clock.id)).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    expect(await c.stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
    expect((await c.stripe.subscriptions.retrieve(id)).status).toBe('canceled');
  });

  test('has three customers at most', async () => {
    const clock = await c.clock('2026-01-31T00:00:00Z');
    for (let made = 0; made < 3; made += 1) await c.stripe.customers.create({ test_clock: clock.id });
    await expect(c.stripe.customers.create({ test_clock: clock.id })).rejects.toMatchObject({ statusCode: 400 });
  });

  // https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage
  test('has three subscriptions of a customer at most', async () => {
    const clock = await c.clock('2026-01-31T00:00:00Z');
    const customer = await c.customer('pm_card_visa', { test_clock: clock.id });
    const subscribe = async () => c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    for (let made = 0; made < 3; made += 1) await subscribe();
    await expect(subscribe()).rejects.toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
  });

  // https://docs.stripe.com/changelog/dahlia/2026-05-27/test-clock-creation-customer-parameter
  test('may take a customer that is there already', async () => {
    const customer = await c.customer('pm_card_visa');
    const make = { frozen_time: seconds('2026-01-31T00:00:00Z'), customer };
    const clock = await c.stripe.testHelpers.testClocks.create(make);
    expect(await c.stripe.customers.retrieve(customer)).toMatchObject({ test_clock: clock.id });
    const subscription = await c.stripe.subscriptions.create({ customer, items: [{ price: await c.price(1000) }] });
    expect(subscription).toMatchObject({ test_clock: clock.id, start_date: clock.frozen_time });
    await expect(c.stripe.testHelpers.testClocks.create(make)).rejects.toMatchObject({ statusCode: 400 });
    await c.stripe.testHelpers.testClocks.del(clock.id);
  });

  test('that is not there has no customers', async () => {
    await expect(c.stripe.customers.create({ test_clock: 'clock_none' })).rejects.toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'test_clock',
    });
  });

  test('can be expanded where it is named', async () => {
    const clock = await c.clock('2026-01-31T00:00:00Z');
    const id = await c.customer(null, { test_clock: clock.id });
    expect(await c.stripe.customers.retrieve(id, { expand: ['test_clock'] })).toMatchObject({
      test_clock: { id: clock.id, frozen_time: clock.now },
    });
    expect(ref((await c.stripe.invoiceItems.create({ customer: id, amount: 100, currency: 'usd' })).test_clock)).toBe(
      clock.id,
    );
  });
});
