import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { AUTHENTICATED } from './authentication-step.js';

type Details = Stripe.Charge.PaymentMethodDetails;
export interface Paid {
  method: Stripe.PaymentMethod;
  amount: number;
  /** Seconds: until when an authorization can be captured; absent where nothing is left to capture. */
  captureBefore?: number;
  /** More can be held later. */
  incremental?: boolean;
  /** Under which consent a bank account was debited. */
  mandate: string | null;
  authenticated: boolean;
}

/** How a payment was made, as its charge tells: https://docs.stripe.com/api/charges/object#charge_object-payment_method_details */
export function chargeDetails(context: Context, paid: Paid): Details {
  const { method, mandate } = paid;
  const type: string = method.type;
  const reference = () => context.ids.letters(16).toUpperCase();
  const on = mandate === null ? {} : { mandate };
  const none = { bank_code: null, bank_name: null, bic: null, iban_last4: null };
  const generated = { generated_sepa_debit: null, generated_sepa_debit_mandate: null };
  switch (type) {
    case 'card':
      return { type, ...(method.card && { card: cardDetails(paid, method.card) }) };
    case 'sepa_debit': {
      const { generated_from: _unsaid, ...account } = method.sepa_debit ?? NO_SEPA;
      return { type, sepa_debit: { ...account, mandate } };
    }
    case 'bacs_debit':
      return {
        type,
        bacs_debit: { ...(method.bacs_debit ?? { fingerprint: null, last4: null, sort_code: null }), mandate },
      };
    case 'au_becs_debit':
      return {
        type,
        au_becs_debit: { ...(method.au_becs_debit ?? { bsb_number: null, fingerprint: null, last4: null }), ...on },
      };
    case 'acss_debit':
      return { type, ...(method.acss_debit && { acss_debit: { ...method.acss_debit, ...on } }) };
    case 'us_bank_account':
      return {
        type,
        ...(method.us_bank_account && { us_bank_account: achDetails(context, method.us_bank_account, on) }),
      };
    case 'oxxo':
      return { type, oxxo: { number: reference() } };
    case 'boleto':
      return { type, boleto: { tax_id: method.boleto?.tax_id ?? '' } };
    case 'konbini':
      return { type, konbini: { store: { chain: 'familymart' } } };
    case 'ideal':
      return {
        type,
        ideal: {
          bank: method.ideal?.bank ?? 'rabobank',
          bic: method.ideal?.bic ?? 'RABONL2U',
          ...generated,
          iban_last4: null,
          transaction_id: reference(),
          verified_name: 'Jenny Rosen',
        },
      };
    case 'bancontact':
      return { type, bancontact: { ...none, ...generated, preferred_language: 'en', verified_name: 'Jenny Rosen' } };
    case 'eps':
      return { type, eps: { bank: method.eps?.bank ?? null, verified_name: 'Jenny Rosen' } };
    case 'p24':
      return { type, p24: { bank: method.p24?.bank ?? null, reference: reference(), verified_name: 'Jenny Rosen' } };
    case 'alipay':
      return { type, alipay: { fingerprint: null, transaction_id: reference() } };
    case 'wechat_pay':
      return { type, wechat_pay: { fingerprint: null, transaction_id: reference() } };
    case 'grabpay':
      return { type, grabpay: { transaction_id: reference() } };
    case 'fpx':
      return {
        type,
        fpx: {
          account_holder_type: method.fpx?.account_holder_type ?? null,
          bank: method.fpx?.bank ?? 'maybank2u',
          transaction_id: reference(),
        },
      };
    case 'paynow':
      return { type, paynow: { reference: reference() } };
    default:
      return { type };
  }
}

const NO_SEPA = {
  bank_code: null,
  branch_code: null,
  country: null,
  fingerprint: null,
  generated_from: null,
  last4: null,
};

function achDetails(
  context: Context,
  account: Stripe.PaymentMethod.UsBankAccount,
  on: { mandate?: string },
): Stripe.Charge.PaymentMethodDetails.UsBankAccount {
  const { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number } = account;
  const shown = { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number };
  return { ...shown, ...on, payment_reference: context.ids.letters(15) };
}

function cardDetails(
  { amount, captureBefore, incremental, authenticated }: Paid,
  card: Stripe.PaymentMethod.Card,
): Stripe.Charge.PaymentMethodDetails.Card {
  return {
    amount_authorized: amount,
    authorization_code: null,
    brand: card.brand,
    ...(captureBefore !== undefined && { capture_before: captureBefore }),
    checks: card.checks,
    country: card.country,
    electronic_commerce_indicator: null,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    fingerprint: card.fingerprint ?? null,
    funding: card.funding,
    ...(incremental !== undefined && {
      incremental_authorization: { status: incremental ? 'available' : 'unavailable' },
    }),
    installments: null,
    last4: card.last4,
    mandate: null,
    network: card.brand,
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: authenticated ? { ...AUTHENTICATED, exemption_indicator: null } : null,
    transaction_link_id: null,
    wallet: null,
  };
}
