import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { answer } from '../list.js';
import { same } from '../same.js';

type External = Stripe.ExternalAccount;

/** The first of its currency is its default anyway: https://docs.stripe.com/api/external_account_bank_accounts/create */
export function add(context: Context, account: Stripe.Account, made: External, asDefault: boolean): External {
  return context.store.inAccount(account.id, () => {
    const former = defaultFor(context, made.currency);
    const isDefault = asDefault || former === undefined;
    const added = context.store.put('external_account', { ...made, default_for_currency: isDefault });
    context.emit('account.external_account.created', added);
    if (isDefault && former !== undefined) put(context, former, { ...former, default_for_currency: false });
    return added;
  });
}

export function change(context: Context, account: Stripe.Account, before: External, after: External): External {
  return context.store.inAccount(account.id, () => {
    const former = defaultFor(context, before.currency);
    if (before.default_for_currency === true && after.default_for_currency === false)
      throw invalid('Make another external account the default for this currency instead.', {
        param: 'default_for_currency',
      });
    if (after.default_for_currency === true && former !== undefined && former.id !== before.id)
      put(context, former, { ...former, default_for_currency: false });
    return put(context, before, after);
  });
}

/** https://docs.stripe.com/api/external_account_bank_accounts/delete */
export function remove(context: Context, account: Stripe.Account, external: External): void {
  const others = externalAccounts(context, account.id).filter(
    (one) => one.id !== external.id && one.currency === external.currency,
  );
  const isNeeded = external.currency === account.default_currency || others.length > 0;
  if (external.default_for_currency === true && isNeeded)
    throw invalid(
      'You cannot delete the default external account for your default currency. Please make another external account the default using the `default_for_currency` param, and then delete this one.',
    );
  drop(context, account, external);
}

/** Given with the account itself, it takes the place of the default one: https://docs.stripe.com/api/accounts/update */
export function replaceDefault(context: Context, account: Stripe.Account, made: External): void {
  const former = context.store.inAccount(account.id, () => defaultFor(context, made.currency));
  add(context, account, made, true);
  if (former !== undefined) drop(context, account, { ...former, default_for_currency: false });
}

/** The account with those that it shows. Not kept yet: `changeAccount` does. */
export function showing(context: Context, account: Stripe.Account): Stripe.Account {
  const all = externalAccounts(context, account.id).toReversed();
  const url = `/v1/accounts/${account.id}/external_accounts`;
  return { ...account, external_accounts: answer(all.slice(0, 10), all.length > 10, url) };
}

export function externalAccount(context: Context, account: string, id: string): External {
  return context.store.inAccount(account, () => find(context, 'external_account', id));
}

/** Oldest first. */
function externalAccounts(context: Context, account: string): External[] {
  return context.store.inAccount(account, () => context.store.rows('external_account').map(({ value }) => value));
}

function defaultFor(context: Context, currency: string | null | undefined): External | undefined {
  const rows = context.store.rows('external_account').map(({ value }) => value);
  return rows.find((external) => external.currency === currency && external.default_for_currency === true);
}

function put(context: Context, before: External, after: External): External {
  if (same(before, after)) return before;
  const changed = context.store.put('external_account', after);
  context.emit('account.external_account.updated', changed, before);
  return changed;
}

function drop(context: Context, account: Stripe.Account, external: External): void {
  context.store.inAccount(account.id, () => {
    context.store.remove('external_account', external.id);
    context.emit('account.external_account.deleted', external);
  });
}
