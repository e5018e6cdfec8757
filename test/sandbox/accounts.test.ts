import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { Receiver, TestSandbox } from './support.js';

const price = async (stripe: Stripe, stripeAccount: string) =>
  stripe.prices.create(
    { currency: 'usd', unit_amount: 1000, recurring: { interval: 'month' }, product_data: { name: 'Theirs' } },
    { stripeAccount },
  );

test('subscriptions of a connected account renew among its own objects, also after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const stateFile = join(folder, 'state.sqlite');
  let world = await TestSandbox.start({ stateFile });
  const { id: stripeAccount } = await world.stripe.accounts.create({ type: 'express' });
  const on = { stripeAccount };
  const customer = await world.stripe.customers.create({ payment_method: 'pm_card_visa' }, on);
  const [method] = (await world.stripe.customers.listPaymentMethods(customer.id, {}, on)).data;
  const subscription = await world.stripe.subscriptions.create(
    {
      customer: customer.id,
      items: [{ price: (await price(world.stripe, stripeAccount)).id }],
      default_payment_method: method?.id ?? '',
    },
    on,
  );
  await world.advance('32d');
  await world.close();
  world = await TestSandbox.start({ stateFile });
  await world.advance('31d');
  const invoices = await world.stripe.invoices.list({ subscription: subscription.id }, on);
  expect(invoices.data.map(({ status }) => status)).toEqual(['paid', 'paid', 'paid']);
  expect((await world.stripe.invoices.list()).data).toEqual([]);
  expect(await world.eventTypes()).toEqual([]);
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

test('its events go to the endpoints that listen to connected accounts, and to no others', async () => {
  const [own, connect] = [await Receiver.start(), await Receiver.start()];
  const world = await TestSandbox.start();
  const { id: stripeAccount } = await world.stripe.accounts.create({ type: 'standard' });
  await world.stripe.webhookEndpoints.create({ url: own.url, enabled_events: ['*'] });
  await world.stripe.webhookEndpoints.create({ url: connect.url, enabled_events: ['*'], connect: true });
  await world.stripe.customers.create({});
  await world.stripe.products.create({ name: 'Theirs' }, { stripeAccount });
  await world.stripe.accounts.update(stripeAccount, { email: 'new@example.com' });
  await world.control('POST', 'settle');
  expect(own.types()).toEqual(['customer.created']);
  expect(connect.types().toSorted((one, other) => one.localeCompare(other))).toEqual([
    'account.updated',
    'product.created',
  ]);
  expect(connect.received.every(({ body }) => body.includes(`"account":"${stripeAccount}"`))).toBe(true);
  await Promise.all([world.close(), own.close(), connect.close()]);
});

test('a test clock of a connected account is refused by name', async () => {
  const world = await TestSandbox.start();
  const { id: stripeAccount } = await world.stripe.accounts.create({});
  await expect(
    world.stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 }, { stripeAccount }),
  ).rejects.toMatchObject({ statusCode: 400 });
  await world.close();
});
