import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { TestSandbox } from './support.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
const JANUARY = Date.parse('2026-01-01T00:00:00Z') / 1000;
const DAY = 86_400;

test('a test clock that was interrupted goes on when the sandbox starts again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  folders.push(folder);
  const stateFile = join(folder, 'state.db');
  const first = await TestSandbox.start({ stateFile });
  const clock = await first.stripe.testHelpers.testClocks.create({ frozen_time: JANUARY });
  const customer = await first.stripe.customers.create({ test_clock: clock.id, payment_method: 'pm_card_visa' });
  const price = await first.price(1000, { interval: 'day' });
  const subscription = await first.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price }],
    trial_period_days: 1,
  });
  const told = await first.stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: JANUARY + 2 * DAY });
  expect(told).toMatchObject({
    status: 'advancing',
    frozen_time: JANUARY,
    status_details: { advancing: { target_frozen_time: JANUARY + 2 * DAY } },
  });
  await first.close();
  const second = await TestSandbox.start({ stateFile });
  await second.control('POST', 'settle');
  expect(await second.stripe.testHelpers.testClocks.retrieve(clock.id)).toMatchObject({
    status: 'ready',
    frozen_time: JANUARY + 2 * DAY,
  });
  expect((await second.stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(3);
  await second.close();
});

test('the sandbox’s own clock leaves test clocks where they are, and deletes them when they are old', async () => {
  const world = await TestSandbox.start();
  const { testClocks } = world.stripe.testHelpers;
  const clock = await testClocks.create({ frozen_time: JANUARY });
  await world.advance('29d');
  expect((await testClocks.retrieve(clock.id)).frozen_time).toBe(JANUARY);
  await world.advance('2d');
  await expect(testClocks.retrieve(clock.id)).rejects.toMatchObject({ statusCode: 404 });
  await world.close();
});

test('a schedule that is to begin counts among the three subscriptions of a customer', async () => {
  const world = await TestSandbox.start();
  const { stripe } = world;
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: JANUARY });
  const { id: customer } = await stripe.customers.create({ test_clock: clock.id });
  const { id: default_payment_method } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method } });
  const items = [{ price: await world.price(1000) }];
  const phases = [{ items, duration: { interval: 'month' as const } }];
  const plan = (start_date: number | 'now') =>
    stripe.subscriptionSchedules.create({ customer, phases, start_date, end_behavior: 'release' });
  const subscribe = () => stripe.subscriptions.create({ customer, items });
  await subscribe();
  await plan('now');
  await plan(JANUARY + DAY);
  for (const makeFourth of [subscribe, () => plan('now'), () => plan(JANUARY + 2 * DAY)])
    await expect(makeFourth()).rejects.toMatchObject({ statusCode: 400, param: 'customer' });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: JANUARY + 3 * DAY });
  await world.control('POST', 'settle');
  expect((await stripe.subscriptions.list({ customer })).data).toHaveLength(3);
  await world.close();
});
