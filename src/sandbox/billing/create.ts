import type Stripe from 'stripe';
import { fullAnchor, nextAnchor, periodAt, type Period } from '../calc/periods.js';
import { restOf } from '../calc/proration.js';
import type { Context } from '../context.js';
import { invalid, StripeError } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { errorOf } from '../payments/payment-methods.js';
import { blankSetupIntent } from '../payments/setup-intents.js';
import { finalizeAndCollect, paymentMethodFor, type Collected } from './collect.js';
import { updateCustomer } from './customers.js';
import { discountNew } from './discount-subscription.js';
import { withoutSpent, type DiscountWish } from './discounts.js';
import { finalizeInvoice } from './finalize.js';
import { createInvoice } from './invoices.js';
import { createInvoiceItem, type InvoiceItemDraft } from './invoice-items.js';
import { listOfItems, makeItem, recurringPrice, refuseOtherCurrency, rhythmOf, type ItemWish } from './items.js';
import { itemLines } from './lines.js';
import { savedMethod } from './subscriptions.js';
import { DAY, plan, TRIAL_NOTICE } from './timers.js';

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
  /** Seconds, or days from now. */
  trial_end?: number | undefined;
  billing_cycle_anchor?: number | undefined;
  anchorConfig?: { day_of_month: number; month?: number; hour?: number; minute?: number; second?: number } | undefined;
  add_invoice_items: Omit<InvoiceItemDraft, 'customer'>[];
  /** Everything that is only noted. */
  fields: Partial<Stripe.Subscription>;
}

/** https://docs.stripe.com/api/subscriptions/create */
export function createSubscription(context: Context, wish: SubscriptionWish): Stripe.Subscription {
  const place = context.emitted.length;
  const customer = find(context, 'customer', wish.customer, 'customer');
  const draft = context.store.put('subscription', draftSubscription(context, customer, wish));
  const subscription = context.store.put('subscription', discountNew(context, draft, wish));
  const currency = subscription.currency;
  if (customer.currency !== currency) updateCustomer(context, customer, { currency });
  for (const item of wish.add_invoice_items)
    createInvoiceItem(context, { ...item, customer: customer.id, subscription: { id: subscription.id } });
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
    lines: (invoice) =>
      subscription.items.data.flatMap((item) => firstLine(context, subscription, item, invoice, wish)),
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

/** A period that an anchor cuts short is charged by its part, or not at all: https://docs.stripe.com/billing/subscriptions/billing-cycle */
function firstLine(
  context: Context,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  invoice: string,
  wish: SubscriptionWish,
) {
  const period = { start: item.current_period_start, end: item.current_period_end };
  const full = periodAt(subscription.billing_cycle_anchor, rhythmOf(item.price), period.start);
  const isPart = full.start < period.start && subscription.trial_end === null;
  if (isPart && wish.proration_behavior === 'none') return [];
  const part = (amount: number) => (isPart ? restOf(amount, full, period.start) : amount);
  return itemLines(context, subscription, item, period, invoice, part);
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

function draftSubscription(context: Context, customer: Stripe.Customer, wish: SubscriptionWish): Stripe.Subscription {
  const id = context.ids.next('sub', 24);
  const anchor = anchorOf(context, wish);
  const items = wish.items.map((item, index) => {
    const param = `items[${index}][price]`;
    const price = recurringPrice(context, item.price, param);
    return makeItem(context, id, item, firstPeriod(context, wish, anchor, price), param);
  });
  const currency = wish.currency ?? items[0]?.price.currency ?? 'usd';
  for (const [index, { price }] of items.entries())
    refuseOtherCurrency(context, currency, price, `items[${index}][price]`);
  return {
    ...blankSubscription(context, id, customer.id, currency),
    test_clock: idOf(customer.test_clock),
    billing_cycle_anchor: anchor,
    billing_cycle_anchor_config:
      wish.anchorConfig === undefined
        ? null
        : { hour: null, minute: null, month: null, second: null, ...wish.anchorConfig },
    items: listOfItems(id, items),
    trial_start: wish.trial_end === undefined ? null : context.now,
    trial_end: wish.trial_end ?? null,
    ...wish.fields,
  };
}

function anchorOf(context: Context, wish: SubscriptionWish): number {
  if (wish.trial_end !== undefined) {
    if (wish.trial_end <= context.now)
      throw invalid('Invalid timestamp: must be an integer Unix timestamp in the future.', { param: 'trial_end' });
    if (wish.trial_end > context.now + 2 * 365 * DAY)
      throw invalid('The maximum number of trial period days is 730 (2 years).', { param: 'trial_end' });
  }
  if (wish.billing_cycle_anchor !== undefined && wish.billing_cycle_anchor < context.now)
    throw invalid('billing_cycle_anchor must be in the future.', { param: 'billing_cycle_anchor' });
  const from = wish.trial_end ?? context.now;
  const { anchorConfig, billing_cycle_anchor, items } = wish;
  if (anchorConfig === undefined) return billing_cycle_anchor ?? from;
  const first = context.store.get('price', items[0]?.price ?? '');
  const anchor = nextAnchor(from, anchorConfig);
  return first === undefined ? anchor : fullAnchor(anchor, anchorConfig.day_of_month, rhythmOf(first));
}

function firstPeriod(context: Context, wish: SubscriptionWish, anchor: number, price: Stripe.Price): Period {
  if (wish.trial_end !== undefined) return { start: context.now, end: wish.trial_end };
  return { start: context.now, end: periodAt(anchor, rhythmOf(price), context.now).end };
}

function blankSubscription(context: Context, id: string, customer: string, currency: string): Stripe.Subscription {
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: context.now,
    billing_cycle_anchor_config: null,
    billing_mode: { type: 'flexible', flexible: { proration_discounts: 'included' } },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: context.now,
    currency,
    customer,
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: listOfItems(id, []),
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: context.now,
    status: 'incomplete',
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: null,
  };
}
