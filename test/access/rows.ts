import type { EntityManager } from '@mikro-orm/postgresql';
import { Price } from '../../src/catalog/price.entity.js';
import { Customer, ExternalId } from '../../src/customers/customer.entity.js';
import type { Mirrored } from '../../src/mirror/mirrored.entity.js';
import { Invoice } from '../../src/payments/invoice.entity.js';
import { Subscription } from '../../src/subscriptions/subscription.entity.js';
import { at } from './facts.js';

const mirrored = {
  data: {},
  as_of: at('2027-03-03'),
  as_of_max: at('2027-03-03'),
  revision: 1,
  deleted: false,
  cause: 'evt_1',
} satisfies Omit<Mirrored, 'id'>;

/** A customer as the mirror would have written them; with an external_id where one is given. */
export async function addCustomer(em: EntityManager, id: string, external_id?: string): Promise<void> {
  const text = { email: null, name: null, currency: null, locale: null, default_payment_method: null };
  await em.insert(Customer, { ...mirrored, ...text, id, metadata: {}, created: at('2027-01-03') });
  if (external_id !== undefined)
    await em.insert(ExternalId, { external_id, customer: id, claimed_at: at('2027-01-03') });
}

/** A monthly price of a plan; `price_<plan>`. */
export async function addPrice(em: EntityManager, plan: string): Promise<void> {
  await em.insert(Price, {
    ...mirrored,
    id: `price_${plan}`,
    product: `gs_${plan}`,
    active: true,
    currency: 'eur',
    unit_amount: 4900,
    recurring_interval: 'month',
    recurring_interval_count: 1,
    lookup_key: `${plan}_month_eur`,
    plan,
    metadata: { plan },
  });
}

/** An active monthly subscription of the price `price_pro`, unless the columns say otherwise. */
export async function addSubscription(
  em: EntityManager,
  id: string,
  customer: string,
  columns: Partial<Subscription> = {},
): Promise<void> {
  await em.insert(Subscription, {
    ...mirrored,
    id,
    customer,
    status: 'active',
    items: [itemOf('pro')],
    plan: null,
    currency: 'eur',
    current_period_start: at('2027-03-03'),
    current_period_end: at('2027-04-03'),
    cancel_at_period_end: false,
    cancel_at: null,
    canceled_at: null,
    ended_at: null,
    cancellation_reason: null,
    trial_end: null,
    pause_collection: null,
    latest_invoice: null,
    default_payment_method: null,
    metadata: {},
    created: at('2027-01-03'),
    ...columns,
  });
}

export function itemOf(plan: string): Subscription['items'][number] {
  return {
    id: `si_${plan}`,
    price: `price_${plan}`,
    product: `gs_${plan}`,
    plan: null,
    quantity: 1,
    current_period_start: '2027-03-03T00:00:00.000Z',
    current_period_end: '2027-04-03T00:00:00.000Z',
  };
}

/** The invoice of 3 March, open and to be tried again, unless the columns say otherwise. */
export async function addInvoice(
  em: EntityManager,
  id: string,
  subscription: string,
  columns: Partial<Invoice> = {},
): Promise<void> {
  await em.insert(Invoice, {
    ...mirrored,
    id,
    customer: null,
    subscription,
    number: null,
    status: 'open',
    billing_reason: 'subscription_cycle',
    currency: 'eur',
    amount_due: 4900,
    amount_paid: 0,
    amount_remaining: 4900,
    attempt_count: 1,
    next_payment_attempt: at('2027-03-06'),
    finalized_at: at('2027-03-03T01:00:00Z'),
    paid_at: null,
    hosted_invoice_url: null,
    created: at('2027-03-03'),
    ...columns,
  });
}
