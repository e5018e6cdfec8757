import type Stripe from 'stripe';
import type { Lot } from './lot.js';
import type { World } from './world.js';

/** What a customer's life has come to, as Stripe knows it. */
export interface Standing {
  /** Stripe's id. */
  customer: string;
  /** Not ended; null: none. */
  subscription: Stripe.Subscription | null;
  payments: Stripe.PaymentIntent[];
  /** Attached ones. */
  cards: Stripe.PaymentMethod[];
}

export interface Scene extends Standing {
  world: World;
  lot: Lot;
  /** What makes names unique: the customer's number and how many acts there were before. */
  tag: string;
}

interface Act {
  name: string;
  /** How often it is chosen, in relation to the others that are possible. */
  weight: number;
  possible: (standing: Standing) => boolean;
  perform: (scene: Scene) => Promise<unknown>;
}

const GOOD_CARDS = ['pm_card_visa', 'pm_card_mastercard', 'pm_card_amex'];
/** Attaches, then fails whenever it is charged. */
const BAD_CARD = 'pm_card_chargeCustomerFail';
const ASKING_CARD = 'pm_card_authenticationRequired';
const REFUSED_CARD = 'pm_card_chargeDeclinedInsufficientFunds';
const PLANS = ['starter', 'pro', 'business'];

/**
 * All that may happen in a customer's life. A feature that is added to the house joins with a line; what is not possible as
 * things stand is not chosen. Whether the house grants or refuses it, everything must come to rest in order.
 */
