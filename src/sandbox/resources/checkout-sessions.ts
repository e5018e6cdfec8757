import type Stripe from 'stripe';
import { makeSession, sessionShape } from '../checkout/create.js';
import { expireSession } from '../checkout/finish.js';
import { find } from '../find.js';
import { answer, list, paging, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';

export const checkoutSessions = [
  route('POST', '/v1/checkout/sessions', sessionShape, (context, params) => makeSession(context, params)),
  route(
    'GET',
    '/v1/checkout/sessions',
    {
      ...pagingByTime,
      customer: p.text,
      customer_details: p.hash({ email: p.needed(p.text) }),
      payment_intent: p.text,
      status: p.oneOf('complete', 'expired', 'open'),
      subscription: p.text,
    },
    (context, { created, customer, customer_details, payment_intent, status, subscription, ...page }) =>
      list(context, 'checkout_session', page, {
        url: '/v1/checkout/sessions',
        ...(customer !== undefined && { by: ['customer', customer] }),
        ...(payment_intent !== undefined && { by: ['payment_intent', payment_intent] }),
        ...(subscription !== undefined && { by: ['subscription', subscription] }),
        where: (session) =>
          p.inRange(session.created, created) &&
          (customer === undefined || idOf(session.customer) === customer) &&
          (customer_details === undefined || session.customer_details?.email === customer_details.email) &&
          (status === undefined || session.status === status),
      }),
  ),
  route('GET', '/v1/checkout/sessions/:id', {}, (context, _params, id) => find(context, 'checkout_session', id)),
  route('POST', '/v1/checkout/sessions/:id', { metadata: p.metadata }, (context, { metadata }, id) => {
    const before = find(context, 'checkout_session', id);
    return context.store.put('checkout_session', {
      ...before,
      metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
    });
  }),
  route('POST', '/v1/checkout/sessions/:id/expire', {}, (context, _params, id) =>
    expireSession(context, find(context, 'checkout_session', id)),
  ),
  route(
    'GET',
    '/v1/checkout/sessions/:id/line_items',
    paging,
    (context, { limit = 10, starting_after, ending_before }, id): Stripe.ApiList<Stripe.LineItem> => {
      const { items } = find(context, 'checkout_fact', find(context, 'checkout_session', id).id);
      const after = starting_after === undefined ? 0 : items.findIndex((item) => item.id === starting_after) + 1;
      const before = ending_before === undefined ? items.length : items.findIndex((item) => item.id === ending_before);
      const rest = items.slice(after, before);
      const page = ending_before === undefined ? rest.slice(0, limit) : rest.slice(-limit);
      return answer(page, rest.length > limit, `/v1/checkout/sessions/${id}/line_items`);
    },
  ),
];
