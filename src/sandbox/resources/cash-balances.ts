import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import type { ObjectType } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';

const CUSTOMER = '/v1/customers/:id';
const money = { amount: p.integer, currency: p.text };

/**
 * Said by name, rather than an unknown URL: the SDK has them, the sandbox has no bank transfers that would fill a balance.
 * https://docs.stripe.com/payments/customer-balance
 */
export const cashBalances = [
  route('GET', `${CUSTOMER}/cash_balance`, {}, refuse('customer')),
  route('POST', `${CUSTOMER}/cash_balance`, { settings: p.hash({ reconciliation_mode: p.text }) }, refuse('customer')),
  route('GET', `${CUSTOMER}/cash_balance_transactions`, {}, refuse('customer')),
  route('GET', `${CUSTOMER}/cash_balance_transactions/:second`, {}, refuse('customer')),
  route(
    'POST',
    `${CUSTOMER}/funding_instructions`,
    {
      bank_transfer: p.hash({
        eu_bank_transfer: p.hash({ country: p.text }),
        requested_address_types: p.listOf(p.text),
        type: p.text,
      }),
      currency: p.text,
      funding_type: p.text,
    },
    refuse('customer'),
  ),
  route(
    'POST',
    '/v1/test_helpers/customers/:id/fund_cash_balance',
    { ...money, reference: p.text },
    refuse('customer'),
  ),
  route('POST', '/v1/payment_intents/:id/apply_customer_balance', money, refuse('payment_intent')),
];

function refuse(owner: ObjectType) {
  return (context: Context, _params: object, id: string): never => {
    find(context, owner, id);
    throw invalid('This sandbox has no cash balance: bank transfers are not simulated.');
  };
}
