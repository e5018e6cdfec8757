import type Stripe from 'stripe';
import { invalid, StripeError } from '../errors.js';
import { find } from '../find.js';
import { list, paging } from '../list.js';
import { testCardOf, testCardOfNumber } from '../outcomes.js';
import * as p from '../params.js';
import { attach, detach, makeCard, NO_ADDRESS, usePaymentMethod } from '../payments/payment-methods.js';
import { route } from '../route.js';

const address = p.hash({
  city: p.note,
  country: p.note,
  line1: p.note,
  line2: p.note,
  postal_code: p.note,
  state: p.note,
});
export const billingDetails = p.hash({
  address: p.clearable(address),
  email: p.note,
  name: p.note,
  phone: p.note,
  tax_id: p.note,
});
const common = {
  allow_redisplay: p.oneOf('always', 'limited', 'unspecified'),
  billing_details: billingDetails,
  metadata: p.metadata,
};
const card = p.hash({ token: p.text, number: p.text, exp_month: p.atLeast(1), exp_year: p.atLeast(1), cvc: p.text });

export const paymentMethods = [
  route(
    'POST',
    '/v1/payment_methods',
    { ...common, type: p.needed(p.oneOf('card')), card: p.needed(card) },
    (context, params) => {
      const { token, number, exp_month, exp_year } = params.card;
      const made = makeCard(context, testCard(token, number), {
        ...(exp_month !== undefined && { exp_month }),
        ...(exp_year !== undefined && { exp_year }),
      });
      return context.store.put('payment_method', { ...made, ...detailsOf(made, params) });
    },
  ),
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

function testCard(token: string | undefined, number: string | undefined): string {
  const name = token === undefined ? testCardOfNumber(number ?? '') : testCardOf(token);
  if (name !== undefined) return name;
  if (token !== undefined)
    throw invalid(`No such token: '${token}'`, { code: 'resource_missing', param: 'card[token]' });
  throw new StripeError(402, {
    type: 'card_error',
    code: 'incorrect_number',
    message: 'Your card number is incorrect. (This sandbox knows the numbers of https://docs.stripe.com/testing only.)',
    param: 'number',
  });
}

type Details = { [K in keyof typeof common]?: ReturnType<(typeof common)[K]['read']> };
function detailsOf(before: Stripe.PaymentMethod, given: Details): Partial<Stripe.PaymentMethod> {
  const { address: where, ...rest } = given.billing_details ?? {};
  return {
    ...(given.allow_redisplay !== undefined && { allow_redisplay: given.allow_redisplay }),
    billing_details: {
      ...before.billing_details,
      ...rest,
      ...(where !== undefined && { address: { ...NO_ADDRESS, ...where } }),
    },
    metadata: p.mergeMetadata(before.metadata ?? {}, given.metadata),
  };
}
