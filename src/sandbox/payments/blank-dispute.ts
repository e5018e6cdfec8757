import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';

export const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

export interface Claim {
  amount: number;
  reason: string;
  case_type: 'chargeback' | 'compliance' | 'inquiry';
  network_reason_code: string | null;
}

/** A dispute as the bank opens it; `due_by` in seconds, null where nothing can be answered. */
export function blankDispute(
  context: Context,
  charge: Stripe.Charge,
  { amount, reason, case_type, network_reason_code }: Claim,
  due_by: number | null,
): Stripe.Dispute {
  const brand = charge.payment_method_details?.card?.brand;
  return {
    id: context.ids.next('du', 24),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: context.wire,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: {
      ...NO_EVIDENCE,
      // What Stripe knows already: https://docs.stripe.com/disputes/api
      customer_email_address: charge.billing_details.email,
      customer_name: charge.billing_details.name,
    },
    evidence_details: {
      due_by,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: case_type === 'inquiry',
    livemode: false,
    metadata: {},
    ...(network_reason_code !== null && { network_reason_code }),
    payment_intent: idOf(charge.payment_intent),
    ...(typeof brand === 'string' && {
      payment_method_details: { card: { brand, case_type, network: brand, network_reason_code }, type: 'card' },
    }),
    reason,
    status: case_type === 'inquiry' ? 'warning_needs_response' : 'needs_response',
  };
}
