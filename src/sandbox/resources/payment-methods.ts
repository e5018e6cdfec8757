import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, paging } from '../list.js';
import { billingDetails, methodShape } from '../methods/given.js';
import { detailsOf, newMethod } from '../methods/new-method.js';
import * as p from '../params.js';
import { followExpiry } from '../payments/card-expiry.js';
import { attach, detach, usePaymentMethod } from '../payments/payment-methods.js';
import { route } from '../route.js';

const common = {
  allow_redisplay: methodShape.allow_redisplay,
  billing_details: billingDetails,
  metadata: methodShape.metadata,
};

export const paymentMethods = [
  route('POST', '/v1/payment_methods', methodShape, (context, params) => newMethod(context, params)),
  route(
    'GET',
    '/v1/payment_methods',
    { ...paging, customer: p.text, type: p.text, allow_redisplay: p.text },
    (context, { customer, type, allow_redisplay, ...page }) => {
      // Without a customer Stripe lists none: https://docs.stripe.com/api/payment_methods/list
      if (customer !== undefined) find(context, 'customer', customer, 'customer');
      return list(context, 'payment_method', page, {
        url: '/v1/payment_methods',
        by: ['customer', customer ?? ''],
        where: (method) =>
          (type === undefined || method.type === type) &&
          (allow_redisplay === undefined || method.allow_redisplay === allow_redisplay),
      });
    },
  ),
  route('GET', '/v1/payment_methods/:id', {}, (context, _params, id) => usePaymentMethod(context, id)),
  route(
    'POST',
    '/v1/payment_methods/:id',
    { ...common, card: p.hash({ exp_month: p.atLeast(1), exp_year: p.atLeast(1) }) },
    (context, params, id) => {
      const before = find(context, 'payment_method', id);
      if (before.customer === null)
        throw invalid('You must save this PaymentMethod to a customer before you can update it.');
      const method = context.store.put('payment_method', {
        ...before,
        ...detailsOf(before, params),
        ...(before.card && { card: { ...before.card, ...params.card } }),
      });
      context.emit('payment_method.updated', method, before);
      followExpiry(context, method);
      return method;
    },
  ),
  route('POST', '/v1/payment_methods/:id/attach', { customer: p.needed(p.text) }, (context, { customer }, id) =>
    attach(context, usePaymentMethod(context, id), find(context, 'customer', customer, 'customer').id),
  ),
  route('POST', '/v1/payment_methods/:id/detach', {}, (context, _params, id) =>
    detach(context, find(context, 'payment_method', id)),
  ),
];
