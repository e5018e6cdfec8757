import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import { redeem, type DiscountWish } from './discounts.js';
import { listOfItems, type ItemWish } from './items.js';
import { costOf } from './pricing.js';

/** A new subscription with the discounts that were asked for it and for its items. */
export function discountNew(
  context: Context,
  draft: Stripe.Subscription,
  wish: { items: ItemWish[]; discounts?: DiscountWish[] | undefined },
): Stripe.Subscription {
  const items = draft.items.data.map((item, index) => ({
    ...item,
    discounts: redeem(
      context,
      wish.items[index]?.discounts ?? [],
      [],
      { ...ownerOf(context, draft), subscription_item: item.id },
      `items[${index}][discounts]`,
    ),
  }));
  return { ...discountSubscription(context, draft, wish.discounts ?? []), items: listOfItems(draft.id, items) };
}

/** Those that are not asked for again end: https://docs.stripe.com/api/subscriptions/update#update_subscription-discounts */
export function discountSubscription(
  context: Context,
  before: Stripe.Subscription,
  wishes: DiscountWish[] | undefined,
): Stripe.Subscription {
  if (wishes === undefined) return before;
  const kept = before.discounts.map((one) => idOf(one));
  return { ...before, discounts: redeem(context, wishes, kept, ownerOf(context, before), 'discounts') };
}

function ownerOf(context: Context, { id, customer, currency, items }: Stripe.Subscription) {
  const costs = items.data.map(({ price, quantity }) => costOf(context, price, quantity ?? 1, currency));
  return {
    customer: idOf(customer),
    currency,
    amount: costs.reduce((sum, cost) => sum + cost, 0),
    subscription: id,
  };
}
