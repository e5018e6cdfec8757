import type { Template } from './template.js';
import { accessLost, type AccessLostFacts } from './templates/access-lost.js';
import { accessRestored, type AccessRestoredFacts } from './templates/access-restored.js';
import { actionRequired, type ActionRequiredFacts } from './templates/action-required.js';
import { alert, type AlertFacts } from './templates/alert.js';
import { cancellationScheduled, type CancellationScheduledFacts } from './templates/cancellation-scheduled.js';
import { paymentFailed, type PaymentFailedFacts } from './templates/payment-failed.js';
import { paymentReminder, type PaymentReminderFacts } from './templates/payment-reminder.js';
import { receipt, type ReceiptFacts } from './templates/receipt.js';
import { subscriptionCanceled, type SubscriptionCanceledFacts } from './templates/subscription-canceled.js';
import { welcome, type WelcomeFacts } from './templates/welcome.js';

/** Every e-mail there is, with what it is told. */
export interface EmailFacts {
  welcome: WelcomeFacts;
  receipt: ReceiptFacts;
  payment_failed: PaymentFailedFacts;
  payment_reminder: PaymentReminderFacts;
  action_required: ActionRequiredFacts;
  access_lost: AccessLostFacts;
  access_restored: AccessRestoredFacts;
  subscription_canceled: SubscriptionCanceledFacts;
  cancellation_scheduled: CancellationScheduledFacts;
  /** For the operator. */
  alert: AlertFacts;
}

export type Effect = keyof EmailFacts;

export const templates: { [E in Effect]: Template<EmailFacts[E]> } = {
  welcome,
  receipt,
  payment_failed: paymentFailed,
  payment_reminder: paymentReminder,
  action_required: actionRequired,
  access_lost: accessLost,
  access_restored: accessRestored,
  subscription_canceled: subscriptionCanceled,
  cancellation_scheduled: cancellationScheduled,
  alert,
};

export function isEffect(name: string): name is Effect {
  return Object.hasOwn(templates, name);
}
