import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, KeptError } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import { outcomeFor as outcomeOfDebit } from '../methods/debits.js';
import { kindOf } from '../methods/kinds.js';
import { makeMandate, type MandateData } from '../methods/mandates.js';
import { askForMicrodeposits, judge, type Microdeposits } from '../methods/microdeposits.js';
import { declineOf } from '../outcomes.js';
import { authenticationStep } from './authentication-step.js';
import { attach, errorOf, outcomeFor } from './payment-methods.js';
import { beginAttempt, noteAttempt, noteAuthentication } from './setup-attempts.js';

/** Saves a card for later, with what its holder has to do for that: https://docs.stripe.com/payments/setup-intents */
export function confirmSetup(
  context: Context,
  before: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  returnUrl: string | null,
  mandateData?: MandateData,
): Stripe.SetupIntent {
  const { flow, reusable } = kindOf(method.type);
  if (reusable !== true)
    throw invalid(`The payment method type ${method.type} cannot be set up for later payments.`, {
      code: 'payment_method_not_available',
      param: 'payment_method',
    });
  const confirmed = { ...before, payment_method: method.id, last_setup_error: null, next_action: null };
  const intent = beginAttempt(context, confirmed, method);
  if (flow === 'debit') return setUpDebit(context, intent, method, mandateData);
  const { authentication, declines, refusedAtSave } = outcomeFor(context, method);
  if (declines !== undefined && refusedAtSave === true) return refuse(context, intent, method, declines);
  const fact = find(context, 'method_fact', method.id);
  if (authentication === undefined || fact.set_up) return succeed(context, intent, method);
  const url = `${context.url}/_sandbox/setup_intents/${intent.id}/authenticate`;
  return waitForHolder(context, { ...intent, next_action: authenticationStep(url, returnUrl) });
}

/** A bank account: with its holder's consent, and once it is known to be the holder's. */
function setUpDebit(
  context: Context,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  data: MandateData | undefined,
): Stripe.SetupIntent {
  if (data === undefined)
    throw invalid(
      'This SetupIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from the customer and try again, providing acceptance data in the mandate_data parameter.',
      { code: 'setup_intent_mandate_invalid' },
    );
  const mandate = makeMandate(context, method, data, null, outcomeOfDebit(context, method).refusesMandate === true);
  const agreed = { ...intent, mandate: mandate.id };
  if (find(context, 'method_fact', method.id).verified) return succeed(context, agreed, method);
  return waitForHolder(context, {
    ...agreed,
    next_action: askForMicrodeposits(context, 'setup_intents', intent.id, method),
  });
}

function waitForHolder(context: Context, intent: Stripe.SetupIntent): Stripe.SetupIntent {
  const waiting = context.store.put('setup_intent', { ...intent, status: 'requires_action' });
  noteAttempt(context, waiting, { status: 'requires_action' });
  context.emit('setup_intent.requires_action', waiting);
  return waiting;
}

/** https://docs.stripe.com/api/setup_intents/verify_microdeposits */
export function verifySetup(context: Context, intent: Stripe.SetupIntent, given: Microdeposits): Stripe.SetupIntent {
  if (intent.next_action?.type !== 'verify_with_microdeposits') throw unexpectedSetupState('verified', intent);
  const method = find(context, 'payment_method', idOf(intent.payment_method) ?? '');
  const verdict = judge(context, method, given);
  if (verdict === 'verified') return succeed(context, { ...intent, next_action: null }, method);
  return leaveSetup(context, intent, { ...verdict, type: 'invalid_request_error', payment_method: method });
}

function leaveSetup(
  context: Context,
  intent: Stripe.SetupIntent,
  last_setup_error: Stripe.SetupIntent.LastSetupError,
): Stripe.SetupIntent {
  noteAttempt(context, intent, { status: 'failed', setup_error: last_setup_error });
  const left = context.store.put('setup_intent', {
    ...intent,
    last_setup_error,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  context.emit('setup_intent.setup_failed', left);
  return left;
}

export function authenticatedSetup(
  context: Context,
  intent: Stripe.SetupIntent,
  succeeded: boolean,
): Stripe.SetupIntent {
  if (intent.status !== 'requires_action') throw unexpectedSetupState('authenticated', intent);
  const method = find(context, 'payment_method', idOf(intent.payment_method) ?? '');
  noteAuthentication(context, intent, succeeded);
  if (succeeded) {
    context.store.put('method_fact', { ...find(context, 'method_fact', method.id), set_up: true });
    return succeed(context, { ...intent, next_action: null }, method);
  }
  return leaveSetup(context, intent, {
    type: 'invalid_request_error',
    code: 'setup_intent_authentication_failure',
    message: 'The latest attempt to set up the payment method has failed because authentication failed.',
    payment_method: method,
  });
}

export function unexpectedSetupState(verb: string, intent: Stripe.SetupIntent) {
  return invalid(`This SetupIntent could not be ${verb} because it has a status of ${intent.status}.`, {
    code: 'setup_intent_unexpected_state',
  });
}

export function blankSetupIntent(context: Context): Stripe.SetupIntent {
  const id = context.ids.next('seti', 24);
  return {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${context.ids.letters(25)}`,
    created: context.wire,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session',
  };
}

function succeed(context: Context, intent: Stripe.SetupIntent, method: Stripe.PaymentMethod): Stripe.SetupIntent {
  const customer = idOf(intent.customer);
  if (customer !== null) attach(context, method, customer);
  const done = context.store.put('setup_intent', { ...intent, status: 'succeeded' });
  noteAttempt(context, done, { status: 'succeeded' });
  context.emit('setup_intent.succeeded', done);
  return done;
}

function refuse(
  context: Context,
  intent: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  reason: Parameters<typeof declineOf>[0],
): never {
  const error = { type: 'card_error', ...errorOf(declineOf(reason)), payment_method: method } as const;
  const left = leaveSetup(context, intent, error);
  throw new KeptError(402, { ...error, setup_intent: left });
}
