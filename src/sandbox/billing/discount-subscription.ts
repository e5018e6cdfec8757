import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, StripeError } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { redeem, type DiscountWish } from './discounts.js';
import { listOfItems, type ItemWish } from './items.js';
import { costOf } from './pricing.js';
import { updateSubscription } from './subscriptions.js';

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

/** What remains after the one that it has is taken off: https://docs.stripe.com/api/discounts/subscription_delete */
export function undiscount(context: Context, subscription: Stripe.Subscription): Stripe.DeletedDiscount {
  const [id, ...more] = subscription.discounts.map((one) => idOf(one));
  if (id === undefined) throw noDiscount(`subscription: ${subscription.id}`);
  // Which one it would be is not documented.
  if (more.length > 0)
    throw invalid('This subscription has several discounts: say with `discounts` in an update which of them stay.');
  const { end: _end, ...discount } = find(context, 'discount', id);
  updateSubscription(context, subscription, discountSubscription(context, subscription, []));
  return { ...discount, deleted: true };
}

export function noDiscount(owner: string): StripeError {
  return new StripeError(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No active discount for ${owner}`,
  });
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
