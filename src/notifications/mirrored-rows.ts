import type { EntityClass, EntityManager } from '@mikro-orm/postgresql';
import { Product } from '../catalog/product.entity.js';
import { Customer } from '../customers/customer.entity.js';
import type { DomainEvent } from '../events/domain-events.js';
import { Invoice } from '../payments/invoice.entity.js';
import { Payment } from '../payments/payment.entity.js';
import { Subscription } from '../subscriptions/subscription.entity.js';
import { NotMirroredYet } from './notifications.errors.js';

// An event tells that something happened; these rows tell what holds now. Each throws NotMirroredYet.

export const readCustomer = async (em: EntityManager, id: string) =>
  known('customer', id, await em.findOne(Customer, id));

export const readInvoice = async (em: EntityManager, id: string) => known('invoice', id, await em.findOne(Invoice, id));

export const readPayment = async (em: EntityManager, id: string) => known('payment', id, await em.findOne(Payment, id));

export const readSubscription = async (em: EntityManager, id: string) =>
  known('subscription', id, await em.findOne(Subscription, id));

/** What each of many events is about, in one statement per table. What is not found is not mirrored yet. */
export async function readAhead(em: EntityManager, events: DomainEvent[]): Promise<void> {
  if (events.length === 1) return;
  const named = (what: string) => events.map(({ data }): unknown => Reflect.get(data, what));
  await load(
    Customer,
    events.map(({ customer }) => customer),
  );
  await load(Subscription, named('subscription'));
  await load(Invoice, named('invoice'));
  await load(Payment, named('payment'));

  async function load(table: EntityClass<{ id: string }>, values: unknown[]): Promise<void> {
    const ids = [...new Set(values.filter((value) => typeof value === 'string'))];
    if (ids.length > 0) await em.find(table, { id: { $in: ids } });
  }
}

/** What the customer knows the subscription as: its products' names. */
export async function planName(em: EntityManager, subscription: Subscription): Promise<string> {
  const ids = [...new Set(subscription.items.map(({ product }) => product))];
  const names: string[] = [];
  for (const id of ids) names.push((await em.findOne(Product, id))?.name ?? subscription.plan ?? id);
  return [...new Set(names)].join(', ');
}

/** The oldest invoice of the subscription that is still to be paid: the one that access counts grace from. */
export async function oldestOpenInvoice(em: EntityManager, subscription: string): Promise<Invoice | null> {
  return (await oldestOpenInvoices(em, [subscription])).get(subscription) ?? null;
}

/** By subscription; none for those that owe nothing. */
export async function oldestOpenInvoices(em: EntityManager, subscriptions: string[]): Promise<Map<string, Invoice>> {
  const open = await em.find(
    Invoice,
    {
      subscription: { $in: subscriptions },
      status: 'open',
      deleted: false,
      amount_remaining: { $gt: 0 },
      finalized_at: { $ne: null },
    },
    { orderBy: { finalized_at: 'desc', id: 'desc' } },
  );
  return new Map(open.map((invoice) => [invoice.subscription ?? '', invoice]));
}

/**
 * The invoice that a payment belongs to. A payment intent has not named it since 2025-03-31
 * (https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices), so it is the
 * customer's newest open one over the same amount.
 * @throws NotMirroredYet
 */
export async function invoiceOf(em: EntityManager, { id, customer, amount, currency }: Payment): Promise<Invoice> {
  const row = await em.findOne(
    Invoice,
    { customer, currency, amount_remaining: amount, status: 'open', deleted: false },
    { orderBy: { created: 'desc', id: 'desc' } },
  );
  return known('open invoice for the payment', id, row);
}

function known<T>(what: string, id: string, row: T | null): T {
  if (row === null) throw new NotMirroredYet(what, id);
  return row;
}
