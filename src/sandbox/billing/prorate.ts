import type Stripe from 'stripe';
import { periodAt } from '../calc/periods.js';
import { restOf } from '../calc/proration.js';
import { discountLines } from '../calc/discounts.js';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import { openDebits } from './debits.js';
import { liveDiscounts, reductionOf } from './discounts.js';
import { createInvoiceItem } from './invoice-items.js';
import { rhythmOf } from './items.js';
import { itemAmount, productName } from './lines.js';
import { isMetered } from './pricing.js';
import { bookUsage } from './usage.js';

type Subscription = Stripe.Subscription;
type Item = Stripe.SubscriptionItem;

/**
 * What was paid for and not used is given back, what is now used is asked for, both for the rest of the period:
 * https://docs.stripe.com/billing/subscriptions/prorations. `resets`: the new period is asked for as a whole.
 */
export function prorate(
  context: Context,
  before: Subscription,
  after: Subscription,
  { at, resets }: { at: number; resets: boolean },
): void {
  for (const item of before.items.data) {
    const now = after.items.data.find(({ id }) => id === item.id);
    if (!resets && now !== undefined && sameCost(item, now)) continue;
    if (isMetered(item.price)) bookUsage(context, before, item);
    else bookCredit(context, before, item, at);
  }
  if (resets) return;
  for (const item of after.items.data) {
    const was = before.items.data.find(({ id }) => id === item.id);
    if (isMetered(item.price)) continue;
    if (was === undefined || !sameCost(was, item)) bookDebit(context, after, item, at);
  }
}

/**
 * Flexible billing gives back what was debited, a credit for each debit, and nothing where nothing was; classic what the
 * item costs today: https://docs.stripe.com/billing/subscriptions/billing-mode/compare
 */
export function bookCredit(context: Context, subscription: Subscription, item: Item, at: number): void {
  if (subscription.billing_mode.type === 'classic') {
    const { amount, end } = restOfItem(context, subscription, item, at);
    return book(context, subscription, item, { amount: amount === 0 ? 0 : -amount, at, end });
  }
  for (const { amount, period, price, quantity, tax_rates } of openDebits(context, subscription, item, at)) {
    const credit = restOf(amount, period, at);
    if (credit > 0)
      book(context, subscription, { ...item, price, quantity, tax_rates }, { amount: -credit, at, end: period.end });
  }
}

export function bookDebit(context: Context, subscription: Subscription, item: Item, at: number): void {
  const { amount, end } = restOfItem(context, subscription, item, at);
  book(context, subscription, item, { amount, at, end });
}

/**
 * What an item costs from a moment to the end of its period, or of the subscription within it. A period that an anchor
 * cut short is measured by a whole one: https://docs.stripe.com/billing/subscriptions/billing-cycle
 */
function restOfItem(context: Context, subscription: Subscription, item: Item, at: number) {
  const { current_period_start, current_period_end } = item;
  const natural = periodAt(subscription.billing_cycle_anchor, rhythmOf(item.price), current_period_start);
  const period =
    natural.end === current_period_end ? natural : { start: current_period_start, end: current_period_end };
  const end = Math.min(subscription.cancel_at ?? period.end, period.end);
  const net = netAmount(context, subscription, item);
  return { amount: restOf(net, period, at) - restOf(net, period, end), end };
}

/** A proration's amount has the discounts in it, and cannot be discounted further: https://docs.stripe.com/billing/subscriptions/coupons */
function netAmount(context: Context, subscription: Subscription, item: Item): number {
  const { items, currency, discounts } = subscription;
  const reductions = (ids: readonly (string | Stripe.Discount)[]) =>
    liveDiscounts(context, ids).map((id) => reductionOf(context, id, currency));
  const lines = items.data.map((one) => ({
    amount: itemAmount(context, subscription, one),
    discountable: true,
    product: idOf(one.price.product),
    own: reductions(one.discounts),
  }));
  const taken = discountLines(lines, reductions(discounts));
  const place = items.data.findIndex(({ id }) => id === item.id);
  return (taken[place] ?? []).reduce((rest, { amount }) => rest - amount, lines[place]?.amount ?? 0);
}

function book(
  context: Context,
  subscription: Subscription,
  item: Item,
  { amount, at, end }: { amount: number; at: number; end: number },
): void {
  const quantity = item.quantity ?? 1;
  const what = `${quantity === 1 ? '' : `${quantity} × `}${productName(context, item.price)}`;
  createInvoiceItem(context, {
    customer: idOf(subscription.customer),
    amount,
    currency: subscription.currency,
    description: `${amount < 0 ? 'Unused' : 'Remaining'} time on ${what} after ${shownDay(at)}`,
    period: { start: at, end },
    price: item.price,
    quantity,
    subscription: { id: subscription.id, item: item.id },
    proration: true,
    tax_rates: item.tax_rates ?? [],
  });
}

function sameCost(one: Item, other: Item): boolean {
  return one.price.id === other.price.id && one.quantity === other.quantity;
}

function shownDay(at: number): string {
  return new Date(at * 1000).toLocaleDateString('en-GB', {
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
