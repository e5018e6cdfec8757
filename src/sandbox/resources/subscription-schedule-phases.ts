import type Stripe from 'stripe';
import { isMetered } from '../billing/pricing.js';
import type { PhaseDraft } from '../billing/schedules.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import * as p from '../params.js';
import { addedItem, addedItems } from './added-items.js';
import { discounts } from './discount-kind.js';
import { priceOf } from './price-data.js';
import { currencyKind } from './prices.js';
import { itemFields, proration } from './subscription-fields.js';
import { taxRatesOf } from './tax-rates.js';

type Settings = Stripe.SubscriptionSchedule.DefaultSettings;
const BLANK_SETTINGS = {
  account_tax_ids: null,
  custom_fields: null,
  description: null,
  footer: null,
  issuer: null,
};

export const moment = p.either(p.timestamp, p.oneOf('now'));
const invoice_settings = p.hash({ days_until_due: p.atLeast(0) });
export const settings = p.hash({
  billing_cycle_anchor: p.oneOf('automatic', 'phase_start'),
  collection_method: p.oneOf('charge_automatically', 'send_invoice'),
  default_payment_method: p.text,
  description: p.note,
  invoice_settings,
});
const phaseFields = {
  add_invoice_items: p.listOf(addedItem),
  billing_cycle_anchor: p.oneOf('automatic', 'phase_start'),
  collection_method: p.oneOf('charge_automatically', 'send_invoice'),
  currency: currencyKind,
  default_payment_method: p.text,
  default_tax_rates: p.listOf(p.text),
  description: p.note,
  discounts,
  duration: p.hash({ interval: p.needed(p.oneOf('day', 'week', 'month', 'year')), interval_count: p.atLeast(1) }),
  end_date: moment,
  invoice_settings,
  items: p.needed(p.listOf(p.hash(itemFields))),
  metadata: p.metadata,
  proration_behavior: proration.proration_behavior,
  trial: p.flag,
  trial_end: moment,
};
export const phase = p.hash(phaseFields);
/** Of a schedule that is there already. */
export const changedPhase = p.hash({ ...phaseFields, start_date: moment });

/** https://docs.stripe.com/api/subscription_schedules/create#create_subscription_schedule-default_settings */
export function settingsOf(
  context: Context,
  before: Settings,
  given: ReturnType<typeof settings.read> | undefined,
): Settings {
  const { invoice_settings: own, ...rest } = given ?? {};
  if (rest.default_payment_method !== undefined)
    find(context, 'payment_method', rest.default_payment_method, 'default_settings[default_payment_method]');
  return { ...before, ...rest, invoice_settings: { ...before.invoice_settings, ...own } };
}

/** A phase as parameters describe it. */
export function phaseOf(context: Context, given: ReturnType<typeof changedPhase.read>, param: string): PhaseDraft {
  const at = (value: number | 'now' | undefined) => (value === 'now' ? context.now : value);
  const prices = given.items.map((item, index) => {
    const name = `${param}[items][${index}]`;
    return find(context, 'price', priceOf(context, item, name), `${name}[price]`);
  });
  return {
    add_invoice_items: addedItems(context, given.add_invoice_items, `${param}[add_invoice_items]`).map((item) => ({
      discountable: item.discountable ?? null,
      discounts: (item.discounts ?? []).map(shownDiscount),
      metadata: item.metadata,
      period: { start: { type: 'phase_start' }, end: { type: 'min_item_period_end' } },
      price: item.price,
      quantity: item.quantity,
      tax_rates: item.tax_rates ?? [],
    })),
    application_fee_percent: null,
    billing_cycle_anchor: given.billing_cycle_anchor ?? null,
    billing_thresholds: null,
    collection_method: given.collection_method ?? null,
    currency: given.currency ?? prices[0]?.currency ?? 'usd',
    default_payment_method: given.default_payment_method ?? null,
    default_tax_rates: taxRatesOf(context, given.default_tax_rates ?? [], `${param}[default_tax_rates]`),
    description: given.description ?? null,
    discounts: (given.discounts ?? []).map(shownDiscount),
    invoice_settings:
      given.invoice_settings === undefined
        ? null
        : { ...BLANK_SETTINGS, days_until_due: given.invoice_settings.days_until_due ?? null },
    items: given.items.map((item, index) => ({
      billing_thresholds: null,
      discounts: (item.discounts ?? []).map(shownDiscount),
      metadata: p.mergeMetadata({}, item.metadata),
      plan: prices[index]?.id ?? '',
      price: prices[index]?.id ?? '',
      ...quantityOf(prices[index], item.quantity),
      tax_rates: taxRatesOf(context, item.tax_rates ?? [], `${param}[items][${index}][tax_rates]`),
    })),
    // An empty value unsets a key of the subscription.
    metadata: Object.fromEntries(given.metadata ?? []),
    on_behalf_of: null,
    proration_behavior: given.proration_behavior ?? 'create_prorations',
    transfer_data: null,
    trial_end: at(given.trial_end) ?? null,
    ...(given.trial !== undefined && { trial: given.trial }),
    duration: given.duration,
    end_date: at(given.end_date),
    start_date: at(given.start_date),
  };
}

function shownDiscount(given: {
  coupon?: string;
  discount?: string;
  promotion_code?: string;
}): Stripe.SubscriptionSchedule.Phase.Discount {
  return {
    coupon: given.coupon ?? null,
    discount: given.discount ?? null,
    promotion_code: given.promotion_code ?? null,
  };
}

function quantityOf(price: Stripe.Price | undefined, quantity: number | undefined): { quantity?: number } {
  if (quantity !== undefined) return { quantity };
  return price !== undefined && isMetered(price) ? {} : { quantity: 1 };
}
