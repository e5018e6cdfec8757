import { addressFields } from '../address-fields.js';
import { ParameterError } from '../errors.js';
import * as p from '../params.js';
import { isMethodType, retirement, TYPES, type MethodType } from './kinds.js';

export const billingDetails = p.hash({
  address: p.clearable(p.hash(addressFields)),
  email: p.note,
  name: p.note,
  phone: p.note,
  tax_id: p.note,
});

/** Kinds of payment methods; what Stripe retired is refused in its words. */
export const methodType: p.Kind<MethodType> = {
  read(value, name) {
    const given = p.text.read(value, name);
    const gone = retirement(given);
    if (gone !== undefined) throw new ParameterError(gone, name, 'payment_intent_invalid_parameter');
    if (isMethodType(given)) return given;
    throw new ParameterError(`Invalid ${name}: must be one of ${TYPES.join(', ')}`, name);
  },
};

/**
 * Which kinds an intent may take. A list of one's own is filtered by what fits, and excludes the other ways to choose:
 * https://docs.stripe.com/changelog/dahlia/2026-07-29/allowed-payment-method-types-parameter
 */
export const chosenTypes = {
  allowed_payment_method_types: p.listOf(methodType),
  excluded_payment_method_types: p.listOf(methodType),
  // https://docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents
  payment_method_types: refusedTypes(),
};

function refusedTypes(): p.Kind<undefined> {
  return {
    read(_value, name) {
      throw new ParameterError(
        'payment_method_types is no longer supported on this API version. Use allowed_payment_method_types or excluded_payment_method_types.',
        name,
        'payment_method_types_no_longer_supported',
      );
    },
  };
}

const holder = p.oneOf('company', 'individual');
const nothing = p.hash({});
const details = {
  card: p.hash({ token: p.text, number: p.text, exp_month: p.atLeast(1), exp_year: p.atLeast(1), cvc: p.text }),
  sepa_debit: p.hash({ iban: p.needed(p.text) }),
  bacs_debit: p.hash({ sort_code: p.needed(p.text), account_number: p.needed(p.text) }),
  au_becs_debit: p.hash({ bsb_number: p.needed(p.text), account_number: p.needed(p.text) }),
  us_bank_account: p.hash({
    account_holder_type: holder,
    account_number: p.needed(p.text),
    account_type: p.oneOf('checking', 'savings'),
    routing_number: p.needed(p.text),
  }),
  acss_debit: p.hash({
    account_number: p.needed(p.text),
    institution_number: p.needed(p.text),
    transit_number: p.needed(p.text),
  }),
  boleto: p.hash({ tax_id: p.needed(p.text) }),
  ideal: p.hash({ bank: p.text }),
  eps: p.hash({ bank: p.text }),
  p24: p.hash({ bank: p.text }),
  fpx: p.hash({ bank: p.needed(p.text), account_holder_type: holder }),
  link: nothing,
  oxxo: nothing,
  konbini: nothing,
  bancontact: nothing,
  alipay: nothing,
  wechat_pay: nothing,
  grabpay: nothing,
  paynow: nothing,
} satisfies Record<MethodType, p.Kind<unknown>>;

/** What a payment method is made of: https://docs.stripe.com/api/payment_methods/create */
export const methodShape = {
  type: p.needed(methodType),
  allow_redisplay: p.oneOf('always', 'limited', 'unspecified'),
  billing_details: billingDetails,
  metadata: p.metadata,
  ...details,
};
export type GivenMethod = p.Values<typeof methodShape>;
