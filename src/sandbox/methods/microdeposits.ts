import type Stripe from 'stripe';
import { businessDaysLater } from '../calc/business-days.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import * as p from '../params.js';

/** https://docs.stripe.com/api/payment_intents/verify_microdeposits */
export const microdepositShape = { amounts: p.listOf(p.integer), descriptor_code: p.text };
export type Microdeposits = p.Values<typeof microdepositShape>;

/** Small deposits are on their way, and what their sender's line says is to be told. */
export function askForMicrodeposits(
  context: Context,
  kind: 'payment_intents' | 'setup_intents',
  id: string,
  method: Stripe.PaymentMethod,
): { type: string; verify_with_microdeposits: Stripe.PaymentIntent.NextAction.VerifyWithMicrodeposits } {
  return {
    type: 'verify_with_microdeposits',
    verify_with_microdeposits: {
      // One to two business days: https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#web-verify-with-microdeposits
      arrival_date: businessDaysLater(context.now, 1),
      hosted_verification_url: `${context.url}/_sandbox/${kind}/${id}/approve`,
      microdeposit_type: method.type === 'us_bank_account' ? 'descriptor_code' : 'amounts',
    },
  };
}

export type Verdict = 'verified' | { code: string; message: string };

/** What was told of the deposits, by Stripe's test values: https://docs.stripe.com/testing#ach-direct-debit */
export function judge(
  context: Context,
  method: Stripe.PaymentMethod,
  { amounts, descriptor_code }: Microdeposits,
): Verdict {
  if ((amounts === undefined) === (descriptor_code === undefined))
    throw invalid('Provide exactly one of: amounts, descriptor_code.', { param: 'amounts' });
  switch (descriptor_code ?? (amounts ?? []).toSorted((a, b) => a - b).join('+')) {
    case 'SM11AA':
    case '32+45':
      context.store.put('method_fact', { ...find(context, 'method_fact', method.id), verified: true });
      return 'verified';
    case 'SM33CC':
    case '10+11':
      return {
        code: 'payment_method_microdeposit_verification_attempts_exceeded',
        message: 'You have exceeded the number of allowed verification attempts.',
      };
    case 'SM44DD':
    case '40+41':
      return {
        code: 'payment_method_microdeposit_verification_timeout',
        message: 'The bank account could not be verified with microdeposits within the required time of 10 days.',
      };
    default:
      throw mismatch(descriptor_code !== undefined);
  }
}

function mismatch(code: boolean) {
  return code
    ? invalid('The descriptor code provided does not match the one sent to the bank account.', {
        code: 'payment_method_microdeposit_verification_descriptor_code_mismatch',
        param: 'descriptor_code',
      })
    : invalid('The amounts provided do not match the amounts that were sent to the bank account.', {
        code: 'payment_method_microdeposit_verification_amounts_mismatch',
        param: 'amounts',
      });
}
