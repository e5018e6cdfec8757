import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Observer } from './support/observer.js';
import type { Seen } from './support/observer.js';
import { World } from './support/world.js';

/**
 * One customer's life, told month by month: exactly the domain events, e-mails, outbound webhooks and Stripe calls of each
 * step, and what access says after it. Nothing more may happen, and nothing less.
 */

let world: World;
let observer: Observer;

beforeAll(async () => {
  world = await World.open({ now: '2026-01-10T09:00:00Z' });
  // Answers come before the events that tell the same, so that the calls of a step do not depend on which is quicker.
  await world.sandbox.mischief({ deliveries: { delay_ms: 40 } });
  observer = await Observer.watch(world);
});

afterAll(async () => {
  await world.close();
  await observer.close();
});

interface Step {
  name: string;
  act: () => Promise<unknown>;
  access: string;
  events: string[];
  emails: string[];
  calls: string[];
}

const steps: Step[] = [
  {
    name: '10 January: Ada signs up',
    act: () => world.api.post('/v1/customers', { external_id: 'ada', name: 'Ada', email: 'ada@example.com' }),
    access: 'no: no_subscription',
    events: ['customer.created'],
    emails: [],
    calls: ['POST /v1/customers'],
  },
  {
    name: 'she subscribes to Pro',
    act: () =>
      world.api.post('/v1/subscriptions', {
        customer: 'ada',
        plan: 'pro',
        interval: 'month',
        currency: 'eur',
        trial_days: 0,
        payment_method: 'pm_card_visa',
      }),
    access: 'yes: paid',
    // The customer changes twice: the default payment method is ours, the currency is Stripe's doing.
    events: [
      'access.changed',
      'customer.updated',
      'customer.updated',
      'invoice.paid',
      'payment.succeeded',
      'payment_method.attached',
      'subscription.activated',
      'subscription.created',
    ],
    emails: ['Welcome to Pro', 'Your receipt for €49.00'],
    // Both changes of the customer fall into one second: that the one which sets its currency is the later need not be asked.
    calls: ['POST /v1/customers/cus_…', 'POST /v1/payment_methods/pm_…/attach', 'POST /v1/subscriptions'],
  },
  {
    name: '11 February: the renewal was paid',
    act: () => world.sandbox.advance('32d'),
    access: 'yes: paid',
    events: ['invoice.paid', 'payment.succeeded', 'subscription.renewed'],
    emails: ['Your receipt for €49.00'],
    calls: [],
  },
  {
    name: 'her new card will be declined',
    act: () => attach('pm_card_chargeCustomerFail'),
    access: 'yes: paid',
    events: ['customer.updated', 'payment_method.attached'],
    emails: [],
    calls: ['POST /v1/customers/cus_…', 'POST /v1/payment_methods/pm_…/attach'],
  },
  {
    name: '11 March: the renewal has failed, grace has begun',
    act: () => world.sandbox.advance('28d'),
    access: 'yes: grace',
    events: ['invoice.payment_failed', 'payment.failed', 'subscription.past_due', 'subscription.renewed'],
    emails: ['Your payment of €49.00 did not go through'],
    // Its payment is made and fails within one second; of the invoice the count of attempts tells which came first.
    calls: ['GET /v1/payment_intents/pi_…'],
  },
  {
    name: '14 March: the second attempt has failed',
    act: () => world.sandbox.advance('3d'),
    access: 'yes: grace',
    events: ['invoice.payment_failed', 'payment.failed'],
    emails: ['Your payment of €49.00 did not go through'],
    calls: [],
  },
  {
    name: '15 March: a reminder',
    act: () => world.sandbox.advance('1d'),
    access: 'yes: grace',
    events: ['dunning.reminder_due'],
    emails: ['Your access to Pro ends in 3 days'],
    calls: [],
  },
  {
    name: '16 March: the third attempt has failed',
    act: () => world.sandbox.advance('1d'),
    access: 'yes: grace',
    events: ['invoice.payment_failed', 'payment.failed'],
    emails: ['Your payment of €49.00 did not go through'],
    calls: [],
  },
  {
    name: '17 March: the last notice',
    act: () => world.sandbox.advance('1d'),
    access: 'yes: grace',
    events: ['dunning.reminder_due'],
    emails: ['Your access to Pro ends tomorrow'],
    calls: [],
  },
  {
    name: '18 March: grace is over, with the fourth attempt',
    act: () => world.sandbox.advance('1d'),
    access: 'no: grace_ended',
    events: ['access.changed', 'invoice.payment_failed', 'payment.failed'],
    emails: ['Your access to Pro has been paused'],
    calls: [],
  },
  {
    name: 'a good card: the open invoice is paid and access is back',
    // In a second of its own: what follows the last attempt within one second is asked for, whoever is first.
    act: () => world.sandbox.advance('1m').then(() => attach('pm_card_visa')),
    access: 'yes: paid',
    events: [
      'access.changed',
      'customer.updated',
      'invoice.paid',
      'payment.succeeded',
      'payment_method.attached',
      'subscription.activated',
    ],
    emails: ['Your access to Pro is back', 'Your receipt for €49.00'],
    calls: [
      'GET /v1/customers/cus_…',
      'GET /v1/subscriptions/sub_…',
      'POST /v1/customers/cus_…',
      'POST /v1/invoices/in_…/pay',
      'POST /v1/payment_methods/pm_…/attach',
    ],
  },
  {
    name: '18 April: the next renewal was paid',
    act: () => world.sandbox.advance('31d'),
    access: 'yes: paid',
    events: ['invoice.paid', 'payment.succeeded', 'subscription.renewed'],
    emails: ['Your receipt for €49.00'],
    calls: [],
  },
  {
    name: 'she cancels at the end of the period',
    act: async () => world.api.post(`/v1/subscriptions/${await subscription()}/cancel`, { at: 'period_end' }),
    access: 'yes: cancels_at_period_end',
    events: ['subscription.cancellation_scheduled'],
    emails: ['Your subscription to Pro ends on May 10, 2026'],
    // A change is decided on what Stripe holds now.
    calls: ['GET /v1/subscriptions/sub_…', 'POST /v1/subscriptions/sub_…'],
  },
  {
    name: '19 May: it has ended',
    act: () => world.sandbox.advance('31d'),
    access: 'no: canceled',
    events: ['access.changed', 'subscription.canceled'],
    emails: ['Your subscription to Pro has ended'],
    calls: [],
  },
];

describe('the life of a subscription', () => {
  test.each(steps.map((step) => [step.name, step] as const))(
    '%s',
    async (_, { act, access, events, emails, calls }) => {
      const answer = await act();
      if (typeof answer === 'object' && answer !== null && 'status' in answer) expect(answer.status).toBeLessThan(300);
      const expected: Seen = { events, emails, webhooks: events, calls };
      expect(await observer.see()).toEqual(expected);
      expect(await check()).toBe(access);
    },
  );
});

function attach(payment_method: string) {
  return world.api.post('/v1/customers/ada/payment_methods', { payment_method });
}

async function subscription(): Promise<string> {
  const { body } = await world.api.get<{ data: Array<{ id: string }> }>('/v1/subscriptions?customer=ada');
  return body.data[0]?.id ?? '';
}

async function check(): Promise<string> {
  const { body } = await world.api.get<{ allowed: boolean; why: { rule: string } }>(
    '/v1/access/check?customer=ada&feature=api_access',
  );
  return `${body.allowed ? 'yes' : 'no'}: ${body.why.rule}`;
}
