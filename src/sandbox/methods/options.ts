import type Stripe from 'stripe';
import { ParameterError } from '../errors.js';
import * as p from '../params.js';

const between = (least: number, most: number): p.Kind<number> => ({
  read(value, name) {
    const number = p.integer.read(value, name);
    if (number < least || number > most)
      throw new ParameterError(
        `Invalid ${name}: must be between ${least} and ${most}.`,
        name,
        'parameter_invalid_integer',
      );
    return number;
  },
});
const verification_method = p.oneOf('automatic', 'microdeposits');
const plain = p.hash({ setup_future_usage: p.oneOf('none') });

/** What is particular to a kind of method: https://docs.stripe.com/api/payment_intents/create#create_payment_intent-payment_method_options */
export const intentOptions = p.hash({
  card: p.hash({
    network: p.text,
    request_incremental_authorization: p.oneOf('if_available', 'never'),
    request_three_d_secure: p.oneOf('automatic', 'any', 'challenge'),
  }),
  sepa_debit: plain,
  bacs_debit: plain,
  au_becs_debit: plain,
  us_bank_account: p.hash({ verification_method }),
  acss_debit: p.hash({
    verification_method,
    mandate_options: p.hash({
      interval_description: p.text,
      payment_schedule: p.oneOf('combined', 'interval', 'sporadic'),
      transaction_type: p.oneOf('business', 'personal'),
    }),
  }),
  oxxo: p.hash({ expires_after_days: between(1, 7), setup_future_usage: p.oneOf('none') }),
  boleto: p.hash({ expires_after_days: between(0, 60), setup_future_usage: p.oneOf('none') }),
  konbini: p.hash({
    confirmation_number: p.note,
    expires_after_days: p.clearable(between(0, 60)),
    expires_at: p.clearable(p.timestamp),
    product_description: p.note,
    setup_future_usage: p.oneOf('none'),
  }),
  wechat_pay: p.hash({ app_id: p.text, client: p.oneOf('android', 'ios', 'web'), setup_future_usage: p.oneOf('none') }),
  bancontact: p.hash({ preferred_language: p.oneOf('de', 'en', 'fr', 'nl') }),
  p24: p.hash({ tos_shown_and_accepted: p.flag, setup_future_usage: p.oneOf('none') }),
  ideal: plain,
  eps: plain,
  alipay: plain,
  grabpay: plain,
  fpx: plain,
  paynow: plain,
});
export type GivenOptions = ReturnType<typeof intentOptions.read>;

/** As Stripe shows them: of each kind that the intent takes, what was asked for, else what holds without asking. */
export function optionsOf(
  types: readonly string[],
  given: GivenOptions | undefined,
  before: Stripe.PaymentIntent.PaymentMethodOptions | null,
): Stripe.PaymentIntent.PaymentMethodOptions {
  const has = (type: string) => types.includes(type);
  const request_incremental_authorization =
    given?.card?.request_incremental_authorization ?? before?.card?.request_incremental_authorization;
  return {
    ...(has('card') && {
      card: {
        installments: null,
        mandate_options: null,
        network: given?.card?.network ?? before?.card?.network ?? null,
        ...(request_incremental_authorization !== undefined && { request_incremental_authorization }),
        request_three_d_secure:
          given?.card?.request_three_d_secure ?? before?.card?.request_three_d_secure ?? 'automatic',
      },
    }),
    ...(has('link') && { link: { persistent_token: null } }),
    ...(has('sepa_debit') && { sepa_debit: {} }),
    ...(has('bacs_debit') && { bacs_debit: {} }),
    ...(has('au_becs_debit') && { au_becs_debit: {} }),
    ...(has('us_bank_account') && {
      us_bank_account: {
        verification_method:
          given?.us_bank_account?.verification_method ?? before?.us_bank_account?.verification_method ?? 'automatic',
      },
    }),
    ...(has('acss_debit') && {
      acss_debit: {
        mandate_options: {
          interval_description: null,
          payment_schedule: null,
          transaction_type: null,
          ...before?.acss_debit?.mandate_options,
          ...given?.acss_debit?.mandate_options,
        },
        verification_method:
          given?.acss_debit?.verification_method ?? before?.acss_debit?.verification_method ?? 'automatic',
      },
    }),
    ...(has('oxxo') && {
      oxxo: { expires_after_days: given?.oxxo?.expires_after_days ?? before?.oxxo?.expires_after_days ?? 3 },
    }),
    ...(has('boleto') && {
      boleto: { expires_after_days: given?.boleto?.expires_after_days ?? before?.boleto?.expires_after_days ?? 3 },
    }),
    ...(has('konbini') && {
      konbini: {
        confirmation_number: null,
        expires_after_days: null,
        expires_at: null,
        product_description: null,
        ...before?.konbini,
        ...given?.konbini,
      },
    }),
    ...(has('ideal') && { ideal: {} }),
    ...(has('bancontact') && {
      bancontact: {
        preferred_language: given?.bancontact?.preferred_language ?? before?.bancontact?.preferred_language ?? 'en',
      },
    }),
    ...(has('eps') && { eps: {} }),
    ...(has('p24') && { p24: {} }),
    ...(has('alipay') && { alipay: {} }),
    ...(has('wechat_pay') && {
      wechat_pay: {
        app_id: given?.wechat_pay?.app_id ?? before?.wechat_pay?.app_id ?? null,
        client: given?.wechat_pay?.client ?? before?.wechat_pay?.client ?? null,
      },
    }),
    ...(has('grabpay') && { grabpay: {} }),
    ...(has('fpx') && { fpx: {} }),
    ...(has('paynow') && { paynow: {} }),
  };
}
