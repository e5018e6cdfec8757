import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import { compatibleTypes, refuseTogether } from '../methods/allowed.js';
import { chosenTypes, methodShape } from '../methods/given.js';
import { mandateData, type MandateData } from '../methods/mandates.js';
import { microdepositShape } from '../methods/microdeposits.js';
import { newMethod } from '../methods/new-method.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { redirectMessage } from '../payments/intent-refusals.js';
import { usePaymentMethod } from '../payments/payment-methods.js';
import { abandonAttempt } from '../payments/setup-attempts.js';
import { blankSetupIntent, confirmSetup, unexpectedSetupState, verifySetup } from '../payments/setup-intents.js';
import { route } from '../route.js';

/** https://docs.stripe.com/api/setup_intents/create#create_setup_intent-payment_method_options */
const verification_method = p.oneOf('automatic', 'microdeposits');
const setupOptions = p.hash({
  card: p.hash({ request_three_d_secure: p.oneOf('automatic', 'any', 'challenge') }),
  us_bank_account: p.hash({ verification_method }),
  acss_debit: p.hash({ verification_method, currency: p.oneOf('cad', 'usd') }),
});
const fields = {
  ...chosenTypes,
  customer: p.text,
  description: p.note,
  metadata: p.metadata,
  payment_method: p.text,
  payment_method_data: p.hash(methodShape),
  payment_method_options: setupOptions,
};
const OPEN = new Set<string>(['requires_payment_method', 'requires_confirmation', 'requires_action']);
const createShape = {
  ...fields,
  automatic_payment_methods: p.hash({ enabled: p.needed(p.flag), allow_redirects: p.oneOf('always', 'never') }),
  confirm: p.flag,
  mandate_data: mandateData,
  return_url: p.text,
  usage: p.oneOf('off_session', 'on_session'),
};

export const setupIntents = [
  route(
    'POST',
    '/v1/setup_intents',
    createShape,
    (context, { automatic_payment_methods, confirm, mandate_data, return_url, usage, ...params }) => {
      refuseUnconfirmed(confirm, { mandate_data, return_url });
      refuseTogether({ allowed_payment_method_types: params.allowed_payment_method_types, automatic_payment_methods });
      refuseTogether({
        allowed_payment_method_types: params.allowed_payment_method_types,
        excluded_payment_method_types: params.excluded_payment_method_types,
      });
      const blank = {
        ...blankSetupIntent(context),
        usage: usage ?? 'off_session',
        automatic_payment_methods: {
          allow_redirects: automatic_payment_methods?.allow_redirects ?? 'always',
          enabled: automatic_payment_methods?.enabled ?? true,
        },
      };
      const intent = context.store.put('setup_intent', { ...blank, ...changesOf(context, blank, params) });
      context.emit('setup_intent.created', intent);
      return confirm === true ? confirmNow(context, intent, { return_url, mandate_data }) : intent;
    },
  ),
  route(
    'GET',
    '/v1/setup_intents',
    { ...pagingByTime, customer: p.text, payment_method: p.text },
    (context, { created, customer, payment_method, ...page }) =>
      list(context, 'setup_intent', page, {
        url: '/v1/setup_intents',
        ...(customer !== undefined && { by: ['customer', customer] }),
        where: (intent) =>
          p.inRange(intent.created, created) &&
          (payment_method === undefined || idOf(intent.payment_method) === payment_method),
      }),
  ),
  route('GET', '/v1/setup_intents/:id', { client_secret: p.text }, (context, _params, id) =>
    find(context, 'setup_intent', id),
  ),
  route('POST', '/v1/setup_intents/:id', fields, (context, params, id) => {
    const before = find(context, 'setup_intent', id);
    if (!OPEN.has(before.status)) throw unexpectedSetupState('updated', before);
    return context.store.put('setup_intent', { ...before, ...changesOf(context, before, params) });
  }),
  route(
    'POST',
    '/v1/setup_intents/:id/confirm',
    {
      ...chosenTypes,
      payment_method: p.text,
      payment_method_data: fields.payment_method_data,
      payment_method_options: fields.payment_method_options,
      mandate_data: mandateData,
      return_url: p.text,
      use_stripe_sdk: p.flag,
    },
    (context, params, id) => {
      const before = find(context, 'setup_intent', id);
      if (!OPEN.has(before.status)) throw unexpectedSetupState('confirmed', before);
      return confirmNow(context, { ...before, ...changesOf(context, before, p.only(fields, params)) }, params);
    },
  ),
  route('POST', '/v1/setup_intents/:id/verify_microdeposits', microdepositShape, (context, params, id) =>
    verifySetup(context, find(context, 'setup_intent', id), params),
  ),
  route(
    'POST',
    '/v1/setup_intents/:id/cancel',
    { cancellation_reason: p.oneOf('abandoned', 'duplicate', 'requested_by_customer') },
    (context, { cancellation_reason }, id) => {
      const before = find(context, 'setup_intent', id);
      if (!OPEN.has(before.status)) throw unexpectedSetupState('canceled', before);
      abandonAttempt(context, before);
      const canceled = context.store.put('setup_intent', {
        ...before,
        cancellation_reason: cancellation_reason ?? null,
        next_action: null,
        status: 'canceled',
      });
      context.emit('setup_intent.canceled', canceled);
      return canceled;
    },
  ),
];

