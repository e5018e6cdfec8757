import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { usePaymentMethod } from '../payments/payment-methods.js';
import { blankSetupIntent, confirmSetup, unexpectedSetupState } from '../payments/setup-intents.js';
import { route } from '../route.js';

const fields = {
  customer: p.text,
  description: p.note,
  metadata: p.metadata,
  payment_method: p.text,
  payment_method_types: p.listOf(p.oneOf('card', 'link')),
};
const OPEN = new Set<string>(['requires_payment_method', 'requires_confirmation', 'requires_action']);
const createShape = {
  ...fields,
  automatic_payment_methods: p.hash({ enabled: p.needed(p.flag), allow_redirects: p.oneOf('always', 'never') }),
  confirm: p.flag,
  return_url: p.text,
  usage: p.oneOf('off_session', 'on_session'),
};

export const setupIntents = [
  route(
    'POST',
    '/v1/setup_intents',
    createShape,
    (context, { automatic_payment_methods, confirm, return_url, usage, ...params }) => {
      const blank = {
        ...blankSetupIntent(context),
        usage: usage ?? 'off_session',
        automatic_payment_methods:
          params.payment_method_types === undefined
            ? {
                allow_redirects: automatic_payment_methods?.allow_redirects ?? 'always',
                enabled: automatic_payment_methods?.enabled ?? true,
              }
            : null,
      };
      const intent = context.store.put('setup_intent', { ...blank, ...changesOf(context, blank, params) });
      context.emit('setup_intent.created', intent);
      return confirm === true ? confirmNow(context, intent, return_url) : intent;
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
    { payment_method: p.text, return_url: p.text, use_stripe_sdk: p.flag },
    (context, params, id) => {
      const before = find(context, 'setup_intent', id);
      if (!OPEN.has(before.status)) throw unexpectedSetupState('confirmed', before);
      const { payment_method } = params;
      return confirmNow(
        context,
        { ...before, ...changesOf(context, before, { ...(payment_method !== undefined && { payment_method }) }) },
        params.return_url,
      );
    },
  ),
  route(
    'POST',
    '/v1/setup_intents/:id/cancel',
    { cancellation_reason: p.oneOf('abandoned', 'duplicate', 'requested_by_customer') },
    (context, { cancellation_reason }, id) => {
      const before = find(context, 'setup_intent', id);
      if (!OPEN.has(before.status)) throw unexpectedSetupState('canceled', before);
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

function confirmNow(context: Context, intent: Stripe.SetupIntent, returnUrl: string | undefined): Stripe.SetupIntent {
  const id = idOf(intent.payment_method);
  if (id === null)
    throw invalid(
      "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
      { code: 'setup_intent_unexpected_state' },
    );
  return confirmSetup(context, intent, find(context, 'payment_method', id, 'payment_method'), returnUrl ?? null);
}

function changesOf(
  context: Context,
  before: Stripe.SetupIntent,
  { customer, payment_method, metadata, ...plain }: p.Values<typeof fields>,
): Partial<Stripe.SetupIntent> {
  if (customer !== undefined) find(context, 'customer', customer, 'customer');
  const method = payment_method === undefined ? undefined : usePaymentMethod(context, payment_method, 'payment_method');
  return {
    ...plain,
    ...(customer !== undefined && { customer }),
    ...(method !== undefined && { payment_method: method.id }),
    ...(method !== undefined && before.status === 'requires_payment_method' && { status: 'requires_confirmation' }),
    metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
  };
}
