import type { Context } from './context.js';
import { missing, type StripeError } from './errors.js';
import type { Objects, ObjectType } from './objects.js';

/** How Stripe's messages call what was not found. */
const WORDS: Partial<Record<ObjectType, string>> = {
  billing_portal_configuration: 'configuration',
  external_account: 'external account',
  checkout_session: 'checkout.session',
  payment_intent: 'payment_intent',
  payment_method: 'PaymentMethod',
  setup_intent: 'setupintent',
  subscription: 'subscription',
  credit_note: 'credit note',
  promotion_code: 'promotion code',
  subscription_schedule: 'subscription schedule',
  tax_rate: 'tax rate',
  test_clock: 'test clock',
  balance_transaction: 'balance transaction',
  webhook_endpoint: 'webhook endpoint',
};

/** The object with this id. `param`: the parameter that named it; without one, the path did, and the error is a 404. */
export function find<T extends ObjectType>(context: Context, type: T, id: string, param?: string): Objects[T] {
  const found = context.store.get(type, id);
  if (found === undefined) throw notFound(type, id, param);
  return found;
}

export function notFound(type: ObjectType, id: string, param?: string): StripeError {
  return missing(WORDS[type] ?? type, id, param);
}
