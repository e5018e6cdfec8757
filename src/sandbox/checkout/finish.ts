import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { idOf } from '../objects.js';
import { redeemForPayment } from './discounts.js';

const DELAYED = new Set<string>(['processing', 'requires_capture']);

/** A payment, a subscription or a setup that belongs to a session moved on: perhaps the session is complete by it. */
export function followSession(context: Context, session: Stripe.Checkout.Session): void {
  if (session.mode === 'payment') followPayment(context, session);
  else if (session.mode === 'setup') followSetup(context, session);
}

function followPayment(context: Context, session: Stripe.Checkout.Session): void {
  const intent = context.store.get('payment_intent', idOf(session.payment_intent) ?? '');
  if (intent === undefined) return;
  if (session.status === 'open' && (intent.status === 'succeeded' || DELAYED.has(intent.status))) {
    redeemForPayment(context, session);
    completeSession(context, session, { payment_status: intent.status === 'succeeded' ? 'paid' : 'unpaid' });
  } else if (session.status === 'complete' && session.payment_status === 'unpaid')
    followDelayed(context, session, intent);
}

/** Methods that take days: https://docs.stripe.com/payments/checkout/fulfill-orders#delayed-notification */
function followDelayed(context: Context, session: Stripe.Checkout.Session, intent: Stripe.PaymentIntent): void {
  if (intent.status === 'succeeded') {
    const paid = context.store.put('checkout_session', { ...session, payment_status: 'paid' });
    if (intent.capture_method !== 'manual') context.emit('checkout.session.async_payment_succeeded', paid);
  } else if (intent.status === 'requires_payment_method')
    context.emit('checkout.session.async_payment_failed', session);
}

function followSetup(context: Context, session: Stripe.Checkout.Session): void {
  const intent = context.store.get('setup_intent', idOf(session.setup_intent) ?? '');
  if (session.status === 'open' && intent?.status === 'succeeded') completeSession(context, session, {});
}

/** The subscription of a session that waited for its first payment. */
export function followSubscription(
  context: Context,
  session: Stripe.Checkout.Session,
  subscription: Stripe.Subscription,
): void {
  if (session.status !== 'open' || !['active', 'trialing'].includes(subscription.status)) return;
  const invoice = context.store.get('invoice', idOf(subscription.latest_invoice) ?? '');
  completeSession(context, session, {
    customer: idOf(subscription.customer),
    invoice: invoice?.id ?? null,
    payment_status: (invoice?.amount_paid ?? 0) > 0 ? 'paid' : 'no_payment_required',
    subscription: subscription.id,
  });
}

export function completeSession(
  context: Context,
  session: Stripe.Checkout.Session,
  change: Partial<Stripe.Checkout.Session>,
): Stripe.Checkout.Session {
  context.schedule.clear('checkout.expire', session.id);
  const completed = context.store.put('checkout_session', { ...session, ...change, status: 'complete', url: null });
  context.emit('checkout.session.completed', completed);
  return completed;
}

/** https://docs.stripe.com/api/checkout/sessions/expire */
export function expireSession(context: Context, session: Stripe.Checkout.Session): Stripe.Checkout.Session {
  if (session.status !== 'open')
    throw invalid(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    );
  context.schedule.clear('checkout.expire', session.id);
  const expired = context.store.put('checkout_session', { ...session, status: 'expired', url: null });
  context.emit('checkout.session.expired', expired);
  return expired;
}

/** By the clock. */
export function expireDue(context: Context, id: string): void {
  const session = context.store.get('checkout_session', id);
  if (session?.status === 'open') expireSession(context, session);
}
