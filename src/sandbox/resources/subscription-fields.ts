import * as p from '../params.js';
import { addedItem } from './added-items.js';

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
export const discounts = p.listOf(p.hash({ coupon: p.text, promotion_code: p.text, discount: p.text }));
export const sharedFields = {
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
  trial_settings: trialSettings,
};
export const itemChange = p.hash({
  id: p.text,
  price: p.text,
  quantity: p.atLeast(0),
  deleted: p.flag,
  discounts,
  metadata: p.metadata,
  tax_rates: p.listOf(p.text),
});
export const cancelAt = p.clearable(p.either(p.timestamp, p.oneOf('min_period_end', 'max_period_end')));
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
  add_invoice_items: p.listOf(addedItem),
  billing_cycle_anchor: p.hash({ type: p.needed(p.oneOf('now', 'unchanged')) }),
  cancel_at: cancelAt,
  cancellation_details: cancellation,
  items: p.listOf(itemChange),
  pause_collection: pauseCollection,
  payment_behavior: paymentBehavior,
  proration_date: proration.proration_date,
  trial_end: p.either(p.timestamp, p.oneOf('now')),
};
