/**
 * What to tell a customer whose payment was refused, from Stripe's tables of decline codes
 * (https://docs.stripe.com/declines/codes) and error codes (https://docs.stripe.com/error-codes).
 */
export type DeclineAdvice = 'try_again' | 'other_card' | 'authenticate' | 'call_bank' | 'correct_details';

export interface Decline {
  /** A sentence that may be shown to the customer. */
  message: string;
  advice: DeclineAdvice;
  /** Whether the same request with the same card can succeed later. */
  retryable: boolean;
  /** Stripe's decline code as it may be shown; null when Stripe gave none. */
  decline_code: string | null;
}

type Row = Omit<Decline, 'decline_code'>;

const row = (advice: DeclineAdvice, retryable: boolean, message: string): Row => ({ message, advice, retryable });

const GENERIC = row('call_bank', false, 'The payment was declined. Please contact your bank or use another card.');
const TRY_AGAIN = row('try_again', true, 'The payment could not be processed just now. Please try again in a moment.');
const LIMIT = row(
  'call_bank',
  true,
  'The payment exceeds a limit of the card. Please contact your bank, use another card or try again later.',
);
const AUTHENTICATE = row('authenticate', false, 'Your bank asks you to confirm this payment. Please authenticate it.');
const NUMBER = row('correct_details', false, 'The card number is not right. Please check it and try again.');
const CVC = row('correct_details', false, 'The security code of the card is not right. Please check it and try again.');
const EXPIRY = row(
  'correct_details',
  false,
  'The expiry date of the card is not right. Please check it and try again.',
);
const POSTAL_CODE = row(
  'correct_details',
  false,
  'The postal code does not match the card. Please check it and try again.',
);
const ADDRESS = row(
  'correct_details',
  false,
  'The billing address does not match the card. Please check it and try again.',
);
const PIN = row('correct_details', false, 'The PIN is not right. Please try again.');
const PIN_WANTED = row(
  'other_card',
  false,
  'The card asks for a PIN, which is not possible here. Please use another card.',
);
const FUNDS = row(
  'other_card',
  true,
  'The card does not have enough funds. Please use another card or try again later.',
);
const EXPIRED = row('other_card', false, 'The card has expired. Please use another card.');
const ACCOUNT = row('other_card', false, 'The account of this payment method cannot be used. Please use another one.');
const NOT_SUPPORTED = row(
  'other_card',
  false,
  'The card does not support this kind of payment. Please use another card or contact your bank.',
);
const CURRENCY = row(
  'other_card',
  false,
  'The card does not support this currency. Please use another card or contact your bank.',
);
const WITHDRAWN = row(
  'other_card',
  false,
  'This payment is no longer authorised. Please use another card or contact your bank.',
);
const AMOUNT = row('call_bank', false, 'The amount was not accepted. Please contact your bank or use another card.');
const DUPLICATE = row(
  'call_bank',
  false,
  'A payment of the same amount was made with this card just before. Please check whether it went through.',
);
const TEST_CARD = row('other_card', false, 'This is a test card. Please use a real card.');
const LIVE_CARD = row('other_card', false, 'This shop runs in test mode and takes test cards only.');
const METHOD = row('other_card', false, 'This payment method cannot be used. Please use another one.');

/** Stripe asks for these to be presented as a generic decline: a hint would tell a thief what the bank knows. */
const SUSPICIONS = new Set([
  'fraudulent',
  'highest_risk_level',
  'lost_card',
  'merchant_blacklist',
  'partner_high_risk',
  'pickup_card',
  'restricted_card',
  'security_violation',
  'stolen_card',
]);

