import type { Context } from '../context.js';
import { liveDiscounts, endDiscount } from './discounts.js';
import { updateSubscription } from './subscriptions.js';

/** After `redeem_by` it cannot be redeemed: https://docs.stripe.com/api/coupons/object#coupon_object-redeem_by */
export function expireCoupon(context: Context, id: string): void {
  const coupon = context.store.get('coupon', id);
  if (coupon !== undefined) context.store.put('coupon', { ...coupon, valid: false });
}

/** https://docs.stripe.com/api/promotion_codes/object#promotion_code_object-expires_at */
export function expirePromotionCode(context: Context, id: string): void {
  const before = context.store.get('promotion_code', id);
  if (before === undefined || !before.active) return;
  context.emit('promotion_code.updated', context.store.put('promotion_code', { ...before, active: false }), before);
}

/** The months of a repeating coupon are over. */
export function expireDiscount(context: Context, id: string): void {
  const discount = context.store.get('discount', id);
  if (discount === undefined || liveDiscounts(context, [id]).length > 0) return;
  endDiscount(context, id);
  const subscription = context.store.get('subscription', String(discount.subscription));
  if (subscription !== undefined && subscription.status !== 'canceled') updateSubscription(context, subscription, {});
}
