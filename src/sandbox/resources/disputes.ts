import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { answerDispute, giveUp } from '../payments/disputes.js';
import { route } from '../route.js';

/** https://docs.stripe.com/api/disputes/evidence_object */
const words = {
  access_activity_log: p.note,
  billing_address: p.note,
  cancellation_policy_disclosure: p.note,
  cancellation_rebuttal: p.note,
  customer_email_address: p.note,
  customer_name: p.note,
  customer_purchase_ip: p.note,
  duplicate_charge_explanation: p.note,
  duplicate_charge_id: p.note,
  product_description: p.note,
  refund_policy_disclosure: p.note,
  refund_refusal_explanation: p.note,
  service_date: p.note,
  shipping_address: p.note,
  shipping_carrier: p.note,
  shipping_date: p.note,
  shipping_tracking_number: p.note,
  uncategorized_text: p.note,
};
/** Each names an uploaded file. */
const papers = {
  cancellation_policy: p.note,
  customer_communication: p.note,
  customer_signature: p.note,
  duplicate_charge_documentation: p.note,
  receipt: p.note,
  refund_policy: p.note,
  service_documentation: p.note,
  shipping_documentation: p.note,
  uncategorized_file: p.note,
};
const evidence = p.hash({ ...words, ...papers });
/** "The combined character count of all fields is limited to 150,000": https://docs.stripe.com/api/disputes/update */
const MOST_WORDS = 150_000;
const PAPERS = new Set(Object.keys(papers));

export const disputes = [
  route(
    'GET',
    '/v1/disputes',
    { ...pagingByTime, charge: p.text, payment_intent: p.text },
    (context, { created, charge, payment_intent, ...page }) =>
      list(context, 'dispute', page, {
        url: '/v1/disputes',
        ...(charge !== undefined && { by: ['charge', charge] }),
        ...(payment_intent !== undefined && { by: ['payment_intent', payment_intent] }),
        where: (dispute) =>
          p.inRange(dispute.created, created) && (charge === undefined || idOf(dispute.charge) === charge),
      }),
  ),
  route('GET', '/v1/disputes/:id', {}, (context, _params, id) => find(context, 'dispute', id)),
  route(
    'POST',
    '/v1/disputes/:id',
    {
      evidence,
      intended_submission_method: p.oneOf('manual', 'prefer_manual', 'prefer_smart_disputes', 'smart_disputes'),
      metadata: p.metadata,
      submit: p.flag,
    },
    (context, params, id) => {
      const before = find(context, 'dispute', id);
      const change = {
        evidence: evidenceOf(context, before, params.evidence ?? {}),
        metadata: p.mergeMetadata(before.metadata, params.metadata),
        intended_submission_method: params.intended_submission_method ?? before.intended_submission_method,
      };
      // Metadata alone submits nothing.
      return answerDispute(context, before, change, params.submit ?? params.evidence !== undefined);
    },
  ),
  route('POST', '/v1/disputes/:id/close', {}, (context, _params, id) => giveUp(context, find(context, 'dispute', id))),
];

export const earlyFraudWarnings = [
  route(
    'GET',
    '/v1/radar/early_fraud_warnings',
    { ...pagingByTime, charge: p.text, payment_intent: p.text },
    (context, { created, charge, payment_intent, ...page }) =>
      list(context, 'early_fraud_warning', page, {
        url: '/v1/radar/early_fraud_warnings',
        ...(charge !== undefined && { by: ['charge', charge] }),
        ...(payment_intent !== undefined && { by: ['payment_intent', payment_intent] }),
        where: (warning) => p.inRange(warning.created, created),
      }),
  ),
  route('GET', '/v1/radar/early_fraud_warnings/:id', {}, (context, _params, id) =>
    find(context, 'early_fraud_warning', id),
  ),
];

function evidenceOf(
  context: Context,
  { evidence: before }: Stripe.Dispute,
  given: ReturnType<typeof evidence.read>,
): Stripe.Dispute.Evidence {
  for (const [field, value] of Object.entries(given))
    if (PAPERS.has(field) && value !== null) refuseFile(context, field, value);
  const after = { ...before, ...given };
  const length = Object.values(after).reduce((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
  if (length > MOST_WORDS)
    throw invalid(`The combined character count of all evidence fields must be at most ${MOST_WORDS}.`, {
      param: 'evidence',
    });
  return after;
}

function refuseFile(context: Context, field: string, id: string): void {
  const file = find(context, 'file', id, `evidence[${field}]`);
  if (file.purpose !== 'dispute_evidence' && file.purpose !== 'customer_signature')
    throw invalid(`The file ${id} was not uploaded as dispute_evidence.`, { param: `evidence[${field}]` });
}
