import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { TestSandbox } from './support.js';

let world: TestSandbox;
beforeEach(async () => {
  world = await TestSandbox.start();
});
afterEach(() => world.close());

/** On 31 January 2026, with a card that is good until the end of March. */
async function subscribe(): Promise<{ customer: string; card: string; subscription: string }> {
  const { stripe } = world;
  const customer = await world.customerWith('pm_card_visa');
  const [method] = (await stripe.paymentMethods.list({ customer })).data;
  const card = (await stripe.paymentMethods.update(method?.id ?? '', { card: { exp_month: 3, exp_year: 2026 } })).id;
  const price = await world.price();
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price }] });
  return { customer, card, subscription: subscription.id };
}

async function latestInvoice(subscription: string): Promise<Stripe.Invoice> {
  const { latest_invoice } = await world.stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice'] });
  if (latest_invoice === null || typeof latest_invoice === 'string') throw new Error('no invoice');
  return latest_invoice;
}

test('an expired card is charged as before, if nothing else is asked for', async () => {
  const { subscription } = await subscribe();
  await world.advance('4mo');
  await world.advance('2h');
  expect((await latestInvoice(subscription)).status).toBe('paid');
});

test('expired_cards: declined: it pays until the last day of its month, and no longer', async () => {
  await world.control('POST', 'settings', { expired_cards: 'declined' });
  const { subscription } = await subscribe();
  await world.control('POST', 'clock/advance', { to: '2026-03-31T23:59:59Z' });
  expect(await latestInvoice(subscription)).toMatchObject({ status: 'paid', billing_reason: 'subscription_cycle' });
  await world.advance('1mo');
  expect(await latestInvoice(subscription)).toMatchObject({ status: 'open', attempt_count: 1 });
  const [failed] = await world.eventsOf('charge.failed');
  expect(failed?.data.object).toMatchObject({ failure_code: 'expired_card' });
});

test('expired_cards: updated: its new date is told, and it goes on paying', async () => {
  await world.control('POST', 'settings', { expired_cards: 'updated' });
  const { subscription, card } = await subscribe();
  await world.control('POST', 'clock/advance', { to: '2026-03-31T23:59:59Z' });
  expect(await world.eventsOf('payment_method.automatically_updated')).toEqual([]);
  await world.control('POST', 'clock/advance', { to: '2026-04-01T00:00:00Z' });
  expect(await world.eventsOf('payment_method.automatically_updated')).toMatchObject([
    {
      created: Date.parse('2026-04-01T00:00:00Z') / 1000,
      data: {
        object: { id: card, card: { exp_month: 3, exp_year: 2029 } },
        previous_attributes: { card: { exp_year: 2026 } },
      },
    },
  ]);
  await world.advance('2mo');
  expect((await latestInvoice(subscription)).status).toBe('paid');
});

test('a detached card is nobody’s to update', async () => {
  await world.control('POST', 'settings', { expired_cards: 'updated' });
  const { card } = await subscribe();
  await world.stripe.paymentMethods.detach(card);
  await world.advance('3mo');
  expect(await world.eventsOf('payment_method.automatically_updated')).toEqual([]);
});
