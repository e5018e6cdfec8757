import type { Outcome } from './outcomes.js';

const visa = { brand: 'visa', funding: 'credit', country: 'US' } as const;
const debit = { ...visa, funding: 'debit' } as const;
const mastercard = { brand: 'mastercard', funding: 'credit', country: 'US' } as const;
const amex = { brand: 'amex', funding: 'credit', country: 'US', number: '378282246310005' } as const;
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

/** By the name that `pm_card_…` and `tok_…` share: https://docs.stripe.com/testing */
const NAMED = {
  visa: { ...visa, number: '4242424242424242' },
  visa_debit: { ...debit, number: '4000056655665556' },
  mastercard: { ...mastercard, number: '5555555555554444' },
  mastercard_debit: { ...mastercard, funding: 'debit', number: '5200828282828210' },
  mastercard_prepaid: { ...mastercard, funding: 'prepaid', number: '5105105105105100' },
  amex,
  discover: { brand: 'discover', funding: 'credit', country: 'US', number: '6011111111111117' },
  diners: { brand: 'diners', funding: 'credit', country: 'US', number: '3056930009020004' },
  jcb: { brand: 'jcb', funding: 'credit', country: 'JP', number: '3566002020360505' },
  unionpay: { brand: 'unionpay', funding: 'credit', country: 'CN', number: '6200000000000005' },
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
  threeDSecureOptional: { ...visa, number: '4000000000003055', threeDSecure: 'challenge' },
  threeDSecureRequiredProcessingError: { ...visa, number: '4000008400001280', declines: 'generic_decline' },
  threeDSecureOptionalProcessingError: { ...visa, number: '4000000000003097' },
  amex_threeDSecureNotSupported: { ...amex, threeDSecure: 'unavailable' },
  createDispute: { ...visa, number: '4000000000000259', later: 'fraudulent' },
  createDisputeProductNotReceived: { ...visa, number: '4000000000002685', later: 'product_not_received' },
  createDisputeInquiry: { ...visa, number: '4000000000001976', later: 'inquiry' },
  createComplianceDispute: { ...visa, number: '4000008400000779', later: 'compliance' },
  createMultipleDisputes: { ...visa, number: '4000000404000079', later: 'multiple_disputes' },
  createIssuerFraudRecord: { ...visa, number: '4000000000005423', later: 'early_fraud_warning' },
  pendingRefund: { ...visa, number: '4000000000007726', refunds: 'pending' },
  refundFail: { ...visa, number: '4000000000005126', refunds: 'fails' },
  bypassPending: { ...visa, number: '4000000000000077', available: true },
  bypassPendingInternational: { ...visa, country: 'IE', number: '4000003720000278', available: true },
} satisfies Record<string, Outcome>;

/** A card of each country that Stripe gives one for: https://docs.stripe.com/testing#international-cards */
const BY_COUNTRY =
  'ae:4000007840000001 ar:4000000320000021 at:4000000400000008 au:4000000360000006 be:4000000560000004 bg:4000001000000000 ' +
  'br:4000000760000002 by:4000001120000005 ca:4000001240000000 ch:4000007560000009 cl:4000001520000001 cn:4000001560000002 ' +
  'co:4000001700000003 cr:4000001880000005 cy:4000001960000008 cz:4000002030000002 de:4000002760000016 dk:4000002080000001 ' +
  'ec:4000002180000000 ee:4000002330000009 es:4000007240000007 fi:4000002460000001 fr:4000002500000003 gb:4000008260000000 ' +
  'gi:4000002920000005 gr:4000003000000030 hk:4000003440000004 hr:4000001910000009 hu:4000003480000005 ie:4000003720000005 ' +
  'in:4000003560000008 it:4000003800000008 jp:4000003920000003 li:4000004380000004 lt:4000004400000000 lu:4000004420000006 ' +
  'lv:4000004280000005 mt:4000004700000007 mx:4000004840008001 my:4000004580000002 nl:4000005280000002 no:4000005780000007 ' +
  'nz:4000005540000008 pa:4000005910000000 pe:4000006040000068 pl:4000006160000005 pt:4000006200000007 py:4000006000000066 ' +
  'ro:4000006420000001 sa:4000006820000007 se:4000007520000008 sg:4000007020000003 si:4000007050000006 sk:4000007030000001 ' +
  'th:4000007640000003 tw:4000001580000008 us:4242424242424242 uy:4000008580000003';

/** Further numbers of the same kinds; a `#` begins no name that a request could give. */
const NUMBERS: Record<string, Outcome> = {
  '#mastercard_2': { ...mastercard, number: '2223003122003222' },
  '#amex_2': { ...amex, number: '371449635398431' },
  '#discover_2': { brand: 'discover', funding: 'credit', country: 'US', number: '6011000990139424' },
  '#discover_debit': { brand: 'discover', funding: 'debit', country: 'US', number: '6011981111111113' },
  '#diners_14': { brand: 'diners', funding: 'credit', country: 'US', number: '36227206271667' },
  '#unionpay_debit': { brand: 'unionpay', funding: 'debit', country: 'CN', number: '6200000000000047' },
  '#unionpay_19': { brand: 'unionpay', funding: 'credit', country: 'CN', number: '6205500000000000004' },
};

export const TEST_CARDS = new Map<string, Outcome>([
  ...Object.entries(NAMED),
  ...BY_COUNTRY.split(' ').map((entry): [string, Outcome] => {
    const [country = '', number = ''] = entry.split(':');
    return [country, { ...visa, country: country.toUpperCase(), number }];
  }),
  ...Object.entries(NUMBERS),
]);
