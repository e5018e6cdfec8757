import { shownAmount } from '../calc/currencies.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { kindOf, TYPES, type MethodType } from './kinds.js';

export interface Asked {
  amount: number | null;
  currency: string | null;
  manualCapture: boolean;
}

/** What is offered where the caller leaves it to Stripe: https://docs.stripe.com/payments/payment-methods/dynamic-payment-methods */
export function automaticTypes(context: Context, asked: Asked, redirects: boolean): MethodType[] {
  return TYPES.filter((type) => {
    const { flow, currencies, amounts } = kindOf(type);
    const [least, most] = amounts ?? [0, Infinity];
    return (
      isOffered(context, type) &&
      (currencies === undefined || asked.currency === null || currencies.includes(asked.currency)) &&
      (asked.amount === null || (asked.amount >= least && asked.amount <= most)) &&
      (redirects || flow !== 'page') &&
      (!asked.manualCapture || flow === 'card')
    );
  });
}

/** https://docs.stripe.com/payments/payment-methods/payment-method-support */
export function refuseTypes(context: Context, types: readonly MethodType[], asked: Asked): void {
  for (const type of types) {
    const { flow, currencies, amounts } = kindOf(type);
    if (!isOffered(context, type))
      throw invalid(
        `The payment method type provided: ${type} is invalid. Please ensure the provided type is activated in your dashboard (https://dashboard.stripe.com/account/payments/settings) and your account is enabled for any preview features that you are trying to use.`,
        { code: 'payment_intent_invalid_parameter', param: 'payment_method_types' },
      );
    if (currencies !== undefined && asked.currency !== null && !currencies.includes(asked.currency))
      throw invalid(
        `Invalid currency: ${asked.currency}. The payment method \`${type}\` only supports the following currencies: ${currencies.join(', ')}.`,
        { code: 'payment_intent_invalid_currency', param: 'currency' },
      );
    if (asked.manualCapture && flow !== 'card')
      throw invalid(`The payment method type ${type} does not support manual capture.`, { param: 'capture_method' });
    if (amounts !== undefined && asked.amount !== null)
      refuseAmount(type, asked.amount, asked.currency ?? 'usd', amounts);
  }
}

function refuseAmount(
  type: MethodType,
  amount: number,
  currency: string,
  [least, most]: readonly [number, number],
): void {
  if (amount < least)
    throw invalid(`Amount must be at least ${shownAmount(least, currency)} ${currency} for ${type}.`, {
      code: 'amount_too_small',
      param: 'amount',
    });
  if (amount > most)
    throw invalid(`Amount must be no more than ${shownAmount(most, currency)} ${currency} for ${type}.`, {
      code: 'amount_too_large',
      param: 'amount',
    });
}

function isOffered({ settings }: Context, type: MethodType): boolean {
  const { businesses } = kindOf(type);
  return settings.account_country === null || businesses === undefined || businesses.includes(settings.account_country);
}
