import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import type { Decline } from '../outcomes.js';
import { NO_ADDRESS } from './no-address.js';
import { errorOf } from './payment-methods.js';

export function blankCharge(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.Charge {
  const customer = idOf(intent.customer);
  return {
    // Other methods than cards make payments: https://docs.stripe.com/api/charges
    id: context.ids.next(method.type === 'card' ? 'ch' : 'py', 24),
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
    payment_method_details: null,
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

export function failureOf(decline: Decline): Pick<Stripe.Charge, 'failure_code' | 'failure_message'> {
  const { code, message } = errorOf(decline);
  return { failure_code: code, failure_message: message };
}

/** https://docs.stripe.com/api/charges/object#charge_object-outcome */
export function outcomeShown(
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
