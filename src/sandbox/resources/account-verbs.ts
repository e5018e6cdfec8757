import type Stripe from 'stripe';
import { changeAccount, connected, notOurs, NOTHING_DUE } from '../connect/accounts.js';
import { switchAll } from '../connect/capabilities.js';
import { invalid } from '../errors.js';
import * as p from '../params.js';
import { route } from '../route.js';

type DisabledReason = Stripe.Account.Requirements.DisabledReason;
const fraud: DisabledReason = 'rejected.platform_fraud';
const other: DisabledReason = 'rejected.platform_other';
/** https://docs.stripe.com/changelog/endive/2026-09-30/platform-rejection-reasons */
const REASONS = {
  credit: other,
  fraud_no_intent_to_fulfill: fraud,
  fraud_other: fraud,
  fraud_payment_method_casher: fraud,
  fraud_payment_method_tester: fraud,
  other,
  terms_of_service: 'rejected.platform_terms_of_service',
} as const satisfies Record<string, DisabledReason>;
const reason = p.oneOf(
  'credit',
  'fraud_no_intent_to_fulfill',
  'fraud_other',
  'fraud_payment_method_casher',
  'fraud_payment_method_tester',
  'other',
  'terms_of_service',
);

export const accountVerbs = [
  // https://docs.stripe.com/api/account/reject
  route(
    'POST',
    '/v1/accounts/:id/reject',
    { payouts_action: p.oneOf('none', 'pause'), reason: p.needed(reason) },
    (context, { payouts_action, ...given }, id) => {
      const before = connected(context, id);
      if (before.controller?.losses?.payments !== 'application') throw notOurs(before);
      return changeAccount(context, before, {
        ...switchAll(context, before, false),
        ...disabledFor(REASONS[given.reason]),
        charges_enabled: false,
        payouts_enabled: payouts_action === 'none',
      });
    },
  ),
  // https://docs.stripe.com/api/account/unreject
  route('POST', '/v1/accounts/:id/unreject', {}, (context, _params, id) => {
    const before = connected(context, id);
    if (before.requirements?.disabled_reason?.startsWith('rejected.platform_') !== true)
      throw invalid(`The account ${id} is not rejected.`);
    return changeAccount(context, before, {
      ...switchAll(context, before, true),
      ...disabledFor(null),
      charges_enabled: true,
      payouts_enabled: true,
    });
  }),
  // https://docs.stripe.com/api/account/create_login_link
  route('POST', '/v1/accounts/:id/login_links', {}, (context, _params, id): Stripe.LoginLink => {
    if (connected(context, id).controller?.stripe_dashboard?.type !== 'express')
      throw invalid(`Cannot create a login link: ${id} is not an Express account.`);
    const url = `${context.url}/express/${id}/${context.ids.letters(12)}`;
    return { object: 'login_link', created: context.wire, url };
  }),
];

function disabledFor(disabled_reason: DisabledReason | null): Partial<Stripe.Account> {
  const requirements = { ...NOTHING_DUE, disabled_reason };
  return { future_requirements: requirements, requirements };
}
