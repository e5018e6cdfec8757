import type Stripe from 'stripe';
import { modifySubscription, type Modification } from '../billing/modify.js';
import type { Context } from '../context.js';
import { missing } from '../errors.js';
import { find } from '../find.js';
import { pageOf, paging } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { priceIfAny, priceOf } from './price-data.js';
import { itemFields, paymentBehavior, proration } from './subscription-fields.js';
import { taxRatesOf } from './tax-rates.js';

const fields = { ...itemFields, ...proration, payment_behavior: paymentBehavior };

export const subscriptionItems = [
  route(
    'POST',
    '/v1/subscription_items',
    { ...fields, subscription: p.needed(p.text) },
    (context, { subscription, ...params }) => {
      const before = find(context, 'subscription', subscription, 'subscription');
      const after = modify(context, before, params, { ...params, price: priceOf(context, params, '') });
      const known = new Set(before.items.data.map((item) => item.id));
      return after.items.data.find((item) => !known.has(item.id)) ?? after;
    },
  ),
  route(
    'GET',
    '/v1/subscription_items',
    { ...paging, subscription: p.needed(p.text) },
    (context, { subscription, ...page }) =>
      pageOf(find(context, 'subscription', subscription, 'subscription').items.data, page, '/v1/subscription_items'),
  ),
  route('GET', '/v1/subscription_items/:id', {}, (context, _params, id) => itemOf(ownerOf(context, id), id)),
  route('POST', '/v1/subscription_items/:id', { ...fields, off_session: p.flag }, (context, params, id) =>
    itemOf(
      modify(context, ownerOf(context, id), params, { ...params, id, price: priceIfAny(context, params, '') }),
      id,
    ),
  ),
  route(
    'DELETE',
    '/v1/subscription_items/:id',
    { ...proration, payment_behavior: paymentBehavior },
    (context, params, id): Stripe.DeletedSubscriptionItem => {
      modify(context, ownerOf(context, id), params, { id, deleted: true });
      return { id, object: 'subscription_item', deleted: true };
    },
  ),
];

type Params = Pick<Modification, 'off_session' | 'payment_behavior' | 'proration_behavior' | 'proration_date'>;
type ItemParams = Omit<p.Values<typeof itemFields>, 'price_data'> & { id?: string; deleted?: boolean };

function modify(
  context: Context,
  before: Stripe.Subscription,
  { off_session, payment_behavior, proration_behavior, proration_date }: Params,
  { deleted, discounts, id, metadata, price, quantity, tax_rates }: ItemParams,
): Stripe.Subscription {
  const rates = tax_rates === undefined ? undefined : taxRatesOf(context, tax_rates, 'tax_rates');
  return modifySubscription(context, before, {
    off_session,
    payment_behavior,
    proration_behavior,
    proration_date,
    items: [{ id, deleted, discounts, metadata, price, quantity, tax_rates: rates }],
    fields: {},
    add_invoice_items: [],
  });
}

function ownerOf(context: Context, id: string): Stripe.Subscription {
  const [owner] = context.store.by('subscription', 'item', id);
  if (owner === undefined) throw missing('subscription_item', id);
  return owner;
}

function itemOf(subscription: Stripe.Subscription, id: string): Stripe.SubscriptionItem {
  const found = subscription.items.data.find((item) => item.id === id);
  if (found === undefined) throw missing('subscription_item', id);
  return found;
}
