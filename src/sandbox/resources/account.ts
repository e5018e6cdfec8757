import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, noAccess } from '../errors.js';
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
  id: 'acct_1SandboxGoodStanding',
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
const requested = p.hash({ requested: p.flag });
const fields = {
  business_profile: p.hash({ mcc: p.text, name: p.note, support_email: p.note, support_phone: p.note, url: p.note }),
  business_type: p.oneOf('company', 'government_entity', 'individual', 'non_profit'),
  email: p.text,
  metadata: p.metadata,
};
const createShape = {
  ...fields,
  capabilities: p.hash({ card_payments: requested, transfers: requested }),
  country: p.text,
  default_currency: p.text,
  type: p.oneOf('custom', 'express', 'standard'),
};

/** https://docs.stripe.com/api/accounts: the own one, and connected ones in their simplest form. */
export const accounts = [
  route('GET', '/v1/account', {}, (context) => context.store.get('account', context.store.account) ?? OWN),
  route('POST', '/v1/accounts', createShape, (context, params) => {
    const { capabilities, country, default_currency, metadata, type, ...given } = params;
    // Nobody onboards here, so an account can do at once what it was made for.
    const account: Stripe.Account = {
      ...OWN,
      id: context.ids.next('acct', 16),
      business_type: given.business_type ?? null,
      capabilities: {
        ...(capabilities?.card_payments?.requested === true && { card_payments: 'active' }),
        ...(capabilities?.transfers?.requested === true && { transfers: 'active' }),
      },
      country: country ?? 'US',
      created: context.now,
      default_currency: default_currency ?? 'usd',
      email: given.email ?? null,
      metadata: p.mergeMetadata({}, metadata),
      type: type ?? 'standard',
    };
    return context.store.put('account', { ...account, business_profile: profileOf(EMPTY, given.business_profile) });
  }),
  route('GET', '/v1/accounts', pagingByTime, (context, { created, ...page }) =>
    list(context, 'account', page, {
      url: '/v1/accounts',
      where: (account) => p.inRange(account.created ?? 0, created),
    }),
  ),
  route('GET', '/v1/accounts/:id', {}, (context, _params, id) => (id === OWN.id ? OWN : connected(context, id))),
  route('POST', '/v1/accounts/:id', fields, (context, { business_profile, metadata, ...given }, id) => {
    const before = connected(context, id);
    const account = context.store.put('account', {
      ...before,
      ...given,
      business_profile: profileOf(before.business_profile ?? EMPTY, business_profile),
      metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
    });
    // Told as the account's own event, to those who listen to connected accounts.
    context.store.inAccount(id, () => context.emit('account.updated', account, before));
    return account;
  }),
  route('DELETE', '/v1/accounts/:id', {}, (context, _params, id): Stripe.DeletedAccount => {
    context.store.remove('account', connected(context, id).id);
    return { id, object: 'account', deleted: true };
  }),
];

function connected(context: Context, id: string): Stripe.Account {
  if (id === OWN.id) throw invalid('The own account is changed in Stripe’s dashboard only.');
  const found = context.store.get('account', id);
  if (found !== undefined) return found;
  throw noAccess(id);
}

function profileOf(
  before: Stripe.Account.BusinessProfile,
  change: Partial<Stripe.Account.BusinessProfile> | undefined,
): Stripe.Account.BusinessProfile {
  return { ...before, ...change };
}
