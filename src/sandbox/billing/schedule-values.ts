import type Stripe from 'stripe';
import { idOf } from '../objects.js';
import { mergeMetadata } from '../params.js';
import type { AddedItem } from './added-items.js';
import type { DiscountWish } from './discounts.js';

type Schedule = Stripe.SubscriptionSchedule;
type Phase = Stripe.SubscriptionSchedule.Phase;

/** An item stays where its price does; the others are changed in their order, added, or removed. */
export function itemsFor(before: Stripe.Subscription, { items }: Phase) {
  const rest = [...before.items.data];
  const take = (matches: (item: Stripe.SubscriptionItem) => boolean) => {
    const place = rest.findIndex(matches);
    return place < 0 ? undefined : rest.splice(place, 1)[0];
  };
  const same = items.map((wanted) => take((item) => item.price.id === idOf(wanted.price)));
  const changes = items.map((wanted, index) => {
    const old = same[index] ?? take(() => true);
    const { metadata, ...item } = itemOf(wanted);
    return { ...item, metadata: new Map(Object.entries(metadata)), ...(old !== undefined && { id: old.id }) };
  });
  return [...changes, ...rest.map(({ id }) => ({ id, deleted: true }))];
}

export function itemOf({ metadata, price, quantity, tax_rates, discounts }: Stripe.SubscriptionSchedule.Phase.Item) {
  return {
    price: idOf(price),
    quantity,
    tax_rates: tax_rates ?? [],
    discounts: discountsOf(discounts),
    metadata: metadata ?? {},
  };
}

export function addedOf({ add_invoice_items }: Pick<Phase, 'add_invoice_items'>): AddedItem[] {
  return add_invoice_items.map(({ discountable, discounts, metadata, price, quantity, tax_rates }) => ({
    price: idOf(price),
    quantity: quantity ?? 1,
    metadata: metadata ?? {},
    discountable: discountable ?? true,
    discounts: discountsOf(discounts),
    tax_rates: tax_rates ?? [],
  }));
}

export function discountsOf(discounts: Stripe.SubscriptionSchedule.Phase.Discount[]): DiscountWish[] {
  return discounts.map(({ coupon, discount, promotion_code }) => ({
    ...(coupon !== null && { coupon: idOf(coupon) }),
    ...(discount !== null && { discount: idOf(discount) }),
    ...(promotion_code !== null && { promotion_code: idOf(promotion_code) }),
  }));
}

/** A phase comes before the schedule's defaults, and its metadata is merged: https://docs.stripe.com/api/subscription_schedules/create */
export function fieldsOf(
  { default_settings }: Schedule,
  phase: Phase,
  metadata: Record<string, string>,
): Partial<Stripe.Subscription> {
  const collection_method = phase.collection_method ?? default_settings.collection_method;
  const method = phase.default_payment_method ?? default_settings.default_payment_method;
  const description = phase.description ?? default_settings.description;
  const days = phase.invoice_settings?.days_until_due ?? default_settings.invoice_settings.days_until_due;
  return {
    ...(collection_method !== null && { collection_method }),
    ...(method !== null && { default_payment_method: idOf(method) }),
    default_tax_rates: phase.default_tax_rates ?? [],
    ...(description !== null && { description }),
    days_until_due: collection_method === 'send_invoice' ? days : null,
    metadata: mergeMetadata(metadata, new Map(Object.entries(phase.metadata ?? {}))),
  };
}

export function modeOf({ billing_mode: { type, flexible } }: Schedule): Stripe.Subscription['billing_mode'] {
  return { type, flexible };
}

export function behaviorOf({ proration_behavior }: Phase): 'create_prorations' | 'none' | 'always_invoice' {
  if (proration_behavior === 'none') return 'none';
  return proration_behavior === 'always_invoice' ? 'always_invoice' : 'create_prorations';
}
