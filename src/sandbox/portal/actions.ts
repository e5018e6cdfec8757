import type Stripe from 'stripe';
import { updateCustomer } from '../billing/customers.js';
import { cancelNow, modifySubscription } from '../billing/modify.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { attach, detach, makeCard } from '../payments/payment-methods.js';

export interface Visit {
  session: Stripe.BillingPortal.Session;
  features: Stripe.BillingPortal.Configuration.Features;
}

/** The session's link works for an hour: https://docs.stripe.com/api/customer_portal/sessions (Stripe says only: short-lived) */
export function visit(context: Context, id: string): Visit {
  const session = find(context, 'billing_portal_session', id);
  if (context.now > session.created + 3_600) throw invalid('This link has expired. Go back and open the portal anew.');
  return { session, features: find(context, 'billing_portal_configuration', idOf(session.configuration)).features };
}

/** A new card becomes the customer's default: https://docs.stripe.com/customer-management/portal-deep-links#update-payment-method */
export function addCard(context: Context, { session, features }: Visit, card: string): void {
  refuseUnless(features.payment_method_update.enabled);
  const method = attach(context, makeCard(context, card), session.customer);
  useAsDefault(context, session.customer, method.id);
}

export function chooseCard(context: Context, { session, features }: Visit, id: string): void {
  refuseUnless(features.payment_method_update.enabled);
  useAsDefault(context, session.customer, ownCard(context, session, id).id);
}

export function removeCard(context: Context, { session, features }: Visit, id: string): void {
  refuseUnless(features.payment_method_update.enabled);
  detach(context, ownCard(context, session, id));
}

/** https://docs.stripe.com/customer-management/cancellation-page */
export function cancel(context: Context, { session, features }: Visit, id: string, feedback: string): void {
  const { enabled, mode, proration_behavior, cancellation_reason } = features.subscription_cancel;
  refuseUnless(enabled);
  const subscription = ownSubscription(context, session, id);
  const reason = cancellation_reason.options.find((option) => option === feedback) ?? null;
  const cancellation_details = reason === null ? {} : { cancellation_details: { feedback: reason } };
  if (mode === 'immediately') {
    cancelNow(context, subscription, {
      ...cancellation_details,
      prorate: proration_behavior !== 'none',
      invoice_now: proration_behavior === 'always_invoice',
    });
    return;
  }
  modifySubscription(context, subscription, {
    ...cancellation_details,
    cancel_at_period_end: true,
    fields: {},
    add_invoice_items: [],
  });
}

/** Undoes a cancellation that has not come yet. */
export function renew(context: Context, { session, features }: Visit, id: string): void {
  refuseUnless(features.subscription_cancel.enabled);
  modifySubscription(context, ownSubscription(context, session, id), {
    cancel_at: null,
    fields: {},
    add_invoice_items: [],
  });
}

/** To another of the prices that the configuration offers. */
export function changePlan(context: Context, { session, features }: Visit, id: string, price: string): void {
  const { enabled, products, proration_behavior } = features.subscription_update;
  refuseUnless(enabled);
  if (!(products ?? []).some(({ prices }) => prices.includes(price)))
    throw invalid('This plan is not on offer.', { param: 'price' });
  const subscription = ownSubscription(context, session, id);
  if (subscription.items.data.length > 1)
    throw invalid(
      'A subscription of several items cannot be changed here: https://docs.stripe.com/customer-management',
    );
  changeItems(context, subscription, [{ id: subscription.items.data[0]?.id, price }], proration_behavior);
}

/** What a deep link proposes: https://docs.stripe.com/customer-management/portal-deep-links#subscription-update-confirm */
export function confirmUpdate(context: Context, { session, features }: Visit): void {
  const wish = session.flow?.subscription_update_confirm;
  if (!wish) throw invalid('There is nothing to confirm.');
  refuseUnless(features.subscription_update.enabled);
  const items = wish.items.map(({ id, price, quantity }) => ({
    ...(id !== null && { id }),
    ...(price !== null && { price }),
    ...(quantity !== undefined && { quantity }),
  }));
  const subscription = ownSubscription(context, session, wish.subscription);
  changeItems(context, subscription, items, features.subscription_update.proration_behavior);
}

export function changeDetails(
  context: Context,
  { session, features }: Visit,
  given: { email: string; name: string; phone: string },
): void {
  const { enabled, allowed_updates } = features.customer_update;
  refuseUnless(enabled);
  const allowed = Object.entries(given).filter(([name]) => allowed_updates.includes(name));
  const change = Object.fromEntries(allowed.map(([name, value]) => [name, value === '' ? null : value]));
  updateCustomer(context, find(context, 'customer', session.customer), change);
}

const PRORATIONS = ['none', 'always_invoice', 'create_prorations'] as const;

function changeItems(
  context: Context,
  subscription: Stripe.Subscription,
  items: { id?: string | undefined; price?: string; quantity?: number }[],
  behavior: Stripe.BillingPortal.Configuration.Features.SubscriptionUpdate.ProrationBehavior,
): void {
  const proration_behavior = PRORATIONS.find((known) => known === behavior) ?? 'create_prorations';
  modifySubscription(context, subscription, {
    items,
    payment_behavior: 'error_if_incomplete',
    proration_behavior,
    fields: {},
    add_invoice_items: [],
  });
}

function useAsDefault(context: Context, id: string, method: string): void {
  const customer = find(context, 'customer', id);
  const invoice_settings = { ...customer.invoice_settings, default_payment_method: method };
  updateCustomer(context, customer, { invoice_settings });
}

function ownCard(context: Context, { customer }: Stripe.BillingPortal.Session, id: string): Stripe.PaymentMethod {
  const method = find(context, 'payment_method', id);
  refuseUnless(idOf(method.customer) === customer);
  return method;
}

function ownSubscription(
  context: Context,
  { customer }: Stripe.BillingPortal.Session,
  id: string,
): Stripe.Subscription {
  const subscription = find(context, 'subscription', id);
  refuseUnless(
    idOf(subscription.customer) === customer && !['canceled', 'incomplete_expired'].includes(subscription.status),
  );
  return subscription;
}

function refuseUnless(allowed: boolean): void {
  if (!allowed) throw invalid('This cannot be done here.');
}
