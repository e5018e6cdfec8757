import type Stripe from 'stripe';
import { settleIntent } from '../billing/intent-outcome.js';
import type { Context } from '../context.js';
import { invalid, KeptError, StripeError } from '../errors.js';
import { find } from '../find.js';
import { list, pageOf, paging, pagingByTime } from '../list.js';
import { refuseTogether } from '../methods/allowed.js';
import { verifyDebit } from '../methods/debits.js';
import { chosenTypes } from '../methods/given.js';
import { mandateData } from '../methods/mandates.js';
import { microdepositShape } from '../methods/microdeposits.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { detailsOf } from '../payments/amount-details.js';
import { changesOf, intentFields } from '../payments/intent-changes.js';
import { blankIntent } from '../payments/blank-intent.js';
import { incrementAuthorization } from '../payments/increments.js';
import { intentFact } from '../payments/intent-fact.js';
import { redirectMessage, refuseChange, refused, unexpectedState } from '../payments/intent-refusals.js';
import { cancelIntent, capture, confirm, type Attempt } from '../payments/intents.js';
import { declinedPayment } from '../payments/payment-methods.js';
import { route } from '../route.js';

const automatic = p.hash({ enabled: p.needed(p.flag), allow_redirects: p.oneOf('always', 'never') });
const confirming = {
  off_session: p.flag,
  return_url: p.text,
  error_on_requires_action: p.flag,
  use_stripe_sdk: p.flag,
  mandate_data: mandateData,
};
const createShape = {
  ...intentFields,
  ...confirming,
  amount: p.needed(intentFields.amount),
  currency: p.needed(intentFields.currency),
  automatic_payment_methods: automatic,
  confirm: p.flag,
  confirmation_method: p.oneOf('automatic', 'manual'),
};
const confirmable = {
  amount_details: intentFields.amount_details,
  payment_method: p.text,
  payment_method_data: intentFields.payment_method_data,
  payment_method_options: intentFields.payment_method_options,
  ...chosenTypes,
  receipt_email: p.note,
  setup_future_usage: intentFields.setup_future_usage,
  shipping: intentFields.shipping,
  capture_method: intentFields.capture_method,
};

const confirmShape = { ...confirming, ...confirmable };

export const paymentIntents = [
  route('POST', '/v1/payment_intents', createShape, (context, params) => {
    refuseUnconfirmed(params.confirm, {
      off_session: params.off_session,
      error_on_requires_action: params.error_on_requires_action,
      mandate_data: params.mandate_data,
    });
    const blank = { ...blankIntent(context, params.amount, params.currency), ...kindOf(params) };
    const intent = context.store.put('payment_intent', {
      ...blank,
      ...changesOf(context, blank, p.only(intentFields, params)),
    });
    context.emit('payment_intent.created', intent);
    return params.confirm === true ? unshown(() => confirmNow(context, intent, params)) : intent;
  }),
  route(
    'GET',
    '/v1/payment_intents',
    { ...pagingByTime, customer: p.text },
    (context, { customer, created, ...page }) =>
      list(context, 'payment_intent', page, {
        url: '/v1/payment_intents',
        ...(customer !== undefined && { by: ['customer', customer] }),
        where: (intent) => p.inRange(intent.created, created),
      }),
  ),
  route('GET', '/v1/payment_intents/:id', { client_secret: p.text }, (context, _params, id) =>
    find(context, 'payment_intent', id),
  ),
  route('POST', '/v1/payment_intents/:id', intentFields, (context, params, id) => {
    const before = find(context, 'payment_intent', id);
    refuseChange(before, params);
    return context.store.put('payment_intent', { ...before, ...changesOf(context, before, params) });
  }),
  route('POST', '/v1/payment_intents/:id/confirm', confirmShape, (context, params, id) =>
    confirmNow(context, find(context, 'payment_intent', id), params),
  ),
  route(
    'POST',
    '/v1/payment_intents/:id/capture',
    {
      amount_to_capture: p.atLeast(1),
      metadata: p.metadata,
      statement_descriptor: p.text,
      statement_descriptor_suffix: p.text,
    },
    (context, params, id) => {
      const before = find(context, 'payment_intent', id);
      const intent = capture(context, before, params.amount_to_capture ?? before.amount_capturable);
      return context.store.put('payment_intent', {
        ...intent,
        metadata: p.mergeMetadata(intent.metadata, params.metadata),
      });
    },
  ),
  route('GET', '/v1/payment_intents/:id/amount_details_line_items', paging, (context, page, id) => {
    const { lines } = intentFact(context, find(context, 'payment_intent', id).id);
    return pageOf(lines, page, `/v1/payment_intents/${id}/amount_details_line_items`);
  }),
  route(
    'POST',
    '/v1/payment_intents/:id/increment_authorization',
    {
      amount: p.needed(p.atLeast(1)),
      amount_details: intentFields.amount_details,
      description: p.note,
      metadata: p.metadata,
      statement_descriptor: p.text,
    },
    (context, { amount, amount_details: details, metadata, ...noted }, id) => {
      const intent = incrementAuthorization(context, find(context, 'payment_intent', id), amount);
      return context.store.put('payment_intent', {
        ...intent,
        ...noted,
        ...(details !== undefined && { amount_details: detailsOf(context, intent, amount, details) }),
        metadata: p.mergeMetadata(intent.metadata, metadata),
      });
    },
  ),
  route('POST', '/v1/payment_intents/:id/verify_microdeposits', microdepositShape, (context, params, id) => {
    const attempt = verifyDebit(context, find(context, 'payment_intent', id), params);
    settleIntent(context, attempt);
    return attempt.intent;
  }),
  route(
    'POST',
    '/v1/payment_intents/:id/cancel',
    { cancellation_reason: p.oneOf('duplicate', 'fraudulent', 'requested_by_customer', 'abandoned') },
    (context, { cancellation_reason }, id) =>
      cancelIntent(context, find(context, 'payment_intent', id), cancellation_reason ?? null),
  ),
];

