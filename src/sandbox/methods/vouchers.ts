import type Stripe from 'stripe';
import { endOfDayLater } from '../calc/business-days.js';
import type { Context } from '../context.js';
import { wait, refusedAttempt, type Attempt } from '../payments/attempt.js';
import { charge } from '../payments/charges.js';
import { idOf } from '../objects.js';
import { follow, LATER, unfollow } from '../payments/soon.js';

/** What a payer does with a voucher; Stripe tells it by the e-mail address, or Konbini's confirmation number. */
interface Plan {
  pays: boolean;
  /** Seconds from now; absent: when the voucher expires. */
  after?: number;
}
/** https://docs.stripe.com/payments/oxxo/accept-a-payment#test-integration */
const BY_EMAIL: [RegExp, Plan][] = [
  [/succeed_immediately@/, { pays: true, after: 0 }],
  [/expire_immediately@/, { pays: false, after: 0 }],
  [/expire_with_delay@/, { pays: false, after: LATER }],
  [/fill_never@/, { pays: false }],
];
/** https://docs.stripe.com/payments/konbini/accept-a-payment#test-integration */
const BY_NUMBER = new Map<string, Plan>([
  ['11111111110', { pays: true, after: LATER }],
  ['22222222220', { pays: true, after: 0 }],
  ['33333333330', { pays: false, after: 0 }],
  ['44444444440', { pays: false, after: LATER }],
  ['55555555550', { pays: false }],
]);
/** Where the shops' clocks stand, in hours from UTC. */
const OFFSETS = new Map([
  ['oxxo', -6],
  ['boleto', -3],
  ['konbini', 9],
]);

/** Something to be paid in a shop until it expires: https://docs.stripe.com/payments/vouchers */
export function voucher(context: Context, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Attempt {
  const planned = planOf(intent, method);
  const expires =
    planned.pays || planned.after === undefined ? expiryOf(context, intent, method.type) : context.now + planned.after;
  const waiting = wait(context, intent, details(context, intent, method.type, expires));
  const kind = planned.pays ? 'voucher.paid' : 'voucher.expires';
  follow(context, kind, intent.id, planned.after ?? expires + 1 - context.now);
  return waiting;
}

export function voucherPaid(context: Context, id: string): Attempt | undefined {
  const intent = context.store.get('payment_intent', id);
  const method = context.store.get('payment_method', idOf(intent?.payment_method) ?? '');
  if (intent?.status !== 'requires_action' || method === undefined) return undefined;
  const made = charge(context, intent, method, { succeeds: true });
  const paid = context.store.put('payment_intent', {
    ...intent,
    amount_received: intent.amount,
    latest_charge: made.id,
    next_action: null,
    status: 'succeeded',
  });
  context.emit('payment_intent.succeeded', paid);
  return { outcome: 'succeeded', intent: paid, charge: made.id };
}

export function voucherExpires(context: Context, id: string): Attempt | undefined {
  const intent = context.store.get('payment_intent', id);
  const method = context.store.get('payment_method', idOf(intent?.payment_method) ?? '');
  if (intent?.status !== 'requires_action' || method === undefined) return undefined;
  const error = {
    code: 'payment_intent_payment_attempt_expired',
    message: `The latest payment attempt of the PaymentIntent has expired: the ${method.type} voucher was not paid in time.`,
  };
  return refusedAttempt(context, intent, method, error, null);
}

/** By a person, before its time. */
export function payVoucher(context: Context, id: string): Attempt | undefined {
  unfollow(context, 'voucher.paid', id);
  unfollow(context, 'voucher.expires', id);
  return voucherPaid(context, id);
}

export function expireVoucher(context: Context, id: string): Attempt | undefined {
  unfollow(context, 'voucher.paid', id);
  unfollow(context, 'voucher.expires', id);
  return voucherExpires(context, id);
}

function planOf(intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Plan {
  const number = intent.payment_method_options?.konbini?.confirmation_number;
  const byNumber = typeof number === 'string' ? BY_NUMBER.get(number) : undefined;
  const email = method.billing_details.email ?? '';
  return byNumber ?? BY_EMAIL.find(([like]) => like.test(email))?.[1] ?? { pays: true, after: LATER };
}

/** At the end of a day where the shop is; three days on if nothing else is asked for. */
function expiryOf(context: Context, intent: Stripe.PaymentIntent, type: string): number {
  const options = intent.payment_method_options;
  const konbini = options?.konbini;
  if (type === 'konbini' && typeof konbini?.expires_at === 'number') return konbini.expires_at;
  const asked =
    type === 'oxxo'
      ? options?.oxxo?.expires_after_days
      : type === 'boleto'
        ? options?.boleto?.expires_after_days
        : konbini?.expires_after_days;
  return endOfDayLater(context.now, asked ?? 3, OFFSETS.get(type) ?? 0);
}

function details(
  context: Context,
  intent: Stripe.PaymentIntent,
  type: string,
  expires: number,
): Stripe.PaymentIntent.NextAction {
  const hosted_voucher_url = `${context.url}/_sandbox/payment_intents/${intent.id}/approve`;
  const number = () => digits(context, 14);
  switch (type) {
    case 'oxxo':
      return {
        type: 'oxxo_display_details',
        oxxo_display_details: { expires_after: expires, hosted_voucher_url, number: number() },
      };
    case 'boleto':
      return {
        type: 'boleto_display_details',
        boleto_display_details: { expires_at: expires, hosted_voucher_url, number: number(), pdf: hosted_voucher_url },
      };
    default: {
      const store = () => ({ confirmation_number: digits(context, 11), payment_code: digits(context, 6) });
      return {
        type: 'konbini_display_details',
        konbini_display_details: {
          expires_at: expires,
          hosted_voucher_url,
          stores: { familymart: store(), lawson: store(), ministop: store(), seicomart: store() },
        },
      };
    }
  }
}

function digits(context: Context, length: number): string {
  return Array.from({ length }, () => Math.floor(context.ids.chance() * 10)).join('');
}
