import type { Context } from '../context.js';
import { expireDue } from '../checkout/finish.js';
import * as cycle from './cycle.js';
import { announceNext } from './upcoming.js';
import { PAYMENT_DUE } from './payment-due.js';
import { invoicePending } from './pending-interval.js';
import { expirePendingUpdate } from './pending-updates.js';
import { expireCoupon, expireDiscount, expirePromotionCode } from './expiry.js';
import * as phases from './schedule-phases.js';
import { deleteOldClock } from './test-clocks.js';

/** Everything that the clock makes happen by itself: the kind of due thing, and what is done for its target. */
export const DUE = {
  ...PAYMENT_DUE,
  'checkout.expire': expireDue,
  'subscription.period_end': cycle.periodEnd,
  'subscription.cancel_at': cycle.cancelAt,
  'subscription.trial_will_end': cycle.trialWillEnd,
  'subscription.incomplete_expiry': cycle.expireIncomplete,
  'subscription.resume_collection': cycle.resumeCollection,
  'subscription.pending_items': invoicePending,
  'subscription.pending_update_expiry': expirePendingUpdate,
  'invoice.upcoming': announceNext,
  'invoice.finalize': cycle.finalizeDue,
  'invoice.retry': cycle.retryDue,
  'invoice.overdue': cycle.overdue,
  'coupon.expiry': expireCoupon,
  'discount.end': expireDiscount,
  'promotion_code.expiry': expirePromotionCode,
  'subscription_schedule.expiring': phases.expiring,
  'subscription_schedule.phase': phases.phaseDue,
  'test_clock.delete': deleteOldClock,
} satisfies Record<string, (context: Context, target: string) => void>;
export type DueKind = keyof typeof DUE;
