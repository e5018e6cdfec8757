import type Stripe from 'stripe';
import { changeAccount, connected, notOurs } from '../connect/accounts.js';
import { add, change, externalAccount, remove, showing } from '../connect/external-accounts.js';
import * as given from '../connect/given-external-account.js';
import { newExternalAccount } from '../connect/new-external-account.js';
import type { Context } from '../context.js';
import { ParameterError } from '../errors.js';
import { list, paging } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

const ofBankAccounts = {
  account_holder_name: p.note,
  account_holder_type: p.clearable(given.holderType),
  account_type: p.oneOf('checking', 'futsu', 'savings', 'toza'),
};
const ofCards = { ...given.cardAddress, exp_month: p.atLeast(1), exp_year: p.atLeast(1), name: p.note };
const ofBoth = { default_for_currency: p.flag, metadata: p.metadata };

/** Where a connected account is paid out to: https://docs.stripe.com/api/external_accounts */
export const externalAccounts = [
  route(
    'POST',
    '/v1/accounts/:id/external_accounts',
    { ...ofBoth, external_account: p.needed(given.externalAccount) },
    (context, { default_for_currency, external_account, metadata }, id) => {
      const account = ours(context, id);
      const made = newExternalAccount(context, id, external_account);
      const named = { ...made, metadata: p.mergeMetadata(made.metadata ?? {}, metadata) };
      const added = add(context, account, named, default_for_currency === true);
      changeAccount(context, account, showing(context, account));
      return added;
    },
  ),
  route(
    'GET',
    '/v1/accounts/:id/external_accounts',
    { ...paging, object: p.oneOf('bank_account', 'card') },
    (context, { object, ...page }, account) => {
      const { id } = connected(context, account);
      return context.store.inAccount(id, () =>
        list(context, 'external_account', page, {
          url: `/v1/accounts/${id}/external_accounts`,
          where: (external) => object === undefined || external.object === object,
        }),
      );
    },
  ),
  route('GET', '/v1/accounts/:id/external_accounts/:second', {}, (context, _params, account, id) =>
    externalAccount(context, connected(context, account).id, id),
  ),
  route(
    'POST',
    '/v1/accounts/:id/external_accounts/:second',
    { ...ofBankAccounts, ...ofCards, ...ofBoth },
    (context, params, id, external) => {
      const account = ours(context, id);
      const before = externalAccount(context, id, external);
      const after = changed(before, params);
      const answered = change(context, account, before, after);
      if (answered !== before) changeAccount(context, account, showing(context, account));
      return answered;
    },
  ),
  route(
    'DELETE',
    '/v1/accounts/:id/external_accounts/:second',
    {},
    (context, _params, id, external): Stripe.DeletedExternalAccount => {
      const account = ours(context, id);
      const before = externalAccount(context, id, external);
      remove(context, account, before);
      changeAccount(context, account, showing(context, account));
      return { id: external, object: before.object, deleted: true };
    },
  ),
];

/** Only where the platform collects what is required: https://docs.stripe.com/api/external_account_bank_accounts/create */
function ours(context: Context, id: string): Stripe.Account {
  const account = connected(context, id);
  if (account.controller?.requirement_collection !== 'application') throw notOurs(account);
  return account;
}

type Change = p.Values<typeof ofBankAccounts & typeof ofCards & typeof ofBoth>;
function changed(before: Stripe.ExternalAccount, { metadata, ...plain }: Change): Stripe.ExternalAccount {
  const foreign = before.object === 'card' ? ofBankAccounts : ofCards;
  const name = Object.keys(plain).find((one) => Object.hasOwn(foreign, one));
  if (name !== undefined) throw new ParameterError(`Received unknown parameter: ${name}`, name, 'parameter_unknown');
  return { ...before, ...plain, metadata: p.mergeMetadata(before.metadata ?? {}, metadata) };
}
