import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, StripeError } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { errorOf } from '../payments/payment-methods.js';
import { blankSetupIntent } from '../payments/setup-intents.js';
import { addItems, type AddedItem } from './added-items.js';
import { finalizeAndCollect, paymentMethodFor, type Collected } from './collect.js';
import { updateCustomer } from './customers.js';
import { discountNew } from './discount-subscription.js';
import { withoutSpent, type DiscountWish } from './discounts.js';
import { finalizeInvoice } from './finalize.js';
import { createInvoice } from './invoices.js';
import { draftSubscription } from './draft-subscription.js';
import type { EndWish } from './ending.js';
import { firstLines } from './first-lines.js';
import type { ItemWish } from './items.js';
import { savedMethod } from './subscriptions.js';
import { checkSubscriptions } from './test-clocks.js';
import { plan, TRIAL_NOTICE } from './timers.js';

/** How long a first payment may take: https://docs.stripe.com/billing/subscriptions/overview#subscription-lifecycle */
const FIRST_PAYMENT_WAITS = 23 * 3_600;

export interface SubscriptionWish {
  customer: string;
  items: ItemWish[];
  /** The first item's, if not given. */
  currency?: string | undefined;
  discounts?: DiscountWish[] | undefined;
  payment_behavior: 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete';
  proration_behavior: 'create_prorations' | 'none' | 'always_invoice';
  offSession: boolean;
  /** Seconds. */
  trial_end?: number | undefined;
  /** Seconds, in the past: when it began. */
  backdate_start_date?: number | undefined;
  billing_cycle_anchor?: number | undefined;
  end?: EndWish | undefined;
  anchorConfig?: { day_of_month: number; month?: number; hour?: number; minute?: number; second?: number } | undefined;
  add_invoice_items: AddedItem[];
  /** Everything that is only noted. */
  fields: Partial<Stripe.Subscription>;
}

/** https://docs.stripe.com/api/subscriptions/create */
export function createSubscription(context: Context, wish: SubscriptionWish): Stripe.Subscription {
  const place = context.emitted.length;
  const customer = find(context, 'customer', wish.customer, 'customer');
  checkSubscriptions(context, customer, idOf(wish.fields.schedule));
  const draft = context.store.put('subscription', draftSubscription(context, customer, wish));
  const subscription = context.store.put('subscription', discountNew(context, draft, wish));
  const currency = subscription.currency;
  if (customer.currency !== currency) updateCustomer(context, customer, { currency });
  addItems(context, subscription, wish.add_invoice_items);
  const collected = firstInvoice(context, subscription, wish);
  const created = context.store.put(
    'subscription',
    withoutSpent(context, {
      ...subscription,
      ...statusAfter(context, subscription, collected, wish),
      latest_invoice: collected.invoice.id,
    }),
  );
  plan(context, created);
  if (created.status === 'incomplete')
    context.schedule.set('subscription.incomplete_expiry', created.id, context.now + FIRST_PAYMENT_WAITS);
  context.emitAt(place, 'customer.subscription.created', created);
  if (created.trial_end !== null && created.trial_end - TRIAL_NOTICE <= context.now)
    context.emit('customer.subscription.trial_will_end', created);
  return created;
}

function firstInvoice(context: Context, subscription: Stripe.Subscription, wish: SubscriptionWish): Collected {
  const draft = createInvoice(context, {
    customer: idOf(subscription.customer),
    currency: subscription.currency,
    reason: 'subscription_create',
    subscription,
    period: { start: context.now, end: context.now },
    lines: (invoice) => firstLines(context, subscription, invoice, wish.proration_behavior),
    takesPendingItems: true,
    finalizesByItself: false,
  });
  if (draft.total <= 0) return finalizeAndCollect(context, draft, { offSession: true });
  if (wish.payment_behavior === 'default_incomplete')
    return { invoice: finalizeInvoice(context, draft), attempt: null };
  if (draft.collection_method === 'charge_automatically' && paymentMethodFor(context, draft) === undefined)
    throw invalid(
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.',
      { code: 'resource_missing' },
    );
  const collected = finalizeAndCollect(context, draft, { offSession: wish.offSession });
  if (wish.payment_behavior === 'error_if_incomplete') refuseUnpaid(collected);
  return collected;
}

function refuseUnpaid({ invoice, attempt }: Collected): void {
  if (invoice.status === 'paid' || invoice.collection_method === 'send_invoice') return;
  throw unpaidError(attempt);
}

/** The answer where a change was asked for only if it is paid: nothing is kept. */
export function unpaidError(attempt: Collected['attempt']): StripeError {
  if (attempt?.decline !== undefined) return new StripeError(402, { type: 'card_error', ...errorOf(attempt.decline) });
  return new StripeError(402, {
    type: 'card_error',
    code: 'subscription_payment_intent_requires_action',
    message:
      'Payment for this subscription requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with `subscription.latest_invoice`.',
  });
}

function statusAfter(
  context: Context,
  subscription: Stripe.Subscription,
  { invoice }: Collected,
  wish: SubscriptionWish,
): Partial<Stripe.Subscription> {
  if (subscription.trial_end !== null)
    return { status: 'trialing', pending_setup_intent: setupFor(context, subscription, invoice, wish) };
  if (invoice.status === 'paid') return { status: 'active', ...savedMethod(context, subscription, invoice) };
  return { status: subscription.collection_method === 'send_invoice' ? 'active' : 'incomplete' };
}

/** A trial without a card offers to take one: https://docs.stripe.com/api/subscriptions/object#subscription_object-pending_setup_intent */
function setupFor(
  context: Context,
  subscription: Stripe.Subscription,
  invoice: Stripe.Invoice,
  wish: SubscriptionWish,
): string | null {
  if (subscription.collection_method === 'send_invoice' || wish.payment_behavior === 'error_if_incomplete') return null;
  if (paymentMethodFor(context, invoice) !== undefined) return null;
  const intent = context.store.put('setup_intent', {
    ...blankSetupIntent(context),
    customer: idOf(subscription.customer),
  });
  context.emit('setup_intent.created', intent);
  return intent.id;
}
