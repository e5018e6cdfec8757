import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { chargeOf } from './charges.js';
import { refuseAmount } from './intent-changes.js';
import { intentFact } from './intent-fact.js';
import { refused, unexpectedState } from './intent-refusals.js';

/** https://docs.stripe.com/api/payment_intents/increment_authorization */
const ATTEMPTS = 10;

/**
 * Holds more on a card: https://docs.stripe.com/payments/incremental-authorization. `amount` is the new total, in minor
 * units. None of Stripe's test cards is documented to decline this.
 */
export function incrementAuthorization(
  context: Context,
  before: Stripe.PaymentIntent,
  amount: number,
): Stripe.PaymentIntent {
  const held = chargeOf(context, before);
  if (before.status !== 'requires_capture' || held === undefined) throw unexpectedState('incremented', before);
  const details = held.payment_method_details;
  const card = details?.card;
  if (details === null || card?.incremental_authorization?.status !== 'available')
    throw refused(before, 'This PaymentIntent is not eligible for incremental authorizations.');
  if (amount <= before.amount)
    throw refused(before, 'The amount must be greater than the currently authorized amount.', { param: 'amount' });
  refuseAmount(amount, before.currency);
  countAttempt(context, before);
  context.store.put('charge', {
    ...held,
    amount,
    payment_method_details: { ...details, card: { ...card, amount_authorized: amount } },
  });
  const intent = context.store.put('payment_intent', { ...before, amount, amount_capturable: amount });
  context.emit('payment_intent.amount_capturable_updated', intent);
  return intent;
}

function countAttempt(context: Context, intent: Stripe.PaymentIntent): void {
  const fact = intentFact(context, intent.id);
  if (fact.increments >= ATTEMPTS)
    throw refused(intent, `An authorization can be incremented ${ATTEMPTS} times at most.`);
  context.store.put('intent_fact', { ...fact, increments: fact.increments + 1 });
}
