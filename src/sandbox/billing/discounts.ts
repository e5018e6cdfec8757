import type Stripe from 'stripe';
import { addMonths } from '../calc/periods.js';
import type { Reduction } from '../calc/discounts.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { findCoupon, findPromotion } from './redeemable.js';

export interface DiscountWish {
  coupon?: string;
  promotion_code?: string;
  /** One that is there already and stays. */
  discount?: string;
}
/** What is discounted: a subscription, one of its items, an invoice, or an invoice item. */
export interface Discounted {
  customer: string;
  currency: string;
  /** Minor units; what a promotion code's minimum is held against. */
  amount: number;
  subscription?: string;
  subscription_item?: string;
  invoice?: string;
  invoice_item?: string;
}

/** Redeems what was asked for, in this order; answers the discounts' ids. `kept`: those that are there already. */
export function redeem(
  context: Context,
  wishes: readonly DiscountWish[],
  kept: readonly string[],
  owner: Discounted,
  param: string,
): string[] {
  const ids = wishes.map((wish, index) => redeemOne(context, wish, kept, owner, `${param}[${index}]`));
  for (const id of kept) if (!ids.includes(id)) endDiscount(context, id);
  return ids;
}

function redeemOne(
  context: Context,
  wish: DiscountWish,
  kept: readonly string[],
  owner: Discounted,
  param: string,
): string {
  const { coupon, promotion_code, discount } = wish;
  if ([coupon, promotion_code, discount].filter((one) => one !== undefined).length !== 1)
    throw invalid('You must specify exactly one of: coupon, promotion_code, discount.', { param });
  if (discount !== undefined) {
    if (!kept.includes(discount)) find(context, 'discount', discount, `${param}[discount]`);
    return discount;
  }
  const promotion = promotion_code === undefined ? null : findPromotion(context, promotion_code, owner, param);
  const redeemed = findCoupon(
    context,
    coupon ?? idOf(promotion?.promotion.coupon) ?? '',
    owner.currency,
    `${param}[${promotion === null ? 'coupon' : 'promotion_code'}]`,
  );
  return createDiscount(context, redeemed, promotion, owner);
}

function createDiscount(
  context: Context,
  coupon: Stripe.Coupon,
  promotion: Stripe.PromotionCode | null,
  owner: Discounted,
): string {
  countRedemption(context, coupon, promotion);
  const discount = context.store.put('discount', {
    id: context.ids.next('di', 24),
    object: 'discount',
    checkout_session: null,
    customer: owner.customer,
    customer_account: null,
    end: coupon.duration === 'repeating' ? addMonths(context.now, coupon.duration_in_months ?? 0) : null,
    invoice: owner.invoice ?? null,
    invoice_item: owner.invoice_item ?? null,
    promotion_code: promotion?.id ?? null,
    source: { type: 'coupon', coupon: coupon.id },
    start: context.now,
    subscription: owner.subscription ?? null,
    subscription_item: owner.subscription_item ?? null,
  });
  if (discount.subscription !== null) {
    context.emit('customer.discount.created', discount);
    if (discount.end !== null) context.schedule.set('discount.end', discount.id, discount.end);
  }
  return discount.id;
}

/** At its limit a coupon, or a code, can be redeemed no more: https://docs.stripe.com/api/coupons/object#coupon_object-valid */
function countRedemption(context: Context, coupon: Stripe.Coupon, promotion: Stripe.PromotionCode | null): void {
  const times_redeemed = coupon.times_redeemed + 1;
  const full = coupon.max_redemptions !== null && times_redeemed >= coupon.max_redemptions;
  context.store.put('coupon', { ...coupon, times_redeemed, valid: coupon.valid && !full });
  if (promotion === null) return;
  const times = promotion.times_redeemed + 1;
  const over = promotion.max_redemptions !== null && times >= promotion.max_redemptions;
  context.store.put('promotion_code', {
    ...promotion,
    times_redeemed: times,
    active: promotion.active && !over && !full,
  });
}

/** Those that still take something off. */
export function liveDiscounts(context: Context, ids: readonly (string | Stripe.Discount)[]): string[] {
  return ids
    .map((one) => idOf(one))
    .filter((id) => {
      const end = context.store.get('discount', id)?.end ?? Infinity;
      return context.store.get('spent_discount', id) === undefined && end > context.now;
    });
}

/** What a discount takes off, in this currency. */
export function reductionOf(context: Context, id: string, currency: string): Reduction {
  const discount = find(context, 'discount', id);
  const coupon = find(context, 'coupon', idOf(discount.source.coupon) ?? '');
  const fact = context.store.get('coupon_fact', coupon.id);
  const own = coupon.currency === currency ? coupon.amount_off : null;
  return {
    id,
    percent_off: coupon.percent_off,
    amount_off: own ?? fact?.currency_options[currency]?.amount_off ?? null,
    products: fact?.products ?? null,
  };
}

/** `once` is over when an invoice has taken it: https://docs.stripe.com/billing/subscriptions/coupons */
export function spendDiscounts(context: Context, invoice: Stripe.Invoice): void {
  for (const { amount, discount } of invoice.total_discount_amounts ?? []) {
    const found = context.store.get('discount', idOf(discount));
    if (amount === 0 || found === undefined || found.subscription === null) continue;
    const coupon = context.store.get('coupon', idOf(found.source.coupon) ?? '');
    if (coupon?.duration === 'once') endDiscount(context, found.id);
  }
}

export function endDiscount(context: Context, id: string): void {
  const discount = context.store.get('discount', id);
  if (discount === undefined || context.store.get('spent_discount', id) !== undefined) return;
  context.store.put('spent_discount', { id });
  context.schedule.clear('discount.end', id);
  if (discount.subscription !== null) context.emit('customer.discount.deleted', discount);
}

/** As a subscription shows itself: without the discounts that are over. */
export function withoutSpent(context: Context, subscription: Stripe.Subscription): Stripe.Subscription {
  const spent = (ids: readonly (string | Stripe.Discount)[]) =>
    ids.some((one) => context.store.get('spent_discount', idOf(one)) !== undefined);
  const kept = (ids: readonly (string | Stripe.Discount)[]) =>
    ids.map((one) => idOf(one)).filter((id) => context.store.get('spent_discount', id) === undefined);
  const items = subscription.items.data;
  if (!spent(subscription.discounts) && !items.some((item) => spent(item.discounts))) return subscription;
  return {
    ...subscription,
    discounts: kept(subscription.discounts),
    items: { ...subscription.items, data: items.map((item) => ({ ...item, discounts: kept(item.discounts) })) },
  };
}
