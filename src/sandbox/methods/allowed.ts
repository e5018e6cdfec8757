import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { kindOf, TYPES, type MethodType } from './kinds.js';

export interface Asked {
  /** What is to be paid; absent where something is only set up for later. */
  payment?: { amount: number; currency: string; manualCapture: boolean; redirects: boolean };
  allowed: readonly string[] | null;
  excluded: readonly string[] | null;
}

/** What can pay this, of what the caller chose: https://docs.stripe.com/payments/payment-methods/dynamic-payment-methods */
export function compatibleTypes(context: Context, { payment, allowed, excluded }: Asked): MethodType[] {
  const types = TYPES.filter(
    (type) =>
      isOffered(context, type) &&
      (allowed?.includes(type) ?? true) &&
      excluded?.includes(type) !== true &&
      (payment === undefined ? kindOf(type).reusable === true : fits(type, payment)),
  );
  if (types.length === 0)
    throw invalid(
      'No valid payment method types for this intent. Please ensure that you have activated payment methods compatible with your chosen currency in your dashboard.',
      { param: allowed === null ? 'currency' : 'allowed_payment_method_types' },
    );
  return types;
}

/** They exclude each other: https://docs.stripe.com/changelog/dahlia/2026-07-29/allowed-payment-method-types-parameter */
export function refuseTogether(given: Record<string, unknown>): void {
  const [first, second] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (first !== undefined && second !== undefined)
    throw invalid(`You may only specify one of these parameters: ${first}, ${second}.`, { param: second });
}

function fits(
  type: MethodType,
  { amount, currency, manualCapture, redirects }: NonNullable<Asked['payment']>,
): boolean {
  const { flow, currencies, amounts } = kindOf(type);
  const [least, most] = amounts ?? [0, Infinity];
  return (
    (currencies === undefined || currencies.includes(currency)) &&
    amount >= least &&
    amount <= most &&
    (redirects || flow !== 'page') &&
    (!manualCapture || flow === 'card')
  );
}

function isOffered({ settings }: Context, type: MethodType): boolean {
  const { businesses } = kindOf(type);
  return settings.account_country === null || businesses === undefined || businesses.includes(settings.account_country);
}
