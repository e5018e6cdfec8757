import type Stripe from 'stripe';
import { disputeFee } from '../calc/fees.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import type { Outcome } from '../outcomes.js';
import { blankDispute, type Claim } from './blank-dispute.js';
import { bookTransaction, potFor } from './bookings.js';
import { follow, unfollow } from './soon.js';

const DAY = 86_400;
/** "Usually 7–21 days, depending on the network": https://docs.stripe.com/disputes/responding#respond */
const ANSWER_DAYS = 20;
/** An inquiry that is not escalated is closed after 120 days: https://docs.stripe.com/disputes/how-disputes-work#inquiries */
const INQUIRY_DAYS = 120;
const OPEN = new Set<string>(['needs_response', 'warning_needs_response']);
const CLOSED = new Set<string>(['won', 'lost', 'warning_closed']);

/** The reasons that Stripe's test cards give; Visa's codes for them: https://docs.stripe.com/disputes/reason-codes-defense-requirements */
const CLAIMS = {
  fraudulent: { reason: 'fraudulent', case_type: 'chargeback', network_reason_code: '10.4' },
  product_not_received: { reason: 'product_not_received', case_type: 'chargeback', network_reason_code: '13.1' },
  inquiry: { reason: 'fraudulent', case_type: 'inquiry', network_reason_code: '10' },
  compliance: { reason: 'noncompliant', case_type: 'compliance', network_reason_code: null },
} satisfies Record<string, Omit<Claim, 'amount'>>;

/** What becomes of a payment that succeeded, by its test card. */
export function followUp(context: Context, charge: Stripe.Charge, later: Outcome['later']): void {
  if (later === 'early_fraud_warning') warnOfFraud(context, charge);
  else if (later === 'multiple_disputes') {
    const half = Math.floor(charge.amount / 2);
    openDispute(context, charge, { ...CLAIMS.fraudulent, amount: half });
    openDispute(context, find(context, 'charge', charge.id), { ...CLAIMS.fraudulent, amount: charge.amount - half });
  } else if (later !== undefined) openDispute(context, charge, { ...CLAIMS[later], amount: charge.amount });
}

/** The customer's bank takes a debit back. That is final: https://docs.stripe.com/payments/ach-direct-debit#disputed-payments */
export function returnDebit(context: Context, charge: Stripe.Charge): void {
  const claim: Claim = {
    amount: charge.amount,
    reason: 'debit_not_authorized',
    case_type: 'chargeback',
    network_reason_code: null,
  };
  close(context, openDispute(context, charge, claim, null), 'lost');
}

export function openDispute(
  context: Context,
  charge: Stripe.Charge,
  claim: Claim,
  due: number | null = endOfDay(context.wire + ANSWER_DAYS * DAY),
): Stripe.Dispute {
  const opened = context.store.put('dispute', blankDispute(context, charge, claim, due));
  context.store.put('charge', { ...charge, disputed: true });
  if (due !== null) context.schedule.set('dispute.deadline', opened.id, due + 1);
  if (claim.case_type === 'inquiry') {
    context.schedule.set('dispute.inquiry_end', opened.id, context.wire + INQUIRY_DAYS * DAY);
    context.emit('charge.dispute.created', opened);
    return opened;
  }
  const withdrawn = withdraw(context, opened);
  context.emit('charge.dispute.created', withdrawn);
  context.emit('charge.dispute.funds_withdrawn', withdrawn);
  return withdrawn;
}

/** Stores what is said, and sends it to the bank unless it is only staged: https://docs.stripe.com/api/disputes/update */
export function answerDispute(
  context: Context,
  before: Stripe.Dispute,
  change: Pick<Stripe.Dispute, 'evidence' | 'metadata' | 'intended_submission_method'>,
  submits: boolean,
): Stripe.Dispute {
  if (CLOSED.has(before.status)) throw closedAlready(before);
  const details = { ...before.evidence_details, has_evidence: hasEvidence(change.evidence) };
  const answered = context.store.put('dispute', {
    ...before,
    ...change,
    ...(submits && OPEN.has(before.status) && { status: underReview(before) }),
    evidence_details: submits
      ? { ...details, submission_count: details.submission_count + 1, submission_method: 'manual' }
      : details,
  });
  context.emit('charge.dispute.updated', answered, before);
  // Stripe's test evidence decides: https://docs.stripe.com/testing#evidence. Whatever else is said stays under review.
  if (submits && isDecisive(change.evidence.uncategorized_text)) follow(context, 'dispute.decision', before.id);
  return answered;
}

/** The bank decides by the words of Stripe's test evidence. */
export function decideDue(context: Context, id: string): void {
  const dispute = context.store.get('dispute', id);
  const text = dispute?.evidence.uncategorized_text;
  if (dispute === undefined || CLOSED.has(dispute.status)) return;
  if (text === 'escalate_inquiry_evidence') escalate(context, dispute);
  else decide(context, dispute, text === 'winning_evidence');
}

export function decide(context: Context, dispute: Stripe.Dispute, won: boolean): Stripe.Dispute {
  if (CLOSED.has(dispute.status)) throw closedAlready(dispute);
  if (dispute.status.startsWith('warning_')) return close(context, dispute, 'warning_closed');
  return close(context, dispute, won ? 'won' : 'lost');
}

/** Given up: https://docs.stripe.com/api/disputes/close */
export function giveUp(context: Context, dispute: Stripe.Dispute): Stripe.Dispute {
  return decide(context, dispute, false);
}

