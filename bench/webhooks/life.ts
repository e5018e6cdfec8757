import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';

/** Objects as the sandbox makes them, which every life is a copy of. */
export interface Templates {
  customer: Stripe.Customer;
  subscription: Stripe.Subscription;
  /** Its first invoice, paid. */
  invoice: Stripe.Invoice;
  /** The price that is changed to. */
  other: Stripe.Price;
  /** Both prices, and their products. */
  catalog: Array<Stripe.Price | Stripe.Product>;
}

export const EVENTS_PER_LIFE = 10;
const HOUR = 3600;
const DAY = 24 * HOUR;
/** Lives begin so many seconds after each other; of 2,000 the last begins before the first goes on. */
const APART = 20;

/**
 * Forty days of one subscription, as the bytes of its events: its customer, created and paid, renewed, a payment fails and
 * is made good after three days, another plan, a cancellation for the period's end. No moment of one object is
 * within a second of another, and nothing is missing in between, so there is no reason to ask Stripe.
 * @param now in seconds: when the last of them has just happened
 */
export function lifeOf(number: number, templates: Templates, now: number): string[] {
  const begun = now - 41 * DAY + number * APART;
  const events: string[] = [];
  const tell = (type: string, after: number, object: object, previous_attributes?: object) =>
    events.push(bodyOf(`${number} ${events.length}`, type, begun + after, object, previous_attributes));
  const [first, second] = [0, 1].map((month) => invoiceOf(number, month, templates, begun));
  let state = subscriptionOf(number, templates, begun);
  const change = (after: number, news: Partial<Stripe.Subscription>) => {
    const before = Object.fromEntries(Object.keys(news).map((key) => [key, Reflect.get(state, key)]));
    state = { ...state, ...news };
    tell('customer.subscription.updated', after, state, before);
  };

  // Without an address, so that no e-mail is rendered: those that it is measured against send none.
  const customer = { ...templates.customer, id: idOf('cus', number), email: null, created: begun - 5 };
  tell('customer.created', -5, customer);
  tell('customer.subscription.created', 0, state);
  tell('invoice.paid', 5, { ...first });
  const renewed = { current_period_start: begun + 30 * DAY, current_period_end: begun + 60 * DAY };
  change(30 * DAY, { items: itemsOf(state, renewed), latest_invoice: second?.id ?? null });
  tell('invoice.payment_failed', 30 * DAY + HOUR, { ...second, ...unpaid(begun + 33 * DAY) });
  change(30 * DAY + HOUR + 10, { status: 'past_due' });
  tell('invoice.paid', 33 * DAY, { ...second, attempt_count: 2 });
  change(33 * DAY + 10, { status: 'active' });
  change(35 * DAY, { items: itemsOf(state, { price: templates.other }) });
  change(39 * DAY, {
    cancel_at_period_end: true,
    cancel_at: renewed.current_period_end,
    canceled_at: begun + 39 * DAY,
  });
  return events;
}

function subscriptionOf(number: number, { subscription }: Templates, begun: number): Stripe.Subscription {
  const id = idOf('sub', number);
  const period = { current_period_start: begun, current_period_end: begun + 30 * DAY };
  const own = { ...period, id: idOf('si', number), subscription: id, created: begun };
  return {
    ...subscription,
    id,
    customer: idOf('cus', number),
    created: begun,
    start_date: begun,
    billing_cycle_anchor: begun,
    latest_invoice: idOf('in', number, 0),
    items: itemsOf(subscription, own),
  };
}

function itemsOf({ items }: Stripe.Subscription, news: Partial<Stripe.SubscriptionItem>): Stripe.Subscription['items'] {
  return { ...items, data: items.data.map((item) => ({ ...item, ...news })) };
}

function invoiceOf(number: number, month: number, { invoice }: Templates, begun: number): Stripe.Invoice {
  const at = begun + month * 30 * DAY;
  return {
    ...invoice,
    id: idOf('in', number, month),
    number: `BENCH-${number}-${month}`,
    customer: idOf('cus', number),
    billing_reason: month === 0 ? 'subscription_create' : 'subscription_cycle',
    created: at,
    parent: invoice.parent && {
      ...invoice.parent,
      subscription_details: { metadata: {}, subscription: idOf('sub', number) },
    },
    status_transitions: { ...invoice.status_transitions, finalized_at: at + HOUR, paid_at: at + HOUR },
  };
}

function unpaid(next: number): Partial<Stripe.Invoice> {
  return { status: 'open', amount_paid: 0, amount_remaining: 4900, attempt_count: 1, next_payment_attempt: next };
}

/** Of a part of the catalog, which is there before anybody buys. */
export function createdEvent(part: Stripe.Price | Stripe.Product): string {
  return bodyOf(part.id, `${part.object}.created`, part.created, part);
}

/** As Stripe spells them: indented by two. */
function bodyOf(key: string, type: string, created: number, object: object, previous_attributes?: object): string {
  const event = {
    id: idOf('evt', key),
    object: 'event',
    api_version: PINNED_API_VERSION,
    created,
    data: { object, ...(previous_attributes && { previous_attributes }) },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  };
  return JSON.stringify(event, null, 2);
}

/** Spread like Stripe's own ids, and the same at each run. */
function idOf(prefix: string, ...key: Array<string | number>): string {
  const hash = createHash('sha256')
    .update([prefix, ...key].join(' '))
    .digest('base64');
  return `${prefix}_${hash.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 24)}`;
}
