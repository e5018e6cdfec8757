/** What Stripe's documented test cards do: https://docs.stripe.com/testing */
export interface Outcome {
  number: string;
  brand: string;
  funding: 'credit' | 'debit' | 'prepaid';
  country: string;
  /** Why every charge is declined. */
  declines?: DeclineKey;
  /** Refused already when it is saved, not only when it is charged. */
  refusedAtSave?: boolean;
  /** When the cardholder has to authenticate: always, or unless the card was set up for off-session use. */
  authentication?: 'always' | 'unless_set_up';
  checks?: { cvc?: string; line1?: string; postal_code?: string };
  risk?: { level: 'elevated' | 'highest'; score: number };
}

export interface Decline {
  code: string;
  decline_code: string;
  message: string;
  param?: string;
  advice_code?: 'try_again_later' | 'do_not_try_again' | 'confirm_card_data';
  /** Declined by Stripe itself, not by the issuer. */
  blocked?: boolean;
}
export type DeclineKey = keyof typeof DECLINES;

const declined = 'Your card was declined.';
/** https://docs.stripe.com/declines/codes, advice as test mode gives it: https://docs.stripe.com/declines/card#retrying-issuer-declines */
export const DECLINES = {
  generic_decline: decline('card_declined', declined, 'try_again_later'),
  insufficient_funds: decline('card_declined', 'Your card has insufficient funds.', 'try_again_later'),
  lost_card: decline('card_declined', declined, 'do_not_try_again'),
  stolen_card: decline('card_declined', declined, 'do_not_try_again'),
  expired_card: decline('expired_card', 'Your card has expired.', 'confirm_card_data', 'exp_month'),
  incorrect_cvc: decline('incorrect_cvc', "Your card's security code is incorrect.", 'confirm_card_data', 'cvc'),
  processing_error: decline(
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
    'try_again_later',
  ),
  incorrect_number: decline('incorrect_number', 'Your card number is incorrect.', 'confirm_card_data', 'number'),
  card_velocity_exceeded: decline(
    'card_declined',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    'try_again_later',
  ),
  fraudulent: { ...decline('card_declined', declined), blocked: true },
  authentication_required: decline(
    'authentication_required',
    'Your card was declined. This transaction requires authentication.',
  ),
} satisfies Record<string, Omit<Decline, 'decline_code'>>;

export function declineOf(key: DeclineKey): Decline {
  return { ...DECLINES[key], decline_code: key };
}

const visa = { brand: 'visa', funding: 'credit', country: 'US' } as const;
const debit = { ...visa, funding: 'debit' } as const;
const mastercard = { brand: 'mastercard', funding: 'credit', country: 'US' } as const;
const refused = { ...visa, refusedAtSave: true } as const;

const generic: Outcome = { ...refused, number: '4000000000000002', declines: 'generic_decline' };
const insufficientFunds: Outcome = { ...refused, number: '4000000000009995', declines: 'insufficient_funds' };
const lost: Outcome = { ...refused, number: '4000000000009987', declines: 'lost_card' };
const stolen: Outcome = { ...refused, number: '4000000000009979', declines: 'stolen_card' };
const velocity: Outcome = { ...refused, number: '4000000000006975', declines: 'card_velocity_exceeded' };
const expired: Outcome = { ...refused, number: '4000000000000069', declines: 'expired_card' };
const wrongCvc: Outcome = { ...refused, number: '4000000000000127', declines: 'incorrect_cvc' };
const processing: Outcome = { ...refused, number: '4000000000000119', declines: 'processing_error' };
const blocked: Outcome = {
  ...visa,
  number: '4100000000000019',
  declines: 'fraudulent',
  risk: { level: 'highest', score: 92 },
};

