import type Stripe from 'stripe';
import { redeem, type DiscountWish } from '../billing/discounts.js';
import { findCoupon, findPromotion } from '../billing/redeemable.js';
import { discountLines, type Reduction } from '../calc/discounts.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';

type Session = Stripe.Checkout.Session;

/** Takes a coupon or a promotion code off what the session asks for; null: takes it back. Redeemed when it completes. */
export function discountSession(context: Context, session: Session, wish: DiscountWish | null, param: string): Session {
  const fact = find(context, 'checkout_fact', session.id);
  const reduction = wish === null ? null : reductionFor(context, session, wish, param);
  // What a trial delays is not discounted now.
  const due = fact.items.map((item) => (fact.trial_end !== null && item.price?.recurring ? 0 : item.amount_subtotal));
  const lines = fact.items.map(({ price }, index) => ({
    amount: due[index] ?? 0,
    discountable: true,
    product: idOf(price?.product),
    own: [],
  }));
  const taken = discountLines(lines, reduction === null ? [] : [reduction]).map((parts) => sum(parts));
  const items = fact.items.map((item, index) => {
    const amount_discount = taken[index] ?? 0;
    return { ...item, amount_discount, amount_total: item.amount_subtotal - amount_discount };
  });
  context.store.put('checkout_fact', { ...fact, items });
  const amount_discount = taken.reduce((all, one) => all + one, 0);
  return context.store.put('checkout_session', {
    ...session,
    amount_total: (session.amount_subtotal ?? 0) - amount_discount,
    discounts: wish === null ? [] : [{ coupon: wish.coupon ?? null, promotion_code: wish.promotion_code ?? null }],
    total_details: { amount_discount, amount_shipping: 0, amount_tax: 0 },
  });
}

/** By what a person types: https://docs.stripe.com/payments/checkout/discounts */
export function enterCode(context: Context, session: Session, code: string): Session {
  if (session.allow_promotion_codes !== true) throw invalid('This session takes no promotion codes.');
  if (code === '') return discountSession(context, session, null, 'code');
  const found = context.store
    .rows('promotion_code')
    .find(({ value }) => value.active && value.code.toLowerCase() === code.toLowerCase());
  if (found === undefined) throw invalid('This code is invalid.');
  return discountSession(context, session, { promotion_code: found.value.id }, 'code');
}

export function wishOf({ discounts }: Session): DiscountWish[] {
  return (discounts ?? []).map(({ coupon, promotion_code }) => ({
    ...(coupon !== null && { coupon: idOf(coupon) }),
    ...(promotion_code !== null && { promotion_code: idOf(promotion_code) }),
  }));
}

/** A payment has no invoice that would redeem it. */
export function redeemForPayment(context: Context, session: Session): void {
  const owner = {
    customer: idOf(session.customer) ?? '',
    currency: session.currency ?? 'usd',
    amount: session.amount_subtotal ?? 0,
  };
  for (const id of redeem(context, wishOf(session), [], owner, 'discounts'))
    context.store.put('discount', { ...find(context, 'discount', id), checkout_session: session.id });
}

function reductionFor(context: Context, session: Session, wish: DiscountWish, param: string): Reduction {
  const { coupon, promotion_code } = wish;
  if ((coupon === undefined) === (promotion_code === undefined))
    throw invalid('You must specify exactly one of: coupon, promotion_code.', { param });
  const currency = session.currency ?? 'usd';
  const owner = { customer: idOf(session.customer) ?? '', currency, amount: session.amount_subtotal ?? 0 };
  const promotion = promotion_code === undefined ? null : findPromotion(context, promotion_code, owner, param);
  const id = coupon ?? idOf(promotion?.promotion.coupon) ?? '';
  const found = findCoupon(context, id, currency, `${param}[${promotion === null ? 'coupon' : 'promotion_code'}]`);
  const fact = context.store.get('coupon_fact', found.id);
  const own = found.currency === currency ? found.amount_off : null;
  return {
    id: found.id,
    percent_off: found.percent_off,
    amount_off: own ?? fact?.currency_options[currency]?.amount_off ?? null,
    products: fact?.products ?? null,
  };
}

function sum(parts: readonly { amount: number }[]): number {
  return parts.reduce((all, { amount }) => all + amount, 0);
}
