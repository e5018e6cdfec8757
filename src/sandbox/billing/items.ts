import type Stripe from 'stripe';
import type { Period } from '../calc/periods.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import type { DiscountWish } from './discounts.js';
import { isMetered, pricedIn } from './pricing.js';

export interface ItemWish {
  price: string;
  quantity?: number | undefined;
  metadata?: Record<string, string>;
  tax_rates?: Stripe.TaxRate[];
  discounts?: DiscountWish[] | undefined;
}

/** A subscription's item: its period lies here since 2025-03-31: https://docs.stripe.com/changelog/basil */
export function makeItem(
  context: Context,
  subscription: string,
  wish: ItemWish,
  period: Period,
  param = 'items[0][price]',
): Stripe.SubscriptionItem {
  const price = recurringPrice(context, wish.price, param);
  const metered = isMetered(price);
  if (metered && wish.quantity !== undefined)
    throw invalid('You cannot set the quantity of a metered price: it is what was used.', {
      param: param.replace('[price]', '[quantity]'),
    });
  return {
    id: context.ids.next('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: context.now,
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: wish.metadata ?? {},
    plan: planOf(price),
    price,
    ...(!metered && { quantity: wish.quantity ?? 1 }),
    subscription,
    tax_rates: wish.tax_rates ?? [],
  };
}

export function recurringPrice(context: Context, id: string, param: string): Stripe.Price {
  const price = find(context, 'price', id, param);
  if (price.recurring === null)
    throw invalid(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      { param },
    );
  if (!price.active)
    throw invalid('The price specified is inactive. This field only accepts active prices.', { param });
  return price;
}

/** One currency per subscription; a price may have several: https://docs.stripe.com/products-prices/multi-currency */
export function refuseOtherCurrency(context: Context, currency: string, price: Stripe.Price, param: string): void {
  if (pricedIn(context, price, currency) === undefined)
    throw invalid(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
      { param },
    );
}

export function rhythmOf(price: Stripe.Price): { interval: string; interval_count: number } {
  return price.recurring ?? { interval: 'month', interval_count: 1 };
}

export function listOfItems(
  subscription: string,
  data: Stripe.SubscriptionItem[],
): Stripe.ApiList<Stripe.SubscriptionItem> {
  return { object: 'list', data, has_more: false, url: `/v1/subscription_items?subscription=${subscription}` };
}

/** The first and the last moment at which an item's period ends. */
export function periodEnds(subscription: Stripe.Subscription): { first: number; last: number } {
  const ends = subscription.items.data.map((item) => item.current_period_end);
  return { first: Math.min(...ends), last: Math.max(...ends) };
}

/** The older shape of a recurring price, still sent with every item: https://docs.stripe.com/api/plans/object */
export function planOf(price: Stripe.Price): Stripe.Plan {
  const recurring = price.recurring;
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: recurring?.interval ?? 'month',
    interval_count: recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: recurring?.meter ?? null,
    nickname: price.nickname,
    product: idOf(price.product),
    tiers_mode: price.tiers_mode,
    transform_usage: null,
    trial_period_days: recurring?.trial_period_days ?? null,
    usage_type: recurring?.usage_type ?? 'licensed',
  };
}
