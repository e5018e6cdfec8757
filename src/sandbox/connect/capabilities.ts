import type Stripe from 'stripe';
import type { Context } from '../context.js';
import * as p from '../params.js';
import { same } from '../same.js';
import { NOTHING_DUE } from './accounts.js';
import { CAPABILITIES, isCapability, type CapabilityName } from './capability-names.js';

const requested = p.hash({ requested: p.flag });
/** `capabilities[card_payments][requested]` */
export const wishes = p.hash(Object.fromEntries(CAPABILITIES.map((name) => [name, requested])));

/** The account with these capabilities requested or given back. Not kept yet: `changeAccount` does. */
export function grant(
  context: Context,
  account: Stripe.Account,
  wished: ReturnType<typeof wishes.read> = {},
): Stripe.Account {
  let granted = account;
  for (const [name, wish] of Object.entries(wished))
    if (isCapability(name) && wish?.requested !== undefined) granted = grantOne(context, granted, name, wish.requested);
  return granted;
}

/** As it is, or as nobody asked for it yet. */
export function capabilityOf(context: Context, account: string, name: CapabilityName): Stripe.Capability {
  const found = context.store.inAccount(account, () => context.store.get('capability', name));
  return (
    found ?? {
      id: name,
      object: 'capability',
      account,
      future_requirements: NOTHING_DUE,
      requested: false,
      requested_at: null,
      requirements: NOTHING_DUE,
      status: 'unrequested',
    }
  );
}

/** Oldest first. */
export function capabilitiesOf(context: Context, account: string): Stripe.Capability[] {
  return context.store.inAccount(account, () => context.store.rows('capability').map(({ value }) => value));
}

/** The account with all that it can do switched off, or on again. Not kept yet. */
export function switchAll(context: Context, account: Stripe.Account, on: boolean): Stripe.Account {
  const affected = capabilitiesOf(context, account.id).filter((capability) => capability.requested);
  return affected.reduce((now, before) => write(context, now, before, { ...before, ...standing(on) }), account);
}

function grantOne(context: Context, account: Stripe.Account, name: CapabilityName, wished: boolean): Stripe.Account {
  const before = capabilityOf(context, account.id, name);
  if (before.requested === wished) return account;
  const after = wished ? standing(account.charges_enabled) : { ...standing(true), status: 'unrequested' as const };
  return write(context, account, before, {
    ...before,
    ...after,
    requested: wished,
    requested_at: wished ? context.now : null,
  });
}

function standing(on: boolean): Pick<Stripe.Capability, 'requirements' | 'status'> {
  return {
    requirements: { ...NOTHING_DUE, disabled_reason: on ? null : 'rejected.other' },
    status: on ? 'active' : 'inactive',
  };
}

function write(
  context: Context,
  account: Stripe.Account,
  before: Stripe.Capability,
  after: Stripe.Capability,
): Stripe.Account {
  if (same(before, after)) return account;
  context.store.inAccount(account.id, () =>
    context.emit('capability.updated', context.store.put('capability', after), before),
  );
  const others = Object.entries(account.capabilities ?? {}).filter(([name]) => name !== after.id);
  // What is not requested is not there: https://docs.stripe.com/api/accounts/object#account_object-capabilities
  const own = after.requested ? [[after.id, after.status]] : [];
  return { ...account, capabilities: Object.fromEntries([...others, ...own]) };
}