/** Decline codes and the error codes of refused payments; both tables give one meaning to a name that is in both. */
const REASONS = new Map<string, Row>(
  Object.entries({
    account_closed: ACCOUNT,
    amount_too_large: AMOUNT,
    amount_too_small: AMOUNT,
    approve_with_id: TRY_AGAIN,
    authentication_not_handled: AUTHENTICATE,
    authentication_required: AUTHENTICATE,
    bank_account_declined: ACCOUNT,
    bank_account_unusable: ACCOUNT,
    call_issuer: GENERIC,
    card_decline_rate_limit_exceeded: row(
      'other_card',
      false,
      'The card was declined too often today. Please use another card.',
    ),
    card_not_supported: NOT_SUPPORTED,
    card_velocity_exceeded: LIMIT,
    charge_exceeds_source_limit: LIMIT,
    charge_exceeds_transaction_limit: LIMIT,
    currency_not_supported: CURRENCY,
    debit_not_authorized: WITHDRAWN,
    do_not_honor: GENERIC,
    do_not_try_again: GENERIC,
    duplicate_transaction: DUPLICATE,
    expired_card: EXPIRED,
    expired_payment_method: EXPIRED,
    generic_decline: GENERIC,
    incorrect_address: ADDRESS,
    incorrect_cvc: CVC,
    incorrect_number: NUMBER,
    incorrect_pin: PIN,
    incorrect_postal_code: POSTAL_CODE,
    incorrect_zip: POSTAL_CODE,
    insufficient_funds: FUNDS,
    invalid_account: ACCOUNT,
    invalid_amount: AMOUNT,
    invalid_card_type: NOT_SUPPORTED,
    invalid_charge_amount: AMOUNT,
    invalid_cvc: CVC,
    invalid_expiry_month: EXPIRY,
    invalid_expiry_year: EXPIRY,
    invalid_number: NUMBER,
    invalid_pin: PIN,
    invoice_payment_intent_requires_action: AUTHENTICATE,
    issuer_not_available: TRY_AGAIN,
    live_mode_test_card: TEST_CARD,
    mobile_device_authentication_required: AUTHENTICATE,
    new_account_information_available: ACCOUNT,
    no_account: ACCOUNT,
    no_action_taken: GENERIC,
    not_permitted: GENERIC,
    offline_pin_required: PIN_WANTED,
    online_or_offline_pin_required: PIN_WANTED,
    payment_intent_action_required: AUTHENTICATE,
    payment_intent_authentication_failure: row(
      'authenticate',
      false,
      'The payment was not confirmed with your bank. Please authenticate it again or use another card.',
    ),
    payment_intent_mandate_invalid: WITHDRAWN,
    payment_intent_payment_attempt_expired: TRY_AGAIN,
    payment_intent_payment_attempt_failed: METHOD,
    payment_method_bank_account_blocked: ACCOUNT,
    payment_method_currency_mismatch: CURRENCY,
    payment_method_customer_decline: METHOD,
    payment_method_not_available: METHOD,
    payment_method_provider_decline: METHOD,
    payment_method_provider_timeout: TRY_AGAIN,
    payment_method_restricted: METHOD,
    payment_method_unactivated: METHOD,
    pin_try_exceeded: PIN_WANTED,
    postal_code_invalid: POSTAL_CODE,
    processing_error: TRY_AGAIN,
    reenter_transaction: TRY_AGAIN,
    refer_to_customer: WITHDRAWN,
    revocation_of_all_authorizations: WITHDRAWN,
    revocation_of_authorization: WITHDRAWN,
    service_not_allowed: GENERIC,
    setup_intent_authentication_failure: AUTHENTICATE,
    stop_payment_order: WITHDRAWN,
    subscription_payment_intent_requires_action: AUTHENTICATE,
    test_mode_live_card: LIVE_CARD,
    testmode_charges_only: LIVE_CARD,
    testmode_decline: TEST_CARD,
    transaction_not_allowed: GENERIC,
    try_again_later: TRY_AGAIN,
    withdrawal_count_limit_exceeded: LIMIT,
  }),
);

/** @param code Stripe's error code. @param declineCode Stripe's decline code. An unknown one is presented as `generic_decline`. */
export function adviceFor(code: string | null, declineCode: string | null): Decline {
  if (SUSPICIONS.has(declineCode ?? '') || SUSPICIONS.has(code ?? ''))
    return { ...GENERIC, decline_code: 'generic_decline' };
  const known = REASONS.get(declineCode ?? '');
  const advice = known ?? REASONS.get(code ?? '') ?? GENERIC;
  return { ...advice, decline_code: known || declineCode === null ? declineCode : 'generic_decline' };
}
