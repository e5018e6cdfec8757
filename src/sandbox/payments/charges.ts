import type Stripe from 'stripe';
import { feeOf } from '../calc/fees.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { errorOf, NO_ADDRESS, outcomeFor } from './payment-methods.js';
import type { Decline } from '../outcomes.js';

const DAY = 86_400;

/** One attempt to take the money of an intent: succeeded, authorized only, or declined. */
export function charge(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  decline: Decline | undefined,
): Stripe.Charge {
  const captured = decline === undefined && intent.capture_method !== 'manual';
  const blank = blankCharge(context, intent, method);
  const made = context.store.put('charge', {
    ...blank,
    ...(decline === undefined ? {} : failureOf(decline)),
    amount_captured: captured ? intent.amount : 0,
    captured,
    outcome: outcomeShown(decline, outcomeFor(context, method).risk),
    paid: decline === undefined,
    receipt_url: decline === undefined ? `${context.url}/receipts/${blank.id}` : null,
    status: decline === undefined ? 'succeeded' : 'failed',
  });
  if (decline !== undefined) {
    context.emit('charge.failed', made);
    return made;
  }
  const kept = captured ? withBalance(context, made, intent.amount) : made;
  context.emit('charge.succeeded', kept);
  return kept;
}

/** Takes what was authorized, or a part of it: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method */
export function captureCharge(context: Context, before: Stripe.Charge, amount: number): Stripe.Charge {
  const refunded = before.amount - amount;
  const captured = context.store.put('charge', {
    ...before,
    amount_captured: amount,
    amount_refunded: refunded,
    captured: true,
  });
  const kept = withBalance(context, captured, amount);
  context.emit('charge.captured', kept, before);
  return kept;
}

/** An authorization that is let go is refunded whole. */
export function releaseCharge(context: Context, before: Stripe.Charge): Stripe.Charge {
  const released = context.store.put('charge', { ...before, amount_refunded: before.amount, refunded: true });
  context.emit('charge.refunded', released, before);
  return released;
}

function withBalance(context: Context, made: Stripe.Charge, amount: number): Stripe.Charge {
  const country = made.payment_method_details?.card?.country ?? null;
  const fee = feeOf(amount, made.currency, country);
  const transaction = bookTransaction(context, {
    amount,
    currency: made.currency,
    description: made.description,
    fee,
    fee_details: [
      {
        amount: fee,
        application: null,
        currency: made.currency,
        description: 'Stripe processing fees',
        type: 'stripe_fee',
      },
    ],
    reporting_category: 'charge',
    source: made.id,
    type: 'charge',
  });
  return context.store.put('charge', { ...made, balance_transaction: transaction.id });
}

type Booking = Pick<
  Stripe.BalanceTransaction,
  'amount' | 'currency' | 'description' | 'fee' | 'fee_details' | 'reporting_category' | 'source' | 'type'
>;
/** Every movement of money is one of these; the net is what reaches the balance. */
export function bookTransaction(context: Context, booking: Booking): Stripe.BalanceTransaction {
  return context.store.put('balance_transaction', {
    id: context.ids.next('txn', 24),
    object: 'balance_transaction',
    // Available after two days, as of an account in the United States: https://docs.stripe.com/payouts#standard-payout-timing
    available_on: Math.floor(context.wire / DAY) * DAY + 2 * DAY,
    balance_type: 'payments',
    created: context.wire,
    exchange_rate: null,
    net: booking.amount - booking.fee,
    status: 'pending',
    ...booking,
  });
}

function blankCharge(context: Context, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Stripe.Charge {
  const customer = idOf(intent.customer);
  return {
    id: context.ids.next('ch', 24),
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { ...method.billing_details, address: method.billing_details.address ?? NO_ADDRESS },
    calculated_statement_descriptor: intent.statement_descriptor ?? 'GOOD STANDING SANDBOX',
    captured: false,
    created: context.wire,
    currency: intent.currency,
    customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: null,
    paid: false,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { type: 'card', ...(method.card && { card: cardDetails(intent.amount, method.card) }) },
    radar_options: {},
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: 'pending',
    transfer_data: null,
    transfer_group: null,
  };
}

function failureOf(decline: Decline): Pick<Stripe.Charge, 'failure_code' | 'failure_message'> {
  const { code, message } = errorOf(decline);
  return { failure_code: code, failure_message: message };
}

/** https://docs.stripe.com/api/charges/object#charge_object-outcome */
function outcomeShown(
  decline: Decline | undefined,
  risk: { level: string; score: number } | undefined,
): Stripe.Charge.Outcome {
  const level = { risk_level: risk?.level ?? 'normal', risk_score: risk?.score ?? 17 };
  const none = { advice_code: null, network_advice_code: null, network_decline_code: null };
  if (decline === undefined)
    return {
      ...none,
      ...level,
      network_status: 'approved_by_network',
      reason: null,
      seller_message: 'Payment complete.',
      type: 'authorized',
    };
  if (decline.blocked === true)
    return {
      ...none,
      ...level,
      network_status: 'not_sent_to_network',
      reason: level.risk_level === 'highest' ? 'highest_risk_level' : 'rule',
      seller_message: 'Stripe blocked this payment as too risky.',
      type: 'blocked',
    };
  return {
    ...none,
    ...level,
    advice_code: decline.advice_code ?? null,
    network_status: 'declined_by_network',
    reason: decline.decline_code,
    seller_message: `The bank returned the decline code \`${decline.decline_code}\`.`,
    type: 'issuer_declined',
  };
}

function cardDetails(amount: number, card: Stripe.PaymentMethod.Card): Stripe.Charge.PaymentMethodDetails.Card {
  return {
    amount_authorized: amount,
    authorization_code: null,
    brand: card.brand,
    checks: card.checks,
    country: card.country,
    electronic_commerce_indicator: null,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    fingerprint: card.fingerprint ?? null,
    funding: card.funding,
    installments: null,
    last4: card.last4,
    mandate: null,
    network: card.brand,
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}

export function chargeOf(context: Context, intent: Stripe.PaymentIntent): Stripe.Charge | undefined {
  const id = idOf(intent.latest_charge);
  return id === null ? undefined : find(context, 'charge', id);
}
