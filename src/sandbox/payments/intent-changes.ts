import type Stripe from 'stripe';
import { exponentOf, maximumCharge, minimumCharge, shownAmount } from '../calc/currencies.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { compatibleTypes } from '../methods/allowed.js';
import { chosenTypes, methodShape } from '../methods/given.js';
import { newMethod } from '../methods/new-method.js';
import { intentOptions, optionsOf } from '../methods/options.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { currencyKind } from '../resources/prices.js';
import { shipping, shippingOf } from '../resources/customers.js';
import { amountDetails, detailsOf } from './amount-details.js';
import { usePaymentMethod } from './payment-methods.js';

/** What can be said of an intent as long as it is not paid: https://docs.stripe.com/api/payment_intents/update */
export const intentFields = {
  ...chosenTypes,
  amount: p.atLeast(1),
  amount_details: amountDetails,
  currency: currencyKind,
  customer: p.text,
  description: p.note,
  metadata: p.metadata,
  payment_method: p.text,
  payment_method_data: p.hash(methodShape),
  payment_method_options: intentOptions,
  receipt_email: p.note,
  setup_future_usage: p.clearable(p.oneOf('off_session', 'on_session')),
  shipping: p.clearable(shipping),
  statement_descriptor: p.text,
  statement_descriptor_suffix: p.text,
  capture_method: p.oneOf('automatic', 'automatic_async', 'manual'),
};
type Fields = p.Values<typeof intentFields>;

export function changesOf(
  context: Context,
  before: Stripe.PaymentIntent,
  params: Fields,
): Partial<Stripe.PaymentIntent> {
  const {
    amount_details,
    metadata,
    shipping: ship,
    payment_method,
    payment_method_data,
    payment_method_options,
    customer,
    ...plain
  } = params;
  const amount = params.amount ?? before.amount;
  refuseAmount(amount, params.currency ?? before.currency);
  if (customer !== undefined) find(context, 'customer', customer, 'customer');
  const payment_method_types = typesOf(context, { ...before, ...plain });
  const method = methodOf(context, payment_method, payment_method_data);
  refuseForeign(method, customer ?? idOf(before.customer));
  refuseIncompatible(method, payment_method_types);
  return {
    ...plain,
    ...(amount_details !== undefined && { amount_details: detailsOf(context, before, amount, amount_details) }),
    payment_method_types,
    payment_method_options: optionsOf(payment_method_types, payment_method_options, before.payment_method_options),
    ...(customer !== undefined && { customer }),
    ...(ship !== undefined && { shipping: shippingOf(ship) }),
    ...(method !== undefined && { payment_method: method.id }),
    ...(method !== undefined && before.status === 'requires_payment_method' && { status: 'requires_confirmation' }),
    metadata: p.mergeMetadata(before.metadata, metadata),
  };
}

/** https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
export function refuseAmount(amount: number, currency: string): void {
  if (amount < minimumCharge(currency))
    throw invalid(`Amount must be at least ${shownAmount(minimumCharge(currency), currency)} ${currency}`, {
      code: 'amount_too_small',
      param: 'amount',
    });
  if (amount > maximumCharge(currency))
    throw invalid(`Amount must be no more than ${shownAmount(maximumCharge(currency), currency)} ${currency}`, {
      code: 'amount_too_large',
      param: 'amount',
    });
  // https://docs.stripe.com/currencies#three-decimal
  if (exponentOf(currency) === 3 && amount % 10 !== 0)
    throw invalid(`Amount must be divisible by 10 for ${currency}`, { param: 'amount' });
}

function refuseForeign(method: Stripe.PaymentMethod | undefined, customer: string | null): void {
  const owner = idOf(method?.customer);
  if (owner === null || owner === customer) return;
  throw invalid(
    customer === null
      ? `The provided PaymentMethod cannot be attached. To use this PaymentMethod, provide the customer it belongs to (${owner}).`
      : `The PaymentMethod ${method?.id} does not belong to the Customer you supplied ${customer}. Please use this PaymentMethod with the Customer that it belongs to.`,
    { param: 'payment_method' },
  );
}

/** What can pay this; an intent of another make, such as an invoice's, keeps what it was made with. */
function typesOf(context: Context, intent: Stripe.PaymentIntent): string[] {
  const { amount, automatic_payment_methods, capture_method, currency } = intent;
  if (automatic_payment_methods === null) return intent.payment_method_types;
  return compatibleTypes(context, {
    payment: {
      amount,
      currency,
      manualCapture: capture_method === 'manual',
      redirects: automatic_payment_methods.allow_redirects !== 'never',
    },
    allowed: intent.allowed_payment_method_types,
    excluded: intent.excluded_payment_method_types,
  });
}

function methodOf(
  context: Context,
  id: string | undefined,
  data: Fields['payment_method_data'],
): Stripe.PaymentMethod | undefined {
  if (id !== undefined && data !== undefined)
    throw invalid('You may only specify one of these parameters: payment_method, payment_method_data.', {
      param: 'payment_method_data',
    });
  if (data !== undefined) return newMethod(context, data);
  return id === undefined ? undefined : usePaymentMethod(context, id, 'payment_method');
}

function refuseIncompatible(method: Stripe.PaymentMethod | undefined, types: readonly string[]): void {
  if (method === undefined || types.includes(method.type)) return;
  throw invalid(
    `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: ${types.join(', ')}.`,
    { code: 'payment_intent_incompatible_payment_method', param: 'payment_method' },
  );
}
