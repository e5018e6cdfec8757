import type { PreviewWish } from '../billing/preview.js';
import { preview } from '../billing/preview.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { discounts } from './discount-kind.js';
import { changeItem, makeItem, sharedValues } from './invoice-item-values.js';
import { itemChanges } from './item-changes.js';
import { currencyKind } from './prices.js';
import { billingMode, modeOf } from './subscription-values.js';
import { changeFields, itemChange, proration, sharedFields } from './subscription-fields.js';
import { pauseFields, pausingOf } from './subscription-pause.js';
import { changedPhase, phaseOf } from './subscription-schedule-phases.js';
import { taxRatesOf } from './tax-rates.js';

const invoiceItem = p.hash({
  ...sharedValues,
  currency: currencyKind,
  invoiceitem: p.text,
  price: p.text,
  unit_amount: p.integer,
  unit_amount_decimal: p.decimal,
});
const subscriptionDetails = p.hash({
  ...proration,
  billing_cycle_anchor: p.hash({ type: p.needed(p.oneOf('now', 'timestamp', 'unchanged')), timestamp: p.timestamp }),
  billing_mode: billingMode,
  cancel_at: changeFields.cancel_at,
  cancel_at_period_end: p.flag,
  cancel_now: p.flag,
  default_tax_rates: sharedFields.default_tax_rates,
  items: p.listOf(itemChange),
  metadata: p.metadata,
  pause: p.hash(pauseFields),
  resume_at: p.oneOf('now'),
  start_date: p.timestamp,
  trial_end: sharedFields.trial_end,
});
const scheduleDetails = p.hash({
  billing_mode: billingMode,
  end_behavior: p.oneOf('cancel', 'release'),
  phases: p.listOf(changedPhase),
  proration_behavior: proration.proration_behavior,
});

/** https://docs.stripe.com/api/invoices/create_preview */
export const invoicePreview = route(
  'POST',
  '/v1/invoices/create_preview',
  {
    customer: p.text,
    discounts,
    invoice_items: p.listOf(invoiceItem),
    schedule: p.text,
    schedule_details: scheduleDetails,
    subscription: p.text,
    subscription_details: subscriptionDetails,
  },
  (context, { invoice_items, schedule_details, subscription_details, ...named }) =>
    preview(context, {
      customer: named.customer,
      discounts: named.discounts,
      schedule: named.schedule,
      subscription: named.subscription,
      addItems: (customer, subscription, currency) =>
        addItems(context, invoice_items ?? [], { customer, subscription, currency }),
      details: detailsOf(context, subscription_details),
      schedule_details: schedule_details && {
        billing_mode: schedule_details.billing_mode && modeOf(schedule_details.billing_mode),
        end_behavior: schedule_details.end_behavior,
        proration_behavior: schedule_details.proration_behavior,
        phases: schedule_details.phases?.map((one, index) =>
          phaseOf(context, one, `schedule_details[phases][${index}]`),
        ),
      },
    }),
);

function detailsOf(
  context: Context,
  given: ReturnType<typeof subscriptionDetails.read> | undefined,
): PreviewWish['details'] {
  if (given === undefined) return undefined;
  const { billing_mode, default_tax_rates: rates, items, metadata, pause, ...rest } = given;
  return {
    ...rest,
    pause: pause && pausingOf(pause),
    billing_mode: billing_mode && modeOf(billing_mode),
    items: itemChanges(context, items, 'subscription_details[items]'),
    fields: {
      ...(rates !== undefined && {
        default_tax_rates: taxRatesOf(context, rates, 'subscription_details[default_tax_rates]'),
      }),
      ...(metadata !== undefined && { metadata: p.mergeMetadata({}, metadata) }),
    },
  };
}

function addItems(
  context: Context,
  items: ReturnType<typeof invoiceItem.read>[],
  owner: { customer: string; subscription: string | undefined; currency: string | undefined },
): void {
  for (const [index, { currency, invoiceitem, unit_amount, ...values }] of items.entries()) {
    const param = `invoice_items[${index}]`;
    const unit = unit_amount === undefined ? values : { ...values, unit_amount_decimal: String(unit_amount) };
    if (invoiceitem === undefined) makeItem(context, { ...owner, currency: currency ?? owner.currency }, unit, param);
    else changeItem(context, find(context, 'invoiceitem', invoiceitem, `${param}[invoiceitem]`), unit, param);
  }
}
