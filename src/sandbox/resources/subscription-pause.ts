import type { Pausing } from '../billing/pause.js';
import * as p from '../params.js';

/** https://docs.stripe.com/api/subscriptions/pause */
export const pauseFields = {
  bill_for: p.hash({
    outstanding_usage_through: p.hash({ type: p.needed(p.oneOf('none', 'now')) }),
    unused_time_from: p.hash({ type: p.needed(p.oneOf('item_current_period_start', 'none', 'now')) }),
  }),
  invoicing_behavior: p.oneOf('invoice', 'pending_invoice_item'),
  type: p.oneOf('subscription'),
};

export function pausingOf({ bill_for, invoicing_behavior }: p.Values<typeof pauseFields>): Pausing {
  return {
    outstanding_usage_through: bill_for?.outstanding_usage_through?.type ?? 'now',
    unused_time_from: bill_for?.unused_time_from?.type ?? 'now',
    invoicing_behavior: invoicing_behavior ?? 'pending_invoice_item',
  };
}
