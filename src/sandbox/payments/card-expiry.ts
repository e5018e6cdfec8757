import type Stripe from 'stripe';
import type { Context } from '../context.js';

const KIND = 'card.expiry';
/** How much longer the card lasts that a bank sends in place of an expired one. */
const RENEWED_YEARS = 3;

/** Sets when a saved card expires; called whenever it was saved or its date was changed. */
export function followExpiry(context: Context, { id, card, customer }: Stripe.PaymentMethod): void {
  if (card && customer !== null && expiry(card) > context.now) context.schedule.set(KIND, id, expiry(card));
  else context.schedule.clear(KIND, id);
}

/**
 * Card networks tell Stripe of new dates, and it takes them over:
 * https://docs.stripe.com/payments/cards/overview#automatic-card-updates
 */
export function cardExpires(context: Context, id: string): void {
  const before = context.store.get('payment_method', id);
  if (!before?.card || context.settings.expired_cards !== 'updated') return;
  const card = { ...before.card, exp_year: before.card.exp_year + RENEWED_YEARS };
  const method = context.store.put('payment_method', { ...before, card });
  context.emit('payment_method.automatically_updated', method, before);
  followExpiry(context, method);
}

/** Whether its bank refuses it for its date. https://docs.stripe.com/declines/codes */
export function isRefusedAsExpired(context: Context, { card }: Stripe.PaymentMethod): boolean {
  return context.settings.expired_cards === 'declined' && card !== undefined && expiry(card) <= context.now;
}

/** A card is good until the last day of its month. */
function expiry({ exp_month, exp_year }: Stripe.PaymentMethod.Card): number {
  return Date.UTC(exp_year, exp_month) / 1000;
}
