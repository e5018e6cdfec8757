import type Stripe from 'stripe';
import { missing } from '../errors.js';
import { route } from '../route.js';

const account: Stripe.Account = {
  id: 'acct_1SandboxGoodStanding',
  object: 'account',
  business_profile: {
    mcc: '5734',
    minority_owned_business_designation: null,
    name: 'Good Standing sandbox',
    specified_commercial_transactions_act_url: null,
    support_address: null,
    support_email: null,
    support_phone: null,
    support_url: null,
    url: null,
  },
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

/** The sandbox has one account: its own. */
export const accounts = [
  route('GET', '/v1/account', {}, () => account),
  route('GET', '/v1/accounts/:id', {}, (_context, _params, id) => {
    if (id !== account.id) throw missing('account', id);
    return account;
  }),
];
