import type { EntityManager } from '@mikro-orm/postgresql';
import { AccessRow } from '../access/access.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Email } from './email.entity.js';
import { readCustomer, readInvoice, readPayment, readSubscription } from './mirrored-rows.js';
import { whyNotOwed } from './owed.js';
import type { Effect } from './templates.js';

export type About = Pick<
  Email,
  'id' | 'created_at' | 'effect' | 'customer' | 'subscription' | 'invoice' | 'payment' | 'to'
>;
type Addressee = Pick<Customer, 'email' | 'locale' | 'name'>;
type Check = (em: EntityManager, email: About) => Promise<string | null>;

/**
 * To whom the e-mail goes, or why it is not to be sent. Asked when it is decided and again right before it is sent: hours
 * may lie between the two when the SMTP server is away, and a reminder that comes after the payment is worse than none.
 * @throws NotMirroredYet
 */
export async function addresseeOf(em: EntityManager, email: About): Promise<{ to: Addressee } | { skip: string }> {
  if (email.effect === 'alert') return { to: { email: email.to, locale: null, name: null } };
  if (email.customer === null) return { skip: 'It belongs to no customer.' };
  const to = await readCustomer(em, email.customer);
  if (to.deleted) return { skip: 'The customer is deleted.' };
  if (!to.email) return { skip: 'The customer has no e-mail address.' };
  const skip = await checks[email.effect](em, email);
  return skip === null ? { to } : { skip };
}

/** Those of them to whom a subscription gives anything now. */
export async function customersWithAccess(em: EntityManager, customers: string[]): Promise<Set<string>> {
  const rows = await em.find(AccessRow, { customer: { $in: customers } });
  return new Set(rows.filter(givesAnything).map(({ customer }) => customer));
}

async function hasAccess(em: EntityManager, customer: string | null): Promise<boolean> {
  const row = customer === null ? null : await em.findOne(AccessRow, { customer });
  return row !== null && givesAnything(row);
}

function givesAnything({ entitlements }: AccessRow): boolean {
  return Object.values(entitlements).some(({ allowed, why }) => allowed && why.subscription !== null);
}

const checks: Record<Effect, Check> = {
  welcome: ended,
  receipt: always,
  payment_failed: async (em, email) => (await settled(em, email)) ?? (await overtaken(em, email)),
  payment_reminder: async (em, email) => (await settled(em, email)) ?? (await overtaken(em, email)),
  action_required: async (em, email) =>
    (await confirmed(em, email)) ?? (await settled(em, { ...email, subscription: null })),
  access_lost: async (em, { customer }) => ((await hasAccess(em, customer)) ? 'Access is back.' : null),
  access_restored: async (em, { customer }) => ((await hasAccess(em, customer)) ? null : 'Access is gone again.'),
  subscription_canceled: always,
  alert: always,
  cancellation_scheduled: async (em, email) => (await ended(em, email)) ?? (await undone(em, email)),
};

/** A fact of the past stays true. */
async function always(): Promise<null> {
  return null;
}

async function ended(em: EntityManager, { subscription }: About): Promise<string | null> {
  if (!subscription) return null;
  const { status } = await readSubscription(em, subscription);
  return status === 'canceled' || status === 'incomplete_expired' ? `The subscription is ${status}.` : null;
}

async function undone(em: EntityManager, { subscription }: About): Promise<string | null> {
  if (!subscription) return null;
  const { cancel_at } = await readSubscription(em, subscription);
  return cancel_at ? null : 'The cancellation was undone.';
}

async function settled(em: EntityManager, { invoice, subscription }: About): Promise<string | null> {
  if (!invoice) return null;
  return whyNotOwed(await readInvoice(em, invoice), subscription ? await readSubscription(em, subscription) : null);
}

async function confirmed(em: EntityManager, { payment }: About): Promise<string | null> {
  if (!payment) return null;
  const { status } = await readPayment(em, payment);
  return status === 'requires_action' ? null : `The payment is ${status}.`;
}

/** After a long outage of the SMTP server only the newest of a series is worth sending. */
async function overtaken(em: EntityManager, { id, subscription, created_at }: About): Promise<string | null> {
  if (!subscription) return null;
  const newer = await em.findOne(
    Email,
    {
      subscription,
      id: { $gt: id },
      // Of the same hour, each has something of its own to say, and which one was quicker must not decide.
      created_at: { $gt: new Date(created_at.getTime() + 3_600_000) },
      effect: { $in: ['payment_failed', 'payment_reminder', 'access_lost', 'subscription_canceled'] },
      status: { $ne: 'skipped' },
    },
    { orderBy: { id: 'desc' } },
  );
  return newer ? `${newer.id} (${newer.effect}) says what holds now.` : null;
}