/** An intent that was refused before it came to be is not shown: it is nowhere to be found. */
function unshown<R>(work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StripeError) || error instanceof KeptError) throw error;
    const { payment_intent: _never, ...body } = error.body;
    throw new StripeError(error.status, body);
  }
}

type Confirming = p.Values<typeof confirmShape>;
function confirmNow(context: Context, before: Stripe.PaymentIntent, params: Confirming): Stripe.PaymentIntent {
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(before.status))
    throw unexpectedState('confirmed', before);
  const intent = { ...before, ...changesOf(context, before, p.only(confirmable, params)) };
  const unsaid = redirectMessage('PaymentIntent', intent);
  if (unsaid !== undefined && params.return_url === undefined && params.off_session !== true)
    throw refused(before, unsaid);
  const id = idOf(intent.payment_method);
  if (id === null)
    throw refused(
      before,
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
      { code: 'payment_intent_unexpected_state' },
    );
  const attempt = confirm(context, intent, {
    method: find(context, 'payment_method', id, 'payment_method'),
    offSession: params.off_session ?? false,
    returnUrl: params.return_url,
    mandateData: params.mandate_data ?? undefined,
  });
  settleIntent(context, attempt);
  return answerOf(context, attempt, params.error_on_requires_action ?? false);
}

function answerOf(context: Context, attempt: Attempt, refusesAction: boolean): Stripe.PaymentIntent {
  if (attempt.decline !== undefined) throw declinedPayment(attempt.decline, attempt.intent, attempt.charge);
  if (attempt.outcome !== 'requires_action' || !refusesAction) return attempt.intent;
  const intent = context.store.put('payment_intent', {
    ...attempt.intent,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  throw new KeptError(402, {
    type: 'card_error',
    code: 'authentication_required',
    decline_code: 'authentication_not_handled',
    message: 'This payment required an authentication action to complete, but `error_on_requires_action` was set.',
    payment_intent: intent,
  });
}

/** https://docs.stripe.com/api/payment_intents/create: these make sense only together with confirm=true */
function refuseUnconfirmed(confirms: boolean | undefined, given: Record<string, unknown>): void {
  for (const [param, value] of Object.entries(given))
    if (value !== undefined && confirms !== true)
      throw invalid(`You can only set \`${param}\` when \`confirm\` is set to \`true\`.`, { param });
}

/** Automatic payment methods are the default since 2023-08-16. */
function kindOf(params: p.Values<typeof createShape>): Partial<Stripe.PaymentIntent> {
  const { automatic_payment_methods, confirmation_method } = params;
  refuseTogether({
    allowed_payment_method_types: params.allowed_payment_method_types,
    excluded_payment_method_types: params.excluded_payment_method_types,
  });
  refuseTogether({ allowed_payment_method_types: params.allowed_payment_method_types, automatic_payment_methods });
  return {
    ...(confirmation_method !== undefined && { confirmation_method }),
    automatic_payment_methods: {
      allow_redirects: automatic_payment_methods?.allow_redirects ?? 'always',
      enabled: automatic_payment_methods?.enabled ?? true,
    },
    capture_method: params.capture_method ?? 'automatic_async',
  };
}