/** Nothing was answered in time: https://docs.stripe.com/disputes/responding#respond */
export function deadline(context: Context, id: string): void {
  const before = context.store.get('dispute', id);
  if (before === undefined || !OPEN.has(before.status)) return;
  const late = { ...before, evidence_details: { ...before.evidence_details, past_due: true } };
  if (before.status === 'needs_response') close(context, late, 'lost');
  else context.emit('charge.dispute.updated', context.store.put('dispute', late), before);
}

export function inquiryEnd(context: Context, id: string): void {
  const dispute = context.store.get('dispute', id);
  if (dispute?.status.startsWith('warning_') === true && !CLOSED.has(dispute.status))
    close(context, dispute, 'warning_closed');
}

function escalate(context: Context, before: Stripe.Dispute): void {
  if (!before.status.startsWith('warning_')) return;
  const { card } = before.payment_method_details ?? {};
  const due_by = endOfDay(context.wire + ANSWER_DAYS * DAY);
  const escalated = withdraw(context, {
    ...before,
    evidence_details: { ...before.evidence_details, due_by },
    is_charge_refundable: false,
    network_reason_code: '10.4',
    ...(card !== undefined && {
      payment_method_details: { card: { ...card, case_type: 'chargeback', network_reason_code: '10.4' }, type: 'card' },
    }),
    status: 'needs_response',
  });
  context.schedule.set('dispute.deadline', before.id, due_by + 1);
  context.schedule.clear('dispute.inquiry_end', before.id);
  context.emit('charge.dispute.updated', escalated, before);
  context.emit('charge.dispute.funds_withdrawn', escalated);
}

function close(context: Context, before: Stripe.Dispute, status: 'won' | 'lost' | 'warning_closed'): Stripe.Dispute {
  for (const kind of ['dispute.deadline', 'dispute.inquiry_end']) context.schedule.clear(kind, before.id);
  unfollow(context, 'dispute.decision', before.id);
  const closed = context.store.put('dispute', { ...before, status });
  const kept = status === 'won' ? reinstate(context, closed) : closed;
  context.emit('charge.dispute.closed', kept);
  if (status === 'won') context.emit('charge.dispute.funds_reinstated', kept);
  return kept;
}

/** Takes the amount and the fee: https://docs.stripe.com/disputes/how-disputes-work */
function withdraw(context: Context, dispute: Stripe.Dispute): Stripe.Dispute {
  return move(context, dispute, -1, 'dispute', 'Chargeback withdrawal for', 'Dispute fee');
}

/** A dispute that is won gives both back: https://docs.stripe.com/testing#evidence */
function reinstate(context: Context, dispute: Stripe.Dispute): Stripe.Dispute {
  return move(context, dispute, 1, 'dispute_reversal', 'Chargeback reversal for', 'Dispute fee refund');
}

function move(
  context: Context,
  dispute: Stripe.Dispute,
  sign: 1 | -1,
  reporting_category: string,
  words: string,
  fee_description: string,
): Stripe.Dispute {
  const charge = find(context, 'charge', idOf(dispute.charge));
  const transaction = bookTransaction(context, {
    amount: sign * dispute.amount,
    available: true,
    currency: dispute.currency,
    description: `${words} ${charge.id}`,
    fee: -sign * disputeFee(dispute.currency),
    fee_description,
    pot: potFor(charge.payment_method_details?.type ?? 'card'),
    reporting_category,
    source: dispute.id,
    type: 'adjustment',
  });
  return context.store.put('dispute', {
    ...dispute,
    balance_transactions: [...dispute.balance_transactions, transaction],
  });
}

/** https://docs.stripe.com/disputes/measuring#early-fraud-warnings */
function warnOfFraud(context: Context, charge: Stripe.Charge): void {
  const intent = idOf(charge.payment_intent);
  const warning = context.store.put('early_fraud_warning', {
    id: context.ids.next('issfr', 24),
    object: 'radar.early_fraud_warning',
    actionable: true,
    charge: charge.id,
    created: context.wire,
    fraud_type: 'made_with_stolen_card',
    livemode: false,
    ...(intent !== null && { payment_intent: intent }),
  });
  context.emit('radar.early_fraud_warning.created', warning);
}

/** A payment that was given back, or disputed, needs no more doing: https://docs.stripe.com/api/radar/early_fraud_warnings/object */
export function settleWarnings(context: Context, charge: string): void {
  for (const warning of context.store.by('early_fraud_warning', 'charge', charge)) {
    if (!warning.actionable) continue;
    const settled = context.store.put('early_fraud_warning', { ...warning, actionable: false });
    context.emit('radar.early_fraud_warning.updated', settled, warning);
  }
}

function hasEvidence(evidence: Stripe.Dispute.Evidence): boolean {
  return Object.values(evidence).some((value) => typeof value === 'string');
}

function isDecisive(text: string | null): boolean {
  return text === 'winning_evidence' || text === 'losing_evidence' || text === 'escalate_inquiry_evidence';
}

function underReview({ status }: Stripe.Dispute): 'under_review' | 'warning_under_review' {
  return status === 'warning_needs_response' ? 'warning_under_review' : 'under_review';
}

function closedAlready({ status }: Stripe.Dispute) {
  return invalid(`This dispute is already closed: it has a status of ${status}.`);
}

function endOfDay(at: number): number {
  return Math.floor(at / DAY) * DAY + DAY - 1;
}
