import type Stripe from 'stripe';
import { changeBalance } from '../billing/balance.js';
import type { Context } from '../context.js';
import { invalid, missing } from '../errors.js';
import { find } from '../find.js';
import { list, paging } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { currencyKind } from './prices.js';

const PATH = '/v1/customers/:id/balance_transactions';

/** https://docs.stripe.com/api/customer_balance_transactions: a transaction is never changed, only described */
export const customerBalanceTransactions = [
  route(
    'POST',
    PATH,
    { amount: p.needed(p.integer), currency: p.needed(currencyKind), description: p.note, metadata: p.metadata },
    (context, { amount, currency, description, metadata }, id) => {
      const customer = find(context, 'customer', id);
      // A customer's balance is in one currency: https://docs.stripe.com/billing/customer/balance
      if (customer.currency !== null && customer.currency !== undefined && customer.currency !== currency)
        throw invalid(`The customer's balance is in ${customer.currency}, not in ${currency}.`, { param: 'currency' });
      return changeBalance(context, id, {
        amount,
        currency,
        type: 'adjustment',
        description: description ?? null,
        metadata: p.mergeMetadata({}, metadata),
      });
    },
  ),
  route('GET', PATH, paging, (context, page, id) =>
    list(context, 'customer_balance_transaction', page, {
      url: `/v1/customers/${find(context, 'customer', id).id}/balance_transactions`,
      by: ['customer', id],
    }),
  ),
  route('GET', `${PATH}/:second`, {}, (context, _params, id, second) => ownedBy(context, id, second)),
  route(
    'POST',
    `${PATH}/:second`,
    { description: p.note, metadata: p.metadata },
    (context, { description, metadata }, id, second) => {
      const before = ownedBy(context, id, second);
      return context.store.put('customer_balance_transaction', {
        ...before,
        ...(description !== undefined && { description }),
        metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
      });
    },
  ),
];

function ownedBy(context: Context, customer: string, id: string): Stripe.CustomerBalanceTransaction {
  const transaction = context.store.get('customer_balance_transaction', id);
  if (transaction === undefined || idOf(transaction.customer) !== customer)
    throw missing('customer balance transaction', id);
  return transaction;
}