export const acts: readonly Act[] = [
  {
    name: 'subscribe',
    weight: 60,
    possible: ({ subscription }) => subscription === null,
    perform: ({ world, lot, customer }) =>
      world.app.ask('POST', '/v1/subscriptions', {
        customer,
        plan: lot.pick(PLANS),
        interval: lot.chance(0.5) ? 'month' : 'year',
        ...(lot.chance(0.7) && { trial_days: 0 }),
        payment_method: anyCard(lot),
      }),
  },
  {
    name: 'subscribe twice at once',
    weight: 3,
    possible: ({ subscription }) => subscription === null,
    perform: async ({ world, lot, customer }) => {
      const body = {
        customer,
        plan: lot.pick(PLANS),
        interval: 'month',
        trial_days: 0,
        payment_method: 'pm_card_visa',
      };
      await Promise.all([1, 2].map(() => world.app.ask('POST', '/v1/subscriptions', body)));
    },
  },
  {
    name: 'change the plan',
    weight: 8,
    possible: changeable,
    perform: ({ world, lot, subscription }) =>
      world.app.ask('POST', `/v1/subscriptions/${subscription?.id}/change`, {
        plan: lot.pick(PLANS),
        ...(lot.chance(0.3) && { quantity: lot.whole(1, 5) }),
        ...(lot.chance(0.1) && { interval: lot.pick(['month', 'year']) }),
      }),
  },
  {
    name: 'change the plan twice at once',
    weight: 1,
    possible: changeable,
    perform: async ({ world, subscription }) => {
      const path = `/v1/subscriptions/${subscription?.id}/change`;
      await Promise.all(['pro', 'business'].map((plan) => world.app.ask('POST', path, { plan })));
    },
  },
  {
    name: 'cancel at the end of the period',
    weight: 4,
    possible: changeable,
    perform: ({ world, subscription }) =>
      world.app.ask('POST', `/v1/subscriptions/${subscription?.id}/cancel`, { at: 'period_end' }),
  },
  {
    name: 'cancel now',
    weight: 2,
    possible: ({ subscription }) => subscription !== null,
    perform: ({ world, subscription }) =>
      world.app.ask('POST', `/v1/subscriptions/${subscription?.id}/cancel`, { at: 'now' }),
  },
  {
    name: 'resume',
    weight: 6,
    possible: ({ subscription }) =>
      subscription !== null && (subscription.cancel_at !== null || subscription.status === 'paused'),
    perform: ({ world, subscription }) => world.app.ask('POST', `/v1/subscriptions/${subscription?.id}/resume`, {}),
  },
  {
    name: 'the card goes bad',
    weight: 5,
    possible: ({ subscription }) => subscription !== null,
    perform: ({ world, customer }) => attach(world, customer, BAD_CARD),
  },
  {
    name: 'a new card',
    weight: 8,
    possible: () => true,
    perform: ({ world, lot, customer }) => attach(world, customer, lot.pick(GOOD_CARDS)),
  },
  {
    name: 'remove a card',
    weight: 1,
    possible: ({ cards }) => cards.length > 0,
    perform: ({ world, lot, customer, cards }) =>
      world.app.ask('DELETE', `/v1/customers/${customer}/payment_methods/${lot.pick(cards).id}`),
  },
  {
    name: 'answer the bank',
    weight: 60,
    possible: ({ payments }) => payments.some(waitsForBank),
    perform: ({ world, lot, payments }) =>
      tolerantly(
        world.controls.post(`payment_intents/${payments.find(waitsForBank)?.id}/authenticate`, {
          outcome: lot.chance(0.8) ? 'succeed' : 'fail',
        }),
      ),
  },
  {
    name: 'pay once',
    weight: 8,
    possible: () => true,
    perform: ({ world, lot, customer, tag }) =>
      world.app.ask('POST', '/v1/payments', {
        customer,
        amount: lot.whole(100, 50_000),
        currency: 'eur',
        payment_method: anyCard(lot),
        confirm: true,
        capture: lot.chance(0.25) ? 'manual' : 'automatic',
        order_id: `order_${tag}`,
        customer_ip: anyAddress(lot),
      }),
  },
  {
    name: 'confirm with another card',
    weight: 10,
    possible: ({ payments }) => payments.some(isOneOffDeclined),
    perform: ({ world, lot, payments }) =>
      world.app.ask('POST', `/v1/payments/${payments.find(isOneOffDeclined)?.id}/confirm`, {
        payment_method: lot.pick(GOOD_CARDS),
        customer_ip: anyAddress(lot),
      }),
  },
  {
    name: 'capture',
    weight: 15,
    possible: ({ payments }) => payments.some(isAuthorized),
    perform: ({ world, lot, payments }) => {
      const payment = payments.find(isAuthorized);
      const amount = lot.chance(0.3) ? lot.whole(50, payment?.amount_capturable ?? 50) : undefined;
      return world.app.ask('POST', `/v1/payments/${payment?.id}/capture`, { ...(amount && { amount }) });
    },
  },
  {
    name: 'cancel a payment',
    weight: 6,
    possible: ({ payments }) => payments.some((payment) => isAuthorized(payment) || isOneOffDeclined(payment)),
    perform: ({ world, payments }) => {
      const payment = payments.find((one) => isAuthorized(one) || isOneOffDeclined(one));
      return world.app.ask('POST', `/v1/payments/${payment?.id}/cancel`, {});
    },
  },
  {
    name: 'refund',
    weight: 4,
    possible: ({ payments }) => payments.some(isPaid),
    perform: ({ world, lot, payments }) => {
      const payment = lot.pick(payments.filter(isPaid));
      const amount = lot.chance(0.5) ? lot.whole(1, payment.amount_received) : undefined;
      return world.app.ask('POST', '/v1/refunds', { payment: payment.id, ...(amount && { amount }) });
    },
  },
  {
    name: 'move house',
    weight: 4,
    possible: () => true,
    perform: ({ world, lot, customer, tag }) =>
      world.app.ask('PATCH', `/v1/customers/${customer}`, {
        email: `${tag}@example.com`,
        ...(lot.chance(0.5) && { locale: lot.pick(['en', 'de']) }),
        metadata: { moved: tag },
      }),
  },
  {
    name: 'be deleted',
    weight: 0.7,
    possible: () => true,
    perform: ({ world, customer }) => world.app.ask('DELETE', `/v1/customers/${customer}`),
  },

  // What somebody does in Stripe's dashboard, of which the house hears by events alone.
  {
    name: 'dashboard: rename the customer',
    weight: 2,
    possible: () => true,
    perform: ({ world, customer, tag }) =>
      tolerantly(world.stripe.customers.update(customer, { name: `Renamed ${tag}` })),
  },
  {
    name: 'dashboard: other quantity',
    weight: 1.5,
    possible: changeable,
    perform: ({ world, lot, subscription }) =>
      tolerantly(
        world.stripe.subscriptions.update(subscription?.id ?? '', {
          items: [{ id: subscription?.items.data[0]?.id ?? '', quantity: lot.whole(1, 9) }],
        }),
      ),
  },
  {
    name: 'dashboard: cancel at the end of the period, or not',
    weight: 1.5,
    possible: changeable,
    perform: ({ world, subscription }) =>
      tolerantly(
        world.stripe.subscriptions.update(subscription?.id ?? '', {
          cancel_at_period_end: subscription?.cancel_at_period_end === false,
        }),
      ),
  },
  {
    name: 'dashboard: cancel now',
    weight: 0.7,
    possible: changeable,
    perform: ({ world, subscription }) => tolerantly(world.stripe.subscriptions.cancel(subscription?.id ?? '')),
  },
  {
    name: 'dashboard: refund',
    weight: 1,
    possible: ({ payments }) => payments.some(isPaid),
    perform: ({ world, lot, payments }) =>
      tolerantly(world.stripe.refunds.create({ payment_intent: lot.pick(payments.filter(isPaid)).id })),
  },
  {
    name: 'dashboard: void what is owed',
    weight: 1,
    possible: ({ subscription }) => subscription?.status === 'past_due',
    perform: ({ world, subscription }) =>
      tolerantly(world.stripe.invoices.voidInvoice(idOf(subscription?.latest_invoice))),
  },
  {
    name: 'dashboard: detach a card',
    weight: 0.7,
    possible: ({ cards }) => cards.length > 1,
    perform: ({ world, lot, cards }) => tolerantly(world.stripe.paymentMethods.detach(lot.pick(cards).id)),
  },
  {
    name: 'dashboard: change and change back at once',
    weight: 1,
    possible: () => true,
    perform: async ({ world, customer, tag }) => {
      for (const name of [`Misspelt ${tag}`, null, `Misspelt ${tag}`])
        await tolerantly(world.stripe.customers.update(customer, { name: name ?? '' }));
    },
  },
  {
    name: 'dashboard: delete the customer',
    weight: 0.3,
    possible: () => true,
    perform: ({ world, customer }) => tolerantly(world.stripe.customers.del(customer)),
  },
];

