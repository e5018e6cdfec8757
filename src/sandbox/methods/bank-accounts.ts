import type { DebitType } from './kinds.js';

/** What comes of debiting an account. */
export interface DebitOutcome {
  /** Whether the money comes; `never`: neither, the payment stays in processing. */
  ends: 'succeeds' | 'fails' | 'never';
  /** Only after about three minutes; the others at once: https://docs.stripe.com/testing#non-card-payments */
  delayed?: boolean;
  failure?: FailureCode;
  /** The account may never be debited again. */
  endsMandate?: boolean;
  disputed?: boolean;
  /** Refused before anything is debited: by the bank when it is asked for its consent, or by Stripe. */
  refusesMandate?: boolean;
  microdepositsFail?: boolean;
  blocked?: boolean;
}
export type FailureCode = keyof typeof FAILURES;

/** https://docs.stripe.com/payments/ach-direct-debit#failed-payments, https://docs.stripe.com/payments/payment-methods/bacs-debit#failed-payments */
export const FAILURES = {
  account_closed: "The customer's account has been closed.",
  no_account: "The customer's bank account could not be located.",
  insufficient_funds: "The customer's account has insufficient funds to cover this payment.",
  debit_not_authorized: 'The customer has notified their bank that this payment was unauthorized.',
  refer_to_customer: "The customer's bank refused the payment; please ask the customer why.",
  charge_exceeds_source_limit: 'The payment exceeds the weekly payment volume limit of this account.',
  charge_exceeds_weekly_limit: 'The payment exceeds the weekly transaction limit of this account.',
  charge_exceeds_transaction_limit: 'The payment exceeds the transaction volume limit of this account.',
  payment_method_not_available: "The customer's account cannot be debited at the moment.",
  bank_account_restricted: "The customer's account cannot be used for this debit.",
} satisfies Record<string, string>;

const SUCCEEDS: DebitOutcome = { ends: 'succeeds' };
const LATE_SUCCESS: DebitOutcome = { ends: 'succeeds', delayed: true };
const DISPUTED: DebitOutcome = { ends: 'succeeds', disputed: true };
const fails = (failure: FailureCode, more: Partial<DebitOutcome> = {}): DebitOutcome => ({
  ends: 'fails',
  failure,
  ...more,
});

/** By the name in Stripe's tokens, `pm_sepaDebit_failed_de` and the like. */
const OUTCOMES = {
  // https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-integration
  sepa_debit: {
    success: SUCCEEDS,
    successDelayed: LATE_SUCCESS,
    failed: fails('refer_to_customer'),
    failedDelayed: fails('refer_to_customer', { delayed: true }),
    disputed: DISPUTED,
    exceedsWeeklyVolumeLimit: fails('charge_exceeds_source_limit'),
    exceedsWeeklyTransactionLimit: fails('charge_exceeds_weekly_limit'),
    insufficientFunds: fails('insufficient_funds'),
  },
  // https://docs.stripe.com/payments/bacs-debit/accept-a-payment#test-integration
  bacs_debit: {
    success: SUCCEEDS,
    successDelayed: LATE_SUCCESS,
    debitNotAuthorized: fails('debit_not_authorized', { endsMandate: true }),
    debitNotAuthorizedDelayed: fails('debit_not_authorized', { endsMandate: true, delayed: true }),
    insufficientFunds: fails('insufficient_funds'),
    insufficientFundsDelayed: fails('insufficient_funds', { delayed: true }),
    dispute: DISPUTED,
    mandateRefused: { ...SUCCEEDS, refusesMandate: true },
    exceedsWeeklyLimit: fails('charge_exceeds_source_limit'),
    exceedsTransactionLimit: fails('charge_exceeds_transaction_limit'),
  },
  // https://docs.stripe.com/payments/au-becs-debit/accept-a-payment#test-integration
  au_becs_debit: {
    success: SUCCEEDS,
    successDelayed: LATE_SUCCESS,
    accountClosed: fails('account_closed', { endsMandate: true }),
    noAccount: fails('no_account', { endsMandate: true }),
    referToCustomer: fails('refer_to_customer'),
    referToCustomerDelayed: fails('refer_to_customer', { delayed: true }),
    debitNotAuthorized: fails('debit_not_authorized', { endsMandate: true }),
    dispute: DISPUTED,
    exceedsWeeklyLimit: fails('charge_exceeds_source_limit'),
    exceedsTransactionLimit: fails('charge_exceeds_transaction_limit'),
  },
  // https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-account-numbers
  us_bank_account: {
    success: SUCCEEDS,
    accountClosed: fails('account_closed'),
    riskLevelHighest: { ...fails('bank_account_restricted'), blocked: true },
    noAccount: fails('no_account'),
    insufficientFunds: fails('insufficient_funds'),
    debitNotAuthorized: fails('debit_not_authorized'),
    invalidCurrency: fails('payment_method_not_available'),
    failMicrodeposits: { ...SUCCEEDS, microdepositsFail: true },
    dispute: DISPUTED,
    processing: { ends: 'never' },
    weeklyLimitExceeded: fails('charge_exceeds_source_limit'),
  },
  // https://docs.stripe.com/payments/acss-debit/accept-a-payment#test-integration
  acss_debit: {
    success: SUCCEEDS,
    successDelayed: LATE_SUCCESS,
    failed: fails('insufficient_funds'),
    failedDelayed: fails('insufficient_funds', { delayed: true }),
    failMicrodeposits: { ...SUCCEEDS, microdepositsFail: true },
    weeklyLimitExceeded: fails('charge_exceeds_source_limit'),
  },
} satisfies Record<DebitType, Record<string, DebitOutcome>>;