/** By the name that `pm_card_…` and `tok_…` share. */
const BY_NAME = new Map<string, Outcome>(
  Object.entries({
    visa: { ...visa, number: '4242424242424242' },
    visa_debit: { ...debit, number: '4000056655665556' },
    mastercard: { ...mastercard, number: '5555555555554444' },
    mastercard_debit: { ...mastercard, funding: 'debit', number: '5200828282828210' },
    mastercard_prepaid: { ...mastercard, funding: 'prepaid', number: '5105105105105100' },
    amex: { brand: 'amex', funding: 'credit', country: 'US', number: '378282246310005' },
    discover: { brand: 'discover', funding: 'credit', country: 'US', number: '6011111111111117' },
    diners: { brand: 'diners', funding: 'credit', country: 'US', number: '3056930009020004' },
    jcb: { brand: 'jcb', funding: 'credit', country: 'JP', number: '3566002020360505' },
    unionpay: { brand: 'unionpay', funding: 'credit', country: 'CN', number: '6200000000000005' },
    us: { ...visa, number: '4242424242424242' },
    br: { ...visa, country: 'BR', number: '4000000760000002' },
    ca: { ...visa, country: 'CA', number: '4000001240000000' },
    mx: { ...visa, country: 'MX', number: '4000004840008001' },
    at: { ...visa, country: 'AT', number: '4000000400000008' },
    be: { ...visa, country: 'BE', number: '4000000560000004' },
    ch: { ...visa, country: 'CH', number: '4000007560000009' },
    de: { ...visa, country: 'DE', number: '4000002760000016' },
    es: { ...visa, country: 'ES', number: '4000007240000007' },
    fr: { ...visa, country: 'FR', number: '4000002500000003' },
    gb: { ...visa, country: 'GB', number: '4000008260000000' },
    ie: { ...visa, country: 'IE', number: '4000003720000005' },
    it: { ...visa, country: 'IT', number: '4000003800000008' },
    nl: { ...visa, country: 'NL', number: '4000005280000002' },
    pl: { ...visa, country: 'PL', number: '4000006160000005' },
    se: { ...visa, country: 'SE', number: '4000007520000008' },
    au: { ...visa, country: 'AU', number: '4000000360000006' },
    in: { ...visa, country: 'IN', number: '4000003560000008' },
    jp: { ...visa, country: 'JP', number: '4000003920000003' },
    sg: { ...visa, country: 'SG', number: '4000007020000003' },
    chargeDeclined: generic,
    visa_chargeDeclined: generic,
    chargeDeclinedInsufficientFunds: insufficientFunds,
    visa_chargeDeclinedInsufficientFunds: insufficientFunds,
    chargeDeclinedLostCard: lost,
    visa_chargeDeclinedLostCard: lost,
    chargeDeclinedStolenCard: stolen,
    visa_chargeDeclinedStolenCard: stolen,
    visa_chargeDeclinedVelocityLimitExceeded: velocity,
    chargeDeclinedExpiredCard: expired,
    chargeDeclinedIncorrectCvc: wrongCvc,
    chargeDeclinedProcessingError: processing,
    chargeCustomerFail: { ...visa, number: '4000000000000341', declines: 'generic_decline' },
    visa_chargeCustomerFail: { ...visa, number: '4000000000000341', declines: 'generic_decline' },
    chargeDeclinedFraudulent: blocked,
    radarBlock: { ...blocked, number: '4100000000000019' },
    riskLevelHighest: { ...blocked, number: '4000000000004954' },
    riskLevelElevated: { ...visa, number: '4000000000009235', risk: { level: 'elevated', score: 70 } },
    cvcCheckFail: { ...visa, number: '4000000000000101', checks: { cvc: 'fail' } },
    avsZipFail: { ...visa, number: '4000000000000036', checks: { postal_code: 'fail' } },
    avsLine1Fail: { ...visa, number: '4000000000000028', checks: { line1: 'fail' } },
    avsFail: { ...visa, number: '4000000000000010', checks: { line1: 'fail', postal_code: 'fail' } },
    avsUnchecked: { ...visa, number: '4000000000000044', checks: { line1: 'unavailable', postal_code: 'unavailable' } },
    authenticationRequired: { ...visa, country: 'DE', number: '4000002760003184', authentication: 'always' },
    authenticationRequiredOnSetup: {
      ...visa,
      country: 'FR',
      number: '4000002500003155',
      authentication: 'unless_set_up',
    },
    authenticationRequiredSetupForOffSession: {
      ...visa,
      country: 'IT',
      number: '4000003800000446',
      authentication: 'unless_set_up',
    },
    authenticationRequiredChargeDeclinedInsufficientFunds: {
      ...visa,
      country: 'GB',
      number: '4000008260003178',
      authentication: 'always',
      declines: 'insufficient_funds',
    },
    threeDSecure2Required: { ...visa, number: '4000000000003220', authentication: 'always' },
    threeDSecureRequired: { ...visa, number: '4000000000003063', authentication: 'always' },
    threeDSecureRequiredChargeDeclined: {
      ...visa,
      number: '4000008400001629',
      authentication: 'always',
      declines: 'generic_decline',
    },
    threeDSecureOptional: { ...visa, number: '4000000000003055' },
  } satisfies Record<string, Outcome>),
);
const BY_NUMBER = new Map([...BY_NAME].toReversed().map(([name, outcome]) => [outcome.number, name]));

/** `pm_card_visa` or `tok_visa` → `visa`; undefined: no such test card. */
export function testCardOf(id: string): string | undefined {
  const name = /^(?:pm_card|tok)_(.+)$/.exec(id)?.[1];
  return name !== undefined && BY_NAME.has(name) ? name : undefined;
}

export function testCardOfNumber(number: string): string | undefined {
  return BY_NUMBER.get(number.replaceAll(' ', ''));
}

export function outcomeOf(name: string): Outcome {
  const outcome = BY_NAME.get(name);
  if (outcome === undefined) throw new Error(`no test card ${name}`);
  return outcome;
}

function decline(
  code: string,
  message: string,
  advice_code?: NonNullable<Decline['advice_code']>,
  param?: string,
): Omit<Decline, 'decline_code'> {
  return { code, message, ...(advice_code && { advice_code }), ...(param !== undefined && { param }) };
}