interface Confirming {
  return_url?: string | undefined;
  mandate_data?: MandateData | null | undefined;
}

function confirmNow(
  context: Context,
  intent: Stripe.SetupIntent,
  { return_url, mandate_data }: Confirming,
): Stripe.SetupIntent {
  const unsaid = redirectMessage('SetupIntent', intent);
  if (unsaid !== undefined && return_url === undefined) throw invalid(unsaid);
  const id = idOf(intent.payment_method);
  if (id === null)
    throw invalid(
      "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
      { code: 'setup_intent_unexpected_state' },
    );
  const method = find(context, 'payment_method', id, 'payment_method');
  return confirmSetup(context, intent, method, return_url ?? null, mandate_data ?? undefined);
}

function changesOf(
  context: Context,
  before: Stripe.SetupIntent,
  given: p.Values<typeof fields>,
): Partial<Stripe.SetupIntent> {
  const { customer, payment_method, payment_method_data, payment_method_options, metadata, ...plain } = given;
  if (customer !== undefined) find(context, 'customer', customer, 'customer');
  const types =
    before.automatic_payment_methods === null
      ? before.payment_method_types
      : compatibleTypes(context, {
          allowed: plain.allowed_payment_method_types ?? before.allowed_payment_method_types,
          excluded: plain.excluded_payment_method_types ?? before.excluded_payment_method_types,
        });
  const method =
    payment_method_data !== undefined
      ? newMethod(context, payment_method_data)
      : payment_method !== undefined
        ? usePaymentMethod(context, payment_method, 'payment_method')
        : undefined;
  if (method !== undefined && !types.includes(method.type))
    throw invalid(
      `The PaymentMethod provided (${method.type}) is not allowed for this SetupIntent. Please attach a PaymentMethod of one of the following types: ${types.join(', ')}.`,
      { code: 'setup_intent_incompatible_payment_method', param: 'payment_method' },
    );
  return {
    ...plain,
    payment_method_types: types,
    payment_method_options: optionsOf(types, payment_method_options, before.payment_method_options),
    ...(customer !== undefined && { customer }),
    ...(method !== undefined && { payment_method: method.id }),
    ...(method !== undefined && before.status === 'requires_payment_method' && { status: 'requires_confirmation' }),
    metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
  };
}

function refuseUnconfirmed(confirms: boolean | undefined, given: Record<string, unknown>): void {
  for (const [param, value] of Object.entries(given))
    if (value !== undefined && confirms !== true)
      throw invalid(`You can only set \`${param}\` when \`confirm\` is set to \`true\`.`, { param });
}

function optionsOf(
  types: readonly string[],
  given: ReturnType<typeof setupOptions.read> | undefined,
  before: Stripe.SetupIntent.PaymentMethodOptions | null,
): Stripe.SetupIntent.PaymentMethodOptions {
  return {
    ...(types.includes('card') && {
      card: {
        mandate_options: null,
        network: null,
        request_three_d_secure:
          given?.card?.request_three_d_secure ?? before?.card?.request_three_d_secure ?? 'automatic',
      },
    }),
    ...(types.includes('us_bank_account') && {
      us_bank_account: { verification_method: given?.us_bank_account?.verification_method ?? 'automatic' },
    }),
    ...(types.includes('acss_debit') && {
      acss_debit: {
        currency: given?.acss_debit?.currency ?? before?.acss_debit?.currency ?? 'cad',
        verification_method: given?.acss_debit?.verification_method ?? 'automatic',
      },
    }),
  };
}