function attach(world: World, customer: string, payment_method: string): Promise<unknown> {
  return world.app.ask('POST', `/v1/customers/${customer}/payment_methods`, { payment_method });
}

function anyCard(lot: Lot): string {
  if (lot.chance(0.8)) return lot.pick(GOOD_CARDS);
  return lot.pick([ASKING_CARD, REFUSED_CARD, BAD_CARD]);
}

/** Attempts to pay are counted by address and in real time, and months pass in a minute. */
function anyAddress(lot: Lot): string {
  return `203.0.${lot.whole(0, 255)}.${lot.whole(1, 254)}`;
}

function idOf(reference: string | { id: string } | null | undefined): string {
  return typeof reference === 'string' ? reference : (reference?.id ?? '');
}

function changeable({ subscription }: Standing): boolean {
  return (
    subscription?.status === 'active' || subscription?.status === 'trialing' || subscription?.status === 'past_due'
  );
}

function waitsForBank({ status }: Stripe.PaymentIntent): boolean {
  return status === 'requires_action';
}

function isAuthorized({ status }: Stripe.PaymentIntent): boolean {
  return status === 'requires_capture';
}

function isOneOffDeclined({ status, metadata }: Stripe.PaymentIntent): boolean {
  return status === 'requires_payment_method' && metadata['order_id'] !== undefined;
}

function isPaid({ status, amount_received }: Stripe.PaymentIntent): boolean {
  return status === 'succeeded' && amount_received > 0;
}

/** What somebody else was quicker with, or a fault of Stripe's strikes, is not done. */
async function tolerantly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}
