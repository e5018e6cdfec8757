import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, ParameterError, StripeError } from '../errors.js';
import { testCardOf, testCardOfNumber } from '../outcomes.js';
import * as p from '../params.js';
import { NO_ADDRESS } from '../payments/no-address.js';
import { makeCard } from '../payments/payment-methods.js';
import type { GivenMethod } from './given.js';
import { makeMethod } from './make-method.js';

/** Of a test number, a token or a bank account; nothing is attached to anybody yet. */
export function newMethod(context: Context, params: GivenMethod): Stripe.PaymentMethod {
  const made = params.type === 'card' ? newCard(context, params) : makeMethod(context, params);
  return context.store.put('payment_method', { ...made, ...detailsOf(made, params) });
}

function newCard(context: Context, { card }: GivenMethod): Stripe.PaymentMethod {
  if (card === undefined) throw new ParameterError('Missing required param: card.', 'card', 'parameter_missing');
  const { token, number, exp_month, exp_year } = card;
  return makeCard(context, testCard(token, number), {
    ...(exp_month !== undefined && { exp_month }),
    ...(exp_year !== undefined && { exp_year }),
  });
}

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

type Details = Pick<GivenMethod, 'allow_redisplay' | 'billing_details' | 'metadata'>;
/** What can be said of a method of any kind, and changed later. */
export function detailsOf(before: Stripe.PaymentMethod, given: Details): Partial<Stripe.PaymentMethod> {
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
