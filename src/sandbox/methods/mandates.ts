import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { isMethodType, kindOf } from './kinds.js';

/** The customer's consent: https://docs.stripe.com/api/payment_intents/confirm#confirm_payment_intent-mandate_data */
export const mandateData = p.clearable(
  p.hash({
    customer_acceptance: p.needed(
      p.hash({
        type: p.needed(p.oneOf('online', 'offline')),
        accepted_at: p.timestamp,
        online: p.hash({ ip_address: p.needed(p.text), user_agent: p.needed(p.text) }),
        offline: p.hash({}),
      }),
    ),
  }),
);
export type MandateData = NonNullable<ReturnType<typeof mandateData.read>>;

/** Cards, and what is approved each time anew, need none: https://docs.stripe.com/payments/bank-debits#mandates */
export function needsMandate(type: string): boolean {
  return isMethodType(type) && kindOf(type).flow === 'debit';
}

/** `once`: what it is for, where it is not for more than one payment. */
export function makeMandate(
  context: Context,
  method: Stripe.PaymentMethod,
  data: MandateData,
  once: { amount: number; currency: string } | null,
  refused: boolean,
): Stripe.Mandate {
  const { type, accepted_at, online } = data.customer_acceptance;
  const mandate = context.store.put('mandate', {
    id: context.ids.next('mandate', 24),
    object: 'mandate',
    customer_acceptance: {
      accepted_at: accepted_at ?? context.wire,
      type,
      ...(type === 'online' ? { online: online ?? { ip_address: null, user_agent: null } } : { offline: {} }),
    },
    livemode: false,
    ...(once === null ? { multi_use: {} } : { single_use: once }),
    payment_method: method.id,
    payment_method_details: detailsOf(context, method.type),
    status: 'active',
    type: once === null ? 'multi_use' : 'single_use',
  });
  const kept = refused ? endMandate(context, mandate.id, 'refused') : mandate;
  if (once === null && !refused) remember(context, method.id, mandate.id);
  return kept ?? mandate;
}

/** The account may not be debited under it again. */
export function endMandate(context: Context, id: string, how: 'refused' | 'revoked'): Stripe.Mandate | undefined {
  const before = context.store.get('mandate', id);
  if (before === undefined || before.status === 'inactive') return before;
  const { bacs_debit } = before.payment_method_details;
  const after = context.store.put('mandate', {
    ...before,
    ...(bacs_debit !== undefined && {
      payment_method_details: {
        ...before.payment_method_details,
        bacs_debit: {
          ...bacs_debit,
          network_status: how,
          revocation_reason: how === 'revoked' ? 'debit_not_authorized' : null,
        },
      },
    }),
    status: 'inactive',
  });
  context.emit('mandate.updated', after, before);
  const method = context.store.get('method_fact', idOf(before.payment_method));
  if (method?.mandate === id) context.store.put('method_fact', { ...method, mandate: null });
  return after;
}

function remember(context: Context, method: string, mandate: string): void {
  context.store.put('method_fact', { ...find(context, 'method_fact', method), mandate });
}

function detailsOf(context: Context, type: string): Stripe.Mandate.PaymentMethodDetails {
  const reference = context.ids.letters(12).toUpperCase();
  const url = `${context.url}/mandates/${reference}`;
  switch (type) {
    case 'sepa_debit':
      return { type, sepa_debit: { reference, url } };
    case 'au_becs_debit':
      return { type, au_becs_debit: { url } };
    case 'bacs_debit':
      return {
        type,
        bacs_debit: {
          display_name: null,
          network_status: 'accepted',
          reference,
          revocation_reason: null,
          service_user_number: null,
          url,
        },
      };
    case 'acss_debit':
      return {
        type,
        acss_debit: { interval_description: null, payment_schedule: 'sporadic', transaction_type: 'personal' },
      };
    case 'us_bank_account':
      return { type, us_bank_account: {} };
    default:
      return { type };
  }
}
