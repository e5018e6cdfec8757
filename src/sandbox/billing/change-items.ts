import type Stripe from 'stripe';
import { periodAt } from '../calc/periods.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { redeem, type DiscountWish } from './discounts.js';
import { makeItem, planOf, recurringPrice, refuseOtherCurrency, rhythmOf } from './items.js';
import { costOf, isMetered } from './pricing.js';

export interface ItemChange {
  id?: string | undefined;
  price?: string | undefined;
  quantity?: number | undefined;
  deleted?: boolean | undefined;
  metadata?: Record<string, string> | undefined;
  discounts?: DiscountWish[] | undefined;
  tax_rates?: Stripe.TaxRate[] | undefined;
}

/** What was asked for, item by item; an item without an id is a new one. */
export function itemsAfter(
  context: Context,
  before: Stripe.Subscription,
  changes: ItemChange[],
): Stripe.SubscriptionItem[] {
  const added = changes
    .map((change, index) => ({ change, index }))
    .filter(({ change }) => change.id === undefined)
    .map(({ change, index }) => addItem(context, before, change, index));
  const kept = before.items.data.flatMap((item) => {
    const index = changes.findIndex((change) => change.id === item.id);
    const change = changes[index];
    if (change === undefined) return [item];
    return change.deleted === true ? [] : [changeItem(context, before, item, change, index)];
  });
  for (const [index, { id }] of changes.entries())
    if (id !== undefined && !before.items.data.some((item) => item.id === id))
      throw invalid(`No such subscription item: '${id}'`, { code: 'resource_missing', param: `items[${index}][id]` });
  const items = [...kept, ...added];
  if (items.length === 0)
    throw invalid(
      'A subscription must have at least one active plan. To remove the last plan, cancel the subscription.',
      { param: 'items' },
    );
  return items;
}

function addItem(
  context: Context,
  before: Stripe.Subscription,
  change: ItemChange,
  index: number,
): Stripe.SubscriptionItem {
  const param = `items[${index}][price]`;
  if (change.price === undefined)
    throw invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  const price = recurringPrice(context, change.price, param);
  refuseOtherCurrency(context, before.currency, price, param);
  const period = periodAt(before.billing_cycle_anchor, rhythmOf(price), context.now);
  const first = before.items.data[0];
  const trialing = before.status === 'trialing' && first !== undefined;
  const shown = trialing ? { start: first.current_period_start, end: first.current_period_end } : period;
  const { quantity, metadata, tax_rates } = change;
  const item = makeItem(
    context,
    before.id,
    { price: change.price, quantity, ...(metadata && { metadata }), ...(tax_rates && { tax_rates }) },
    shown,
    param,
  );
  return { ...item, discounts: discountsAfter(context, before, item, change, index) };
}

function changeItem(
  context: Context,
  before: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  change: ItemChange,
  index: number,
): Stripe.SubscriptionItem {
  const param = `items[${index}][price]`;
  const price = change.price === undefined ? item.price : recurringPrice(context, change.price, param);
  refuseOtherCurrency(context, before.currency, price, param);
  const { quantity, ...kept } = item;
  const changed = {
    ...kept,
    price,
    plan: planOf(price),
    ...(!isMetered(price) && { quantity: change.quantity ?? quantity ?? 1 }),
    metadata: change.metadata ?? item.metadata,
    tax_rates: change.tax_rates ?? item.tax_rates,
  };
  return { ...changed, discounts: discountsAfter(context, before, changed, change, index) };
}

function discountsAfter(
  context: Context,
  before: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  { discounts }: ItemChange,
  index: number,
): string[] {
  const kept = item.discounts.map((one) => idOf(one));
  if (discounts === undefined) return kept;
  const owner = {
    customer: idOf(before.customer),
    currency: before.currency,
    amount: costOf(context, item.price, item.quantity ?? 1, before.currency),
    subscription: before.id,
    subscription_item: item.id,
  };
  return redeem(context, discounts, kept, owner, `items[${index}][discounts]`);
}
