import type Stripe from 'stripe';
import { modifySubscription, type Modification } from '../billing/modify.js';
import type { Context } from '../context.js';
import { missing } from '../errors.js';
import { find } from '../find.js';
import { answer, paging } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { paymentBehavior, proration } from './subscription-fields.js';

const fields = {
  ...proration,
  metadata: p.metadata,
  payment_behavior: paymentBehavior,
  price: p.text,
  quantity: p.atLeast(0),
  off_session: p.flag,
};

export const subscriptionItems = [
  route(
    'POST',
    '/v1/subscription_items',
    { ...fields, price: p.needed(p.text), subscription: p.needed(p.text) },
    (context, params) => {
      const before = find(context, 'subscription', params.subscription, 'subscription');
      const after = modify(context, before, params, {
        price: params.price,
        quantity: params.quantity,
        metadata: params.metadata,
      });
      const known = new Set(before.items.data.map((item) => item.id));
      return after.items.data.find((item) => !known.has(item.id)) ?? after;
    },
  ),
  route(
    'GET',
    '/v1/subscription_items',
    { ...paging, subscription: p.needed(p.text) },
    (context, { subscription, limit = 10, starting_after }) => {
      const items = find(context, 'subscription', subscription, 'subscription').items.data;
      const from = starting_after === undefined ? 0 : items.findIndex((item) => item.id === starting_after) + 1;
      return answer(items.slice(from, from + limit), items.length > from + limit, '/v1/subscription_items');
    },
  ),
  route('GET', '/v1/subscription_items/:id', {}, (context, _params, id) => itemOf(ownerOf(context, id), id)),
  route('POST', '/v1/subscription_items/:id', fields, (context, params, id) => {
    const { price, quantity, metadata } = params;
    return itemOf(modify(context, ownerOf(context, id), params, { id, price, quantity, metadata }), id);
  }),
  route(
    'DELETE',
    '/v1/subscription_items/:id',
    { ...proration, clear_usage: p.flag, payment_behavior: paymentBehavior },
    (context, params, id): Stripe.DeletedSubscriptionItem => {
      modify(context, ownerOf(context, id), params, { id, deleted: true });
      return { id, object: 'subscription_item', deleted: true };
    },
  ),
];

function modify(
  context: Context,
  before: Stripe.Subscription,
  {
    proration_behavior,
    proration_date,
    payment_behavior,
  }: Pick<Modification, 'proration_behavior' | 'proration_date' | 'payment_behavior'>,
  item: NonNullable<Modification['items']>[number],
): Stripe.Subscription {
  return modifySubscription(context, before, {
    proration_behavior,
    proration_date,
    payment_behavior,
    items: [item],
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
