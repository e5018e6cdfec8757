import * as p from '../params.js';
import { addedItem } from './added-items.js';
import { discounts } from './discount-kind.js';
import { recurringData } from './price-data.js';

/** Parameters that several verbs of subscriptions and their items take. */
export const cancellation = p.hash({
  comment: p.note,
  feedback: p.clearable(
    p.oneOf(
      'customer_service',
      'low_quality',
      'missing_features',
      'other',
      'switched_service',
      'too_complex',
      'too_expensive',
      'unused',
    ),
  ),
});
export const proration = {
  proration_behavior: p.oneOf('create_prorations', 'none', 'always_invoice'),
  proration_date: p.timestamp,
};
export const trialSettings = p.hash({
  end_behavior: p.needed(p.hash({ missing_payment_method: p.needed(p.oneOf('cancel', 'create_invoice', 'pause')) })),
});
export const cancelAt = p.either(p.timestamp, p.oneOf('min_period_end', 'max_period_end'));
export const sharedFields = {
  add_invoice_items: p.listOf(addedItem),
  proration_behavior: proration.proration_behavior,
  cancel_at_period_end: p.flag,
  collection_method: p.oneOf('charge_automatically', 'send_invoice'),
  days_until_due: p.atLeast(0),
  default_payment_method: p.note,
  default_tax_rates: p.listOf(p.text),
  description: p.note,
  discounts,
  metadata: p.metadata,
  off_session: p.flag,
  payment_settings: p.hash({
    payment_method_types: p.clearable(p.listOf(p.oneOf('card', 'link'))),
    save_default_payment_method: p.oneOf('off', 'on_subscription'),
  }),
  pending_invoice_item_interval: p.clearable(
    p.hash({ interval: p.needed(p.oneOf('day', 'week', 'month', 'year')), interval_count: p.atLeast(1) }),
  ),
  trial_end: p.either(p.timestamp, p.oneOf('now')),
  trial_settings: trialSettings,
};
/** What an item may be given, at its creation and later. */
export const itemFields = {
  discounts,
  metadata: p.metadata,
  price: p.text,
  price_data: recurringData,
  quantity: p.atLeast(0),
  tax_rates: p.listOf(p.text),
};
export const itemChange = p.hash({ ...itemFields, id: p.text, deleted: p.flag });
export const pauseCollection = p.clearable(
  p.hash({ behavior: p.needed(p.oneOf('keep_as_draft', 'mark_uncollectible', 'void')), resumes_at: p.timestamp }),
);
export const paymentBehavior = p.oneOf(
  'allow_incomplete',
  'default_incomplete',
  'error_if_incomplete',
  'pending_if_incomplete',
);
export const changeFields = {
  billing_cycle_anchor: p.hash({ type: p.needed(p.oneOf('now', 'unchanged')) }),
  cancel_at: p.clearable(cancelAt),
  cancellation_details: cancellation,
  items: p.listOf(itemChange),
  pause_collection: pauseCollection,
  payment_behavior: paymentBehavior,
  proration_date: proration.proration_date,
};
