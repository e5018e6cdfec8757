import type Stripe from 'stripe';
import { businessDaysLater } from '../calc/business-days.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { refusedAttempt, wait, type Attempt, type Confirmation } from '../payments/attempt.js';
import { charge, failed, succeeded } from '../payments/charges.js';
import { returnDebit } from '../payments/disputes.js';
import { saveMethod } from '../payments/payment-methods.js';
import { follow, LATER } from '../payments/soon.js';
import { debitOutcome, FAILURES, type DebitOutcome } from './bank-accounts.js';
import { kindOf, type DebitType } from './kinds.js';
import { endMandate, makeMandate } from './mandates.js';
import { askForMicrodeposits, judge, type Microdeposits } from './microdeposits.js';

/** A bank account is debited: what comes of it is known days later: https://docs.stripe.com/payments/bank-debits */
export function debit(context: Context, intent: Stripe.PaymentIntent, how: Confirmation): Attempt {
  const { method, mandateData } = how;
  const fact = find(context, 'method_fact', method.id);
  if (mandateData === undefined && fact.mandate === null) return withoutMandate(context, intent, how);
  if (!fact.verified) {
    const asked = wait(context, intent, askForMicrodeposits(context, 'payment_intents', intent.id, method));
    if (mandateData !== undefined) consent(context, asked.intent, method, mandateData);
    if (outcomeFor(context, method).microdepositsFail === true) follow(context, 'intent.microdeposits', intent.id);
    return asked;
  }
  const mandate = mandateData === undefined ? fact.mandate : consent(context, intent, method, mandateData);
  return process(context, intent, method, mandate);
}

/** The account was shown to be the customer's: the debit goes its way. */
function debitVerified(context: Context, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Attempt {
  return process(context, { ...intent, next_action: null }, method, mandateOf(context, method.id));
}

/** https://docs.stripe.com/api/payment_intents/verify_microdeposits */
export function verifyDebit(context: Context, intent: Stripe.PaymentIntent, given: Microdeposits): Attempt {
  const method = context.store.get('payment_method', idOf(intent.payment_method) ?? '');
  if (intent.next_action?.type !== 'verify_with_microdeposits' || method === undefined)
    throw invalid(
      `This PaymentIntent could not be verified because it has a status of ${intent.status} and asks for no microdeposits.`,
      { code: 'payment_intent_unexpected_state' },
    );
  const verdict = judge(context, method, given);
  if (verdict === 'verified') return debitVerified(context, intent, method);
  return refusedAttempt(context, intent, method, verdict, null);
}

/** The deposits could not be sent. */
export function microdepositsFail(context: Context, id: string): Attempt | undefined {
  const intent = context.store.get('payment_intent', id);
  const method = context.store.get('payment_method', idOf(intent?.payment_method) ?? '');
  if (intent?.next_action?.type !== 'verify_with_microdeposits' || method === undefined) return undefined;
  const message = 'Microdeposit transfers failed. Please check the account, institution and transit numbers provided.';
  return refusedAttempt(context, intent, method, { code: 'payment_method_microdeposit_failed', message }, null);
}

/** What the bank said. */
export function debitResult(context: Context, id: string): Attempt | undefined {
  const intent = context.store.get('payment_intent', id);
  const pending = context.store.get('charge', idOf(intent?.latest_charge) ?? '');
  const method = context.store.get('payment_method', idOf(intent?.payment_method) ?? '');
  if (intent?.status !== 'processing' || pending === undefined || method === undefined) return undefined;
  const outcome = outcomeFor(context, method);
  const { failure } = outcome;
  if (failure === undefined) return paid(context, intent, pending, method, outcome);
  const { id: charged } = failed(context, pending, failure, FAILURES[failure]);
  const mandate = mandateOf(context, method.id);
  if (outcome.endsMandate === true && mandate !== null) endMandate(context, mandate, 'revoked');
  return refusedAttempt(context, intent, method, { code: failure, message: FAILURES[failure] }, charged);
}

export function outcomeFor(context: Context, method: Stripe.PaymentMethod): DebitOutcome {
  return debitOutcome(debitType(method.type), find(context, 'method_fact', method.id).test_id);
}

function process(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  mandate: string | null,
): Attempt {
  const outcome = outcomeFor(context, method);
  // https://docs.stripe.com/testing#non-card-payments: blocked by Radar before the bank is asked
  if (outcome.blocked === true && outcome.failure !== undefined)
    return refusedAttempt(context, intent, method, { code: outcome.failure, message: FAILURES[outcome.failure] }, null);
  const pending = charge(context, intent, method, { waits: true }, { mandate });
  const processing = context.store.put('payment_intent', {
    ...intent,
    latest_charge: pending.id,
    next_action: null,
    status: 'processing',
  });
  context.emit('payment_intent.processing', processing);
  saveMethod(context, processing, method);
  if (outcome.ends !== 'never') follow(context, 'intent.debit', intent.id, delayOf(context, method, outcome));
  return { outcome: 'processing', intent: processing, charge: pending.id };
}

function paid(
  context: Context,
  intent: Stripe.PaymentIntent,
  pending: Stripe.Charge,
  method: Stripe.PaymentMethod,
  { disputed }: DebitOutcome,
): Attempt {
  const made = succeeded(context, { ...pending, paid: true, receipt_url: `${context.url}/receipts/${pending.id}` });
  const done = context.store.put('payment_intent', {
    ...intent,
    amount_received: intent.amount,
    payment_method: method.id,
    status: 'succeeded',
  });
  context.emit('payment_intent.succeeded', done);
  if (disputed === true) returnDebit(context, made);
  return { outcome: 'succeeded', intent: done, charge: made.id };
}

/** In test mode at once, or after about three minutes; in live mode it takes business days: https://docs.stripe.com/testing#non-card-payments */
function delayOf(context: Context, { type }: Stripe.PaymentMethod, { delayed }: DebitOutcome): number {
  const days = kindOf(type).settles ?? 0;
  if (context.settings.bank_days) return businessDaysLater(context.now, days) - context.now;
  return delayed === true ? LATER : 0;
}

/** Consent to this payment alone, or also to later ones. */
function consent(
  context: Context,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  data: NonNullable<Confirmation['mandateData']>,
): string {
  const once = intent.setup_future_usage === null ? { amount: intent.amount, currency: intent.currency } : null;
  const refused = outcomeFor(context, method).refusesMandate === true;
  const { id } = makeMandate(context, method, data, once, refused);
  return id;
}

function withoutMandate(context: Context, intent: Stripe.PaymentIntent, { method, offSession }: Confirmation): Attempt {
  const message =
    'This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from the customer and try again, providing acceptance data in the mandate_data parameter.';
  if (!offSession) throw invalid(message, { code: 'payment_intent_mandate_invalid' });
  return refusedAttempt(context, intent, method, { code: 'payment_intent_mandate_invalid', message }, null);
}

/** The consent given last, be it for one payment or for all. */
function mandateOf(context: Context, method: string): string | null {
  return context.store.by('mandate', 'payment_method', method).at(-1)?.id ?? null;
}

function debitType(type: string): DebitType {
  switch (type) {
    case 'sepa_debit':
    case 'bacs_debit':
    case 'au_becs_debit':
    case 'us_bank_account':
    case 'acss_debit':
      return type;
    default:
      throw new Error(`${type} is no bank debit`);
  }
}
