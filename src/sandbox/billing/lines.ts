import type Stripe from 'stripe';
import { priceOf } from '../calc/amounts.js';
import { shownAmount } from '../calc/currencies.js';
import type { Period } from '../calc/periods.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';

export type Line = Stripe.InvoiceLineItem;

/** What an item costs for a whole period. */
export function itemAmount(item: Pick<Stripe.SubscriptionItem, 'price' | 'quantity'>): number {
  return priceOf(item.price, item.quantity ?? 1);
}

/** The line of a subscription's item for a period; `amount` where it is not the whole. */
export function itemLine(
  context: Context,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  period: Period,
  invoice: string,
  amount = itemAmount(item),
): Line {
  const trial = subscription.trial_end !== null && period.end <= subscription.trial_end;
  return {
    ...blankLine(context, invoice, trial ? 0 : amount, item.price.currency),
    description: trial
      ? `Trial period for ${productName(context, item.price)}`
      : `${item.quantity ?? 1} × ${productName(context, item.price)} (at ${rate(item.price)})`,
    metadata: subscription.metadata,
    parent: {
      type: 'subscription_item_details',
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: null,
        subscription: subscription.id,
        subscription_item: item.id,
      },
    },
    period,
    pricing: pricingOf(item.price),
    quantity: item.quantity ?? 1,
    quantity_decimal: null,
    subscription: subscription.id,
  };
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
  };
}

export function pricingOf(price: Stripe.Price): Stripe.InvoiceItem.Pricing & { type: 'price_details' } {
  return {
    type: 'price_details',
    price_details: { price: price.id, product: idOf(price.product) },
    unit_amount_decimal: price.unit_amount_decimal,
  };
}

export function productName(context: Context, price: Stripe.Price): string {
  return find(context, 'product', idOf(price.product)).name;
}

function rate({ unit_amount, currency, recurring }: Stripe.Price): string {
  const amount = shownAmount(unit_amount ?? 0, currency);
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
