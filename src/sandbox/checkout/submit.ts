import type Stripe from 'stripe';
import { createSubscription } from '../billing/create.js';
import { settleIntent } from '../billing/intent-outcome.js';
import { intentOf } from '../billing/invoices.js';
import type { Context } from '../context.js';
import { invalid, StripeError } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { blankIntent } from '../payments/blank-intent.js';
import { confirm, type Attempt } from '../payments/intents.js';
import { attach, errorOf, makeCard } from '../payments/payment-methods.js';
import { confirmSetup } from '../payments/setup-intents.js';
import { blankCustomer } from '../resources/customers.js';
import { redeemForPayment, wishOf } from './discounts.js';
import { completeSession, followSubscription } from './finish.js';

/** What a person gave on the page. */
export interface Submission {
  email: string;
  name: string;
  /** The name of a test card; null where none has to be given. */
  card: string | null;
}

/** A person submits the page: https://docs.stripe.com/payments/checkout/how-checkout-works */
export function submit(context: Context, before: Stripe.Checkout.Session, given: Submission): void {
  if (before.status !== 'open') throw invalid(`This Checkout Session is ${before.status}.`);
  const method = given.card === null ? undefined : cardOf(context, given.card, given);
  const session = withCustomer(context, before, given);
  if (session.mode === 'subscription') return subscribe(context, session, method);
  if (session.mode === 'payment' && session.amount_total === 0) return giveAway(context, session);
  if (method === undefined) throw invalid('A card is needed.', { param: 'card' });
  if (session.mode === 'setup') setUp(context, session, method);
  else pay(context, session, method);
}

function cardOf(context: Context, card: string, { email, name }: Submission): Stripe.PaymentMethod {
  const made = makeCard(context, card);
  return context.store.put('payment_method', {
    ...made,
    allow_redisplay: 'limited',
    billing_details: { ...made.billing_details, email, name },
  });
}

/** Guests stay guests where no customer is needed: https://docs.stripe.com/payments/checkout/guest-customers */
function withCustomer(
  context: Context,
  before: Stripe.Checkout.Session,
  { email, name }: Submission,
): Stripe.Checkout.Session {
  const known = idOf(before.customer);
  const customer = known ?? (before.customer_creation === 'always' ? makeCustomer(context, email, name) : null);
  const blank = { address: null, business_name: null, individual_name: null, phone: null, tax_ids: [] };
  return context.store.put('checkout_session', {
    ...before,
    customer,
    customer_details: { ...blank, email, name, tax_exempt: 'none' },
  });
}

function makeCustomer(context: Context, email: string, name: string): string {
  const customer = context.store.put('customer', { ...blankCustomer(context, null), email, name });
  context.emit('customer.created', customer);
  return customer.id;
}

/** The intent is made when it is confirmed: https://docs.stripe.com/changelog/2022-08-01#checkout-session-payment-intent */
function pay(context: Context, session: Stripe.Checkout.Session, method: Stripe.PaymentMethod): void {
  const known = idOf(session.payment_intent);
  const intent = known === null ? makeIntent(context, session) : find(context, 'payment_intent', known);
  context.store.put('checkout_session', { ...session, payment_intent: intent.id });
  const attempt = confirm(context, intent, { method, offSession: false, returnUrl: session.url ?? undefined });
  settleIntent(context, attempt);
}

function makeIntent(context: Context, session: Stripe.Checkout.Session): Stripe.PaymentIntent {
  const { payment_intent_data } = find(context, 'checkout_fact', session.id);
  const intent = context.store.put('payment_intent', {
    ...blankIntent(context, session.amount_total ?? 0, session.currency ?? 'usd'),
    capture_method: 'automatic_async',
    customer: idOf(session.customer),
    ...payment_intent_data,
  });
  context.emit('payment_intent.created', intent);
  return intent;
}

/** A discount left nothing to pay: https://docs.stripe.com/payments/checkout/no-cost-orders */
function giveAway(context: Context, session: Stripe.Checkout.Session): void {
  redeemForPayment(context, session);
  completeSession(context, session, { payment_status: 'no_payment_required' });
}

function setUp(context: Context, session: Stripe.Checkout.Session, method: Stripe.PaymentMethod): void {
  const intent = find(context, 'setup_intent', idOf(session.setup_intent) ?? '');
  const ofCustomer = { ...intent, customer: idOf(session.customer) };
  confirmSetup(context, ofCustomer, method, session.url);
}

/**
 * The subscription is made when it is paid. A declined card leaves nothing behind but the open session; one that needs
 * its bank leaves an incomplete subscription, which completes the session once it is paid. Stripe's documentation does
 * not say what a decline leaves behind.
 */
function subscribe(context: Context, session: Stripe.Checkout.Session, method: Stripe.PaymentMethod | undefined): void {
  const customer = idOf(session.customer) ?? '';
  if (method !== undefined) attach(context, method, customer);
  const fact = find(context, 'checkout_fact', session.id);
  const recurring = fact.items.filter((item) => item.price?.recurring);
  const once = fact.items.filter((item) => !item.price?.recurring);
  const subscription = createSubscription(context, {
    customer,
    items: recurring.map(({ price, quantity }) => ({ price: price?.id ?? '', quantity: quantity ?? undefined })),
    payment_behavior: 'default_incomplete',
    proration_behavior: 'create_prorations',
    offSession: false,
    discounts: wishOf(session),
    ...(fact.trial_end !== null && { trial_end: fact.trial_end }),
    add_invoice_items: once.flatMap(({ price, quantity }) =>
      price === null ? [] : [{ price: price.id, quantity: quantity ?? 1, metadata: {} }],
    ),
    fields: { ...fact.subscription_data, default_payment_method: method?.id ?? null },
  });
  context.store.put('checkout_fact', { ...fact, pending_subscription: subscription.id });
  const invoice = find(context, 'invoice', idOf(subscription.latest_invoice) ?? '');
  const intent = invoice.status === 'open' ? intentOf(context, invoice) : undefined;
  if (intent === undefined || method === undefined) return followSubscription(context, session, subscription);
  const attempt = confirm(context, intent, { method, offSession: false, returnUrl: session.url ?? undefined });
  if (attempt.decline !== undefined) throw declined(attempt.decline);
  settleIntent(context, attempt);
}

function declined(decline: NonNullable<Attempt['decline']>): StripeError {
  return new StripeError(402, { type: 'card_error', ...errorOf(decline) });
}
