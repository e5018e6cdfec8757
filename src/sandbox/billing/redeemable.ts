import type Stripe from 'stripe';
import { shownAmount } from '../calc/currencies.js';
import type { Context } from '../context.js';
import { invalid, missing } from '../errors.js';
import { idOf } from '../objects.js';
import type { Discounted } from './discounts.js';

/** A coupon that can be redeemed now, for something in this currency. */
export function findCoupon(context: Context, id: string, currency: string, param: string): Stripe.Coupon {
  const coupon = context.store.get('coupon', id);
  const fact = context.store.get('coupon_fact', id);
  if (coupon === undefined || fact?.deleted === true) throw missing('coupon', id, param);
  // https://docs.stripe.com/error-codes#coupon-expired
  if (!coupon.valid) throw invalid(`Coupon expired: ${id}`, { code: 'coupon_expired', param });
  const inCurrency = coupon.currency === currency || fact?.currency_options[currency] !== undefined;
  if (coupon.amount_off !== null && !inCurrency)
    throw invalid(`The coupon ${id} is in ${coupon.currency}, and cannot be applied to what is in ${currency}.`, {
      param,
    });
  return coupon;
}

/** A promotion code whose restrictions hold: https://docs.stripe.com/billing/subscriptions/coupons#promotion-codes */
export function findPromotion(
  context: Context,
  id: string,
  { customer, currency, amount }: Discounted,
  within: string,
): Stripe.PromotionCode {
  const param = `${within}[promotion_code]`;
  const promotion = context.store.get('promotion_code', id);
  if (promotion === undefined) throw missing('promotion code', id, param);
  const refuse = (why: string) => invalid(`This promotion code cannot be redeemed ${why}`, { param });
  if (!promotion.active) throw refuse('because it is inactive.');
  const only = idOf(promotion.customer);
  if (only !== null && only !== customer) throw refuse('because it is not for this customer.');
  const { first_time_transaction, minimum_amount, minimum_amount_currency, currency_options } = promotion.restrictions;
  if (first_time_transaction && hasPaid(context, customer))
    throw refuse('because the associated customer has prior transactions.');
  const least =
    minimum_amount_currency === currency
      ? minimum_amount
      : (currency_options?.[currency]?.minimum_amount ?? minimum_amount);
  if (least !== null && amount < least)
    throw refuse(`because the minimum amount of ${shownAmount(least, currency)} is not met.`);
  return promotion;
}

/** Successful payments and invoices that were not free count as transactions. */
function hasPaid(context: Context, customer: string): boolean {
  return (
    context.store.by('charge', 'customer', customer).some(({ paid }) => paid) ||
    context.store.by('invoice', 'customer', customer).some(({ status, total }) => status === 'paid' && total > 0)
  );
}
