import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, noAccess, StripeError } from '../errors.js';

/** Nobody onboards here, so nothing is ever missing. */
export const NOTHING_DUE = {
  alternatives: [],
  current_deadline: null,
  currently_due: [],
  disabled_reason: null,
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
} satisfies Stripe.Account.Requirements;

/** Who answers for what, by the type that an account is made of: https://docs.stripe.com/connect/migrate-to-controller-properties */
const CONTROLLERS = {
  standard: controller('account', 'stripe', 'stripe', 'full'),
  express: controller('application_express', 'application', 'stripe', 'express'),
  custom: controller('application_custom', 'application', 'application', 'none'),
};
export type AccountType = keyof typeof CONTROLLERS;

/** What a connected account of this type has from the beginning. */
export function beginning(id: string, type: AccountType) {
  return {
    controller: CONTROLLERS[type],
    external_accounts: { object: 'list', data: [], has_more: false, url: `/v1/accounts/${id}/external_accounts` },
    future_requirements: NOTHING_DUE,
    requirements: NOTHING_DUE,
    type,
  } satisfies Partial<Stripe.Account>;
}

/** A connected account; the sandbox's own is none. */
export function connected(context: Context, id: string): Stripe.Account {
  const found = context.store.get('account', id);
  if (found !== undefined) return found;
  if (id === OWN_ID) throw invalid('The own account is changed in Stripe’s dashboard only.');
  throw noAccess(id);
}

export const OWN_ID = 'acct_1SandboxGoodStanding';

/** Told as the account's own event, to those who listen to connected accounts. */
export function changeAccount(context: Context, before: Stripe.Account, after: Stripe.Account): Stripe.Account {
  if (after === before) return before;
  const account = context.store.put('account', after);
  context.store.inAccount(account.id, () => context.emit('account.updated', account, before));
  return account;
}

/** What Stripe alone may do with such an account: https://docs.stripe.com/connect/migrate-to-controller-properties */
export function notOurs({ id }: Stripe.Account): StripeError {
  return new StripeError(403, {
    type: 'invalid_request_error',
    code: 'oauth_not_supported',
    message: `This application does not have the required permissions for this endpoint on account '${id}'.`,
  });
}

function controller(
  payer: Stripe.Account.Controller.Fees.Payer,
  payments: Stripe.Account.Controller.Losses.Payments,
  requirement_collection: Stripe.Account.Controller.RequirementCollection,
  dashboard: Stripe.Account.Controller.StripeDashboard.Type,
): Stripe.Account.Controller {
  return {
    fees: { payer },
    is_controller: true,
    losses: { payments },
    requirement_collection,
    stripe_dashboard: { type: dashboard },
    type: 'application',
  };
}
