import type { EntityManager } from '@mikro-orm/postgresql';
import { AccessRow } from '../../src/access/access.entity.js';
import { Product } from '../../src/catalog/product.entity.js';
import { Customer } from '../../src/customers/customer.entity.js';
import type { DomainEventDraft } from '../../src/events/domain-events.js';
import { Invoice } from '../../src/payments/invoice.entity.js';
import { PaymentMethod } from '../../src/payments/payment-method.entity.js';
import { Payment } from '../../src/payments/payment.entity.js';
import { Subscription } from '../../src/subscriptions/subscription.entity.js';
import { NOW } from './house.js';

const mirrored = { data: {}, as_of: NOW, as_of_max: NOW, revision: 1, deleted: false, cause: null };

export function addCustomer(em: EntityManager, row: Partial<Customer> & { id: string }) {
  const defaults = {
    email: `${row.id}@example.com`,
    name: 'Ada Lovelace',
    currency: 'eur',
    locale: 'en',
    default_payment_method: null,
  };
  em.create(Customer, { ...mirrored, ...defaults, metadata: {}, created: NOW, ...row });
}

export function addProduct(em: EntityManager) {
  em.create(Product, { ...mirrored, id: 'gs_pro', name: 'Acme Pro', active: true, metadata: {} });
}

export function addPaymentMethod(em: EntityManager) {
  const card = { type: 'card', card_brand: 'visa', card_last4: '4242', card_exp_month: 1, card_exp_year: 2030 };
  em.create(PaymentMethod, { ...mirrored, id: 'pm_1', customer: null, ...card, created: NOW });
}

export function addSubscription(em: EntityManager, row: Partial<Subscription> & { id: string; customer: string }) {
  const item = { id: `si_${row.id}`, price: 'price_pro', product: 'gs_pro', quantity: 1 };
  const period = { current_period_start: '2027-03-03T12:00:00.000Z', current_period_end: '2027-04-03T12:00:00.000Z' };
  em.create(Subscription, {
    ...mirrored,
    status: 'active',
    items: [{ ...item, ...period }],
    plan: 'pro',
    currency: 'eur',
    current_period_start: new Date(period.current_period_start),
    current_period_end: new Date(period.current_period_end),
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
    created: NOW,
    ...row,
  });
}

/** An invoice of 49 EUR that was finalized at NOW, failed once, and is tried again three days later. */
export function addInvoice(em: EntityManager, row: Partial<Invoice> & { id: string }) {
  em.create(Invoice, {
    ...mirrored,
    customer: null,
    subscription: null,
    number: 'F3A9-0002',
    status: 'open',
    billing_reason: 'subscription_cycle',
    currency: 'eur',
    amount_due: 4900,
    amount_paid: 0,
    amount_remaining: 4900,
    attempt_count: 1,
    next_payment_attempt: new Date('2027-03-06T12:00:00Z'),
    finalized_at: NOW,
    paid_at: null,
    hosted_invoice_url: `https://invoice.stripe.com/i/${row.id}`,
    created: NOW,
    ...row,
  });
}

export function addPayment(em: EntityManager, row: Partial<Payment> & { id: string }) {
  em.create(Payment, {
    ...mirrored,
    customer: null,
    status: 'succeeded',
    amount: 4900,
    amount_received: 4900,
    currency: 'eur',
    payment_method: null,
    latest_charge: null,
    order_id: null,
    one_off: true,
    created: NOW,
    ...row,
  });
}

/** What the access room would have written: one feature, allowed or not, by the subscription. */
export async function setAccess(
  em: EntityManager,
  customer: string,
  subscription: string,
  allowed: boolean,
): Promise<void> {
  const rule = allowed ? 'paid' : 'grace_ended';
  const why = { rule, text: '', subscription, status: 'active', event: null, until: null } as const;
  await em.upsert(AccessRow, {
    customer,
    entitlements: { api_access: { type: 'boolean', allowed, value: allowed, why } },
    summary: { rule, text: '', subscription, standing: allowed ? 'good' : 'bad' },
    next_change_at: null,
    basis: '',
    computed_at: NOW,
    cause: null,
  });
}

const envelope = { cause: null, occurred_at: NOW };
const money = { amount: 4900, currency: 'eur' };

export function subscriptionEvent(
  type: 'subscription.created' | 'subscription.past_due' | 'subscription.unpaid',
  customer: string,
  subscription: string,
  status: string,
): DomainEventDraft {
  const data = { subscription, status, plan: 'pro', quantity: 1, current_period_end: null };
  return { ...envelope, type, customer, object: subscription, data };
}

export function activated(customer: string, subscription: string, previous_status: string | null): DomainEventDraft {
  const data = { subscription, status: 'active', plan: 'pro', quantity: 1, current_period_end: null, previous_status };
  return { ...envelope, type: 'subscription.activated', customer, object: subscription, data };
}

export function invoiceFacts(invoice: string, subscription: string | null) {
  return {
    invoice,
    number: 'F3A9-0002',
    subscription,
    billing_reason: 'subscription_cycle',
    hosted_invoice_url: null,
    ...money,
  };
}

export function invoicePaid(customer: string, invoice: string, subscription: string | null): DomainEventDraft {
  return { ...envelope, type: 'invoice.paid', customer, object: invoice, data: invoiceFacts(invoice, subscription) };
}

export function paymentFailed(
  customer: string,
  invoice: string,
  subscription: string | null,
  attempt = 1,
): DomainEventDraft {
  const data = { ...invoiceFacts(invoice, subscription), attempt, next_attempt_at: null };
  return { ...envelope, type: 'invoice.payment_failed', customer, object: invoice, data };
}

export function paymentEvent(
  type: 'payment.succeeded' | 'payment.requires_action',
  customer: string | null,
  payment: string,
  one_off: boolean,
): DomainEventDraft {
  const data = { payment, status: 'succeeded', order_id: null, one_off, ...money };
  return { ...envelope, type, customer, object: payment, data };
}

export function accessChanged(
  customer: string,
  subscription: string,
  change: { granted?: string[]; revoked?: string[]; rule: string },
): DomainEventDraft {
  const data = { granted: [], revoked: [], changed: [], text: '', subscription, ...change };
  return { ...envelope, type: 'access.changed', customer, object: customer, data };
}

export function canceled(customer: string, subscription: string): DomainEventDraft {
  const data = { subscription, status: 'canceled', plan: 'pro', quantity: 1, current_period_end: null, reason: null };
  return { ...envelope, type: 'subscription.canceled', customer, object: subscription, data };
}

export function cancellationScheduled(customer: string, subscription: string): DomainEventDraft {
  const cancel_at = '2027-04-03T12:00:00.000Z';
  const data = { subscription, status: 'active', plan: 'pro', quantity: 1, current_period_end: null, cancel_at };
  return { ...envelope, type: 'subscription.cancellation_scheduled', customer, object: subscription, data };
}
