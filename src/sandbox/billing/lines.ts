import Stripe from 'stripe';
import type { Part } from '../calc/amounts.js';
import { shownAmount } from '../calc/currencies.js';
import type { Period } from '../calc/periods.js';
import { restOf } from '../calc/proration.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { liveDiscounts } from './discounts.js';
import { costOf, isMetered, partsFor } from './pricing.js';

export type Line = Stripe.InvoiceLineItem;

type Item = Stripe.SubscriptionItem;

/** What an item costs for a whole period, in the subscription's currency. */
export function itemAmount(context: Context, { currency }: Stripe.Subscription, item: Item): number {
  return isMetered(item.price) ? 0 : costOf(context, item.price, item.quantity ?? 1, currency);
}

/**
 * The lines that ask for a subscription's item in advance; `natural`: the whole period, where only a part is asked for.
 * A subscription that ends within it is asked for until then:
 * https://docs.stripe.com/api/subscriptions/update#update_subscription-cancel_at
 */
export function itemLines(
  context: Context,
  subscription: Stripe.Subscription,
  item: Item,
  period: Period,
  invoice: string,
  natural = period,
): Line[] {
  if (isMetered(item.price)) return [];
  const cancelAt = subscription.cancel_at ?? period.end;
  const end = cancelAt > period.start ? Math.min(cancelAt, period.end) : period.end;
  const part = (amount: number) => restOf(amount, natural, period.start) - restOf(amount, natural, end);
  const asked = { start: period.start, end };
  return linesFor(context, subscription, item, item.quantity ?? 1, asked, invoice, part);
}

/** The lines of an item for a quantity and a period, one per tier. */
export function linesFor(
  context: Context,
  subscription: Stripe.Subscription,
  item: Item,
  quantity: number,
  period: Period,
  invoice: string,
  part: (amount: number) => number = (amount) => amount,
): Line[] {
  const name = productName(context, item.price);
  const line = (amount: number, description: string, more: Partial<Line>): Line => ({
    ...blankLine(context, invoice, amount, subscription.currency),
    description,
    discounts: liveDiscounts(context, item.discounts),
    metadata: subscription.metadata,
    parent: itemParent(subscription, item),
    period,
    pricing: pricingOf(item.price),
    quantity: Math.round(quantity),
    subscription: subscription.id,
    taxes: namedRates(item.tax_rates),
    ...more,
  });
  // https://docs.stripe.com/billing/subscriptions/trials/free-trials: a trial is invoiced, for nothing
  if (subscription.trial_end !== null && period.end <= subscription.trial_end)
    return [line(0, `Trial period for ${name}`, {})];
  return partsFor(context, item.price, quantity, subscription.currency).map((one) =>
    line(part(one.amount), describePart(one, name, item.price, subscription.currency), {
      quantity: Math.round(one.quantity),
      pricing: pricingOf(item.price, one),
    }),
  );
}

function itemParent(subscription: Stripe.Subscription, item: Item): Line['parent'] {
  return {
    type: 'subscription_item_details',
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: null,
      subscription: subscription.id,
      subscription_item: item.id,
    },
  };
}

function describePart({ quantity, unit, tier }: Part, name: string, price: Stripe.Price, currency: string): string {
  if (unit === null) return `${name} (Tier ${tier} flat fee)`;
  return `${quantity} × ${name} (${tier === null ? '' : `Tier ${tier} `}at ${rate(price, unit, currency)})`;
}

/** The line that a pending invoice item becomes. */
export function pendingLine(context: Context, item: Stripe.InvoiceItem, invoice: string): Line {
  const subscription = item.parent?.subscription_details?.subscription ?? null;
  const subscriptionItem = item.parent?.subscription_details?.subscription_item;
  const details = {
    invoice_item: item.id,
    proration: item.proration,
    proration_details: { credited_items: null },
    subscription,
  };
  return {
    ...blankLine(context, invoice, item.amount, item.currency),
    description: item.description,
    discountable: item.discountable,
    discounts: (item.discounts ?? []).map((one) => idOf(one)),
    metadata: item.metadata ?? {},
    parent:
      subscriptionItem === undefined
        ? { type: 'invoice_item_details', invoice_item_details: details, subscription_item_details: null }
        : {
            type: 'subscription_item_details',
            invoice_item_details: null,
            subscription_item_details: { ...details, subscription_item: subscriptionItem },
          },
    period: item.period,
    pricing: item.pricing === null ? null : { ...item.pricing, type: 'price_details' },
    quantity: item.quantity,
    subscription,
    taxes: namedRates(item.tax_rates),
  };
}

/** Which rates a line names; how much they are follows with the invoice's totals. */
export function namedRates(rates: readonly Stripe.TaxRate[] | null): Stripe.InvoiceLineItem.Tax[] {
  return (rates ?? []).map(({ id, inclusive }) => ({
    amount: 0,
    tax_behavior: inclusive ? 'inclusive' : 'exclusive',
    tax_rate_details: { tax_rate: id },
    taxability_reason: 'not_available',
    taxable_amount: 0,
    type: 'tax_rate_details',
  }));
}

export function pricingOf(price: Stripe.Price, part?: Part): Stripe.InvoiceItem.Pricing & { type: 'price_details' } {
  const unit = part === undefined ? null : (part.unit ?? part.amount);
  return {
    type: 'price_details',
    price_details: { price: price.id, product: idOf(price.product) },
    unit_amount_decimal: unit === null ? price.unit_amount_decimal : Stripe.Decimal.from(unit),
  };
}

export function productName(context: Context, price: Stripe.Price): string {
  return find(context, 'product', idOf(price.product)).name;
}

function rate({ recurring }: Stripe.Price, unit: number, currency: string): string {
  const amount = shownAmount(unit, currency);
  if (recurring === null) return amount;
  const { interval, interval_count } = recurring;
  return `${amount} / ${interval_count === 1 ? interval : `every ${interval_count} ${interval}s`}`;
}

function blankLine(context: Context, invoice: string, amount: number, currency: string): Line {
  return {
    id: context.ids.next('il', 24),
    object: 'line_item',
    amount,
    currency,
    description: null,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice,
    livemode: false,
    metadata: {},
    parent: null,
    period: { start: context.now, end: context.now },
    pretax_credit_amounts: [],
    pricing: null,
    quantity: 1,
    quantity_decimal: null,
    subscription: null,
    subtotal: amount,
    taxes: [],
  };
}