/** Account number → name, of the pages above. Stripe gives IBANs for every country; these are of five, by its pattern. */
const NUMBERS: Record<DebitType, string> = {
  sepa_debit:
    'AT611904300234573201:success AT321904300235473204:successDelayed AT861904300235473202:failed ' +
    'AT051904300235473205:failedDelayed AT591904300235473203:disputed AT981904300000343434:exceedsWeeklyVolumeLimit ' +
    'AT601904300000121212:exceedsWeeklyTransactionLimit AT981904300002222227:insufficientFunds ' +
    'BE62510007547061:success BE78510007547064:successDelayed BE68539007547034:failed BE51510007547065:failedDelayed ' +
    'BE08510007547063:disputed BE90510000343434:exceedsWeeklyVolumeLimit BE52510000121212:exceedsWeeklyTransactionLimit ' +
    'BE90510002222227:insufficientFunds ' +
    'DE89370400440532013000:success DE08370400440532013003:successDelayed DE62370400440532013001:failed ' +
    'DE78370400440532013004:failedDelayed DE35370400440532013002:disputed DE65370400440000343434:exceedsWeeklyVolumeLimit ' +
    'DE27370400440000121212:exceedsWeeklyTransactionLimit DE65370400440002222227:insufficientFunds ' +
    'FR1420041010050500013M02606:success FR3020041010050500013M02609:successDelayed FR8420041010050500013M02607:failed ' +
    'FR7920041010050500013M02600:failedDelayed FR5720041010050500013M02608:disputed ' +
    'FR9720041010050000000343434:exceedsWeeklyVolumeLimit FR5920041010050000000121212:exceedsWeeklyTransactionLimit ' +
    'FR9720041010050000002222227:insufficientFunds ' +
    'IE29AIBK93115212345678:success IE24AIBK93115212345671:successDelayed IE02AIBK93115212345679:failed ' +
    'IE94AIBK93115212345672:failedDelayed IE51AIBK93115212345670:disputed IE10AIBK93115200343434:exceedsWeeklyVolumeLimit ' +
    'IE69AIBK93115200121212:exceedsWeeklyTransactionLimit IE10AIBK93115202222227:insufficientFunds',
  bacs_debit:
    '00012345:success 90012345:successDelayed 33333335:debitNotAuthorized 93333335:debitNotAuthorizedDelayed ' +
    '22222227:insufficientFunds 92222227:insufficientFundsDelayed 55555559:dispute 00033333:mandateRefused ' +
    '34343434:exceedsWeeklyLimit 12121212:exceedsTransactionLimit',
  au_becs_debit:
    '000123456:success 900123456:successDelayed 111111113:accountClosed 111111116:noAccount 222222227:referToCustomer ' +
    '922222227:referToCustomerDelayed 333333335:debitNotAuthorized 666666660:dispute 343434343:exceedsWeeklyLimit ' +
    '121212121:exceedsTransactionLimit',
  us_bank_account:
    '000123456789:success 000111111113:accountClosed 000000004954:riskLevelHighest 000111111116:noAccount ' +
    '000222222227:insufficientFunds 000333333335:debitNotAuthorized 000444444440:invalidCurrency ' +
    '000666666661:failMicrodeposits 000555555559:dispute 000000000009:processing 000777777771:weeklyLimitExceeded',
  acss_debit:
    '000123456789:success 900123456789:successDelayed 000222222227:failed 900222222227:failedDelayed ' +
    '000666666661:failMicrodeposits 000777777771:weeklyLimitExceeded',
};

const PREFIXES: Record<string, DebitType> = {
  sepaDebit: 'sepa_debit',
  bacsDebit: 'bacs_debit',
  auBecsDebit: 'au_becs_debit',
  usBankAccount: 'us_bank_account',
  acssDebit: 'acss_debit',
};

export interface TestAccount {
  type: DebitType;
  number: string;
  name: string;
}
const ACCOUNTS: TestAccount[] = Object.entries(NUMBERS).flatMap(([type, numbers]) =>
  numbers.split(' ').map((entry) => {
    const [number = '', name = ''] = entry.split(':');
    return { type: asDebitType(type), number, name };
  }),
);
export function testAccount(type: DebitType, number: string): TestAccount | undefined {
  return ACCOUNTS.find((account) => account.type === type && account.number === number);
}

/** `pm_bacsDebit_success`, `pm_sepaDebit_failed_de`; undefined: no such token. */
export function tokenAccount(id: string): TestAccount | undefined {
  const [, prefix = '', name = '', country] =
    /^pm_([a-zA-Z]+Debit|usBankAccount)_([a-zA-Z]+)(?:_([a-z]{2}))?$/.exec(id) ?? [];
  const type = PREFIXES[prefix];
  return ACCOUNTS.find(
    (account) =>
      account.type === type &&
      account.name === name &&
      (type === 'sepa_debit' ? account.number.startsWith(country?.toUpperCase() ?? '?') : country === undefined),
  );
}

/** `name`: of the test account; an account that is none of them succeeds. */
export function debitOutcome(type: DebitType, name: string): DebitOutcome {
  const known: Record<string, DebitOutcome> = OUTCOMES[type];
  return known[name] ?? SUCCEEDS;
}

function asDebitType(name: string): DebitType {
  const found = Object.values(PREFIXES).find((type) => type === name);
  if (found === undefined) throw new Error(`no account of ${name}`);
  return found;
}
