import type Stripe from 'stripe';
import { beginning, changeAccount, connected, OWN_ID } from '../connect/accounts.js';
import { grant, wishes } from '../connect/capabilities.js';
import { replaceDefault, showing } from '../connect/external-accounts.js';
import { externalAccount } from '../connect/given-external-account.js';
import { newExternalAccount } from '../connect/new-external-account.js';
import { currencyOf } from '../connect/test-external-accounts.js';
import type { Context } from '../context.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

const EMPTY: Stripe.Account.BusinessProfile = {
  mcc: null,
  minority_owned_business_designation: null,
  name: null,
  specified_commercial_transactions_act_url: null,
  support_address: null,
  support_email: null,
  support_phone: null,
  support_url: null,
  url: null,
};

/** The sandbox's own account. */
const OWN: Stripe.Account = {
  id: OWN_ID,
  object: 'account',
  business_profile: { ...EMPTY, mcc: '5734', name: 'Good Standing sandbox' },
  business_type: 'company',
  capabilities: { card_payments: 'active', transfers: 'active' },
  charges_enabled: true,
  country: 'US',
  created: 1_577_836_800,
  default_currency: 'usd',
  details_submitted: true,
  email: 'sandbox@example.com',
  metadata: {},
  payouts_enabled: true,
  type: 'standard',
};
const fields = {
  business_profile: p.hash({ mcc: p.text, name: p.note, support_email: p.note, support_phone: p.note, url: p.note }),
  business_type: p.oneOf('company', 'government_entity', 'individual', 'non_profit'),
  capabilities: wishes,
  email: p.text,
  external_account: externalAccount,
  metadata: p.metadata,
};
const createShape = {
  ...fields,
  country: p.text,
  default_currency: p.text,
  type: p.oneOf('custom', 'express', 'standard'),
};

/** https://docs.stripe.com/api/accounts: the own one, and connected ones in their simplest form. */
export const accounts = [
  route('GET', '/v1/account', {}, (context) => context.store.get('account', context.store.account) ?? OWN),
  route('POST', '/v1/accounts', createShape, (context, params) => {
    const { capabilities, country, default_currency, external_account, metadata, type, ...given } = params;
    // Nobody onboards here, so an account can do at once what it was made for.
    const id = context.ids.next('acct', 16);
    const account: Stripe.Account = {
      ...OWN,
      ...beginning(id, type ?? 'standard'),
      id,
      business_profile: profileOf(EMPTY, given.business_profile),
      business_type: given.business_type ?? null,
      capabilities: {},
      country: country ?? 'US',
      created: context.now,
      default_currency: default_currency ?? currencyOf(country ?? 'US'),
      email: given.email ?? null,
      metadata: p.mergeMetadata({}, metadata),
    };
    return context.store.put('account', payingTo(context, grant(context, account, capabilities), external_account));
  }),
  route('GET', '/v1/accounts', pagingByTime, (context, { created, ...page }) =>
    list(context, 'account', page, {
      url: '/v1/accounts',
      where: (account) => p.inRange(account.created ?? 0, created),
    }),
  ),
  route('GET', '/v1/accounts/:id', {}, (context, _params, id) => (id === OWN.id ? OWN : connected(context, id))),
  route('POST', '/v1/accounts/:id', fields, (context, params, id) => {
    const { business_profile, capabilities, external_account, metadata, ...given } = params;
    const before = connected(context, id);
    return changeAccount(context, before, {
      ...payingTo(context, grant(context, before, capabilities), external_account),
      ...given,
      business_profile: profileOf(before.business_profile ?? EMPTY, business_profile),
      metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
    });
  }),
  route('DELETE', '/v1/accounts/:id', {}, (context, _params, id): Stripe.DeletedAccount => {
    context.store.remove('account', connected(context, id).id);
    return { id, object: 'account', deleted: true };
  }),
];

/** The account with this one as the default of its currency. Not kept yet. */
function payingTo(
  context: Context,
  account: Stripe.Account,
  given: ReturnType<typeof externalAccount.read> | undefined,
): Stripe.Account {
  if (given === undefined) return account;
  replaceDefault(context, account, newExternalAccount(context, account.id, given));
  return showing(context, account);
}

function profileOf(
  before: Stripe.Account.BusinessProfile,
  change: Partial<Stripe.Account.BusinessProfile> | undefined,
): Stripe.Account.BusinessProfile {
  return { ...before, ...change };
}
