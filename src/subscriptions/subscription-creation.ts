import type { OperationParams } from '../stripe/operations.js';
import type { Offer } from './offers.js';
import type { Subscription } from './subscription.entity.js';

export interface Wish {
  quantity?: number | undefined;
  /** 0: none, whatever the catalogue says. */
  trial_days?: number | undefined;
}

/** @param earlier the customer's subscriptions of the same group */
export function creationOf(
  customer: string,
  { plan, price }: Offer,
  wish: Wish,
  earlier: Subscription[],
): OperationParams<'subscription.create'> {
  const trial = wish.trial_days ?? catalogueTrial(plan.trial_days, earlier);
  return {
    customer,
    items: [{ price: price.id, quantity: wish.quantity ?? 1 }],
    // Not `error_if_incomplete`: a payment that needs 3-D Secure could not be finished then.
    // https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_behavior
    payment_behavior: 'allow_incomplete',
    ...(trial > 0 && {
      trial_period_days: trial,
      // A trial without a card ends in a pause, not in an invoice that nobody can pay.
      trial_settings: { end_behavior: { missing_payment_method: 'pause' as const } },
    }),
    // `save_default_payment_method` stays off: a card kept on the subscription would outrank the customer's default for
    // good, and a card that the customer updates later would never be charged.
    // https://docs.stripe.com/billing/subscriptions/payment-methods-setting#payment-method-priority
  };
}

/** The catalogue's trial is for whoever has not had a subscription of the group. */
function catalogueTrial(days: number | null, earlier: Subscription[]): number {
  return earlier.some(({ status }) => status === 'canceled') ? 0 : (days ?? 0);
}

/** Whether Stripe will charge at once. */
export function chargesAtOnce(params: OperationParams<'subscription.create'>, { price }: Offer): boolean {
  return params.trial_period_days === undefined && price.unit_amount !== 0;
}
