import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { isIban } from '../calc/iban.js';
import type { Context } from '../context.js';
import { invalid, ParameterError } from '../errors.js';
import { NO_ADDRESS } from '../payments/no-address.js';
import { testAccount, type TestAccount } from './bank-accounts.js';
import type { GivenMethod } from './given.js';
import { kindOf, type DebitType, type MethodType } from './kinds.js';

type Own = Partial<Stripe.PaymentMethod>;
interface Made {
  own: Own;
  test_id: string;
}

/** Makes a payment method of any kind but a card. `verified`: nothing has to be asked of the bank first. */
export function makeMethod(context: Context, given: GivenMethod): Stripe.PaymentMethod {
  const billing = billingOf(given);
  refuseMissing(given.type, billing);
  const { own, test_id } = ownOf(given);
  return store(context, given.type, own, billing, { test_id, verified: !asksTheBank(given.type) });
}

/** Of a token such as `pm_usBankAccount_success`: its account is verified, and its holder is Jenny Rosen. */
export function makeTestAccount(context: Context, { type, number, name }: TestAccount): Stripe.PaymentMethod {
  const billing = { ...NO_BILLING, email: 'jenny.rosen@example.com', name: 'Jenny Rosen' };
  return store(context, type, accountOf(type, number), billing, { test_id: name, verified: true });
}

export function refuseMissing(type: MethodType, billing: Stripe.PaymentMethod.BillingDetails): void {
  const given = { ...billing, address: billing.address?.line1 ?? null };
  for (const field of kindOf(type).asks ?? [])
    if (given[field] === null) {
      const param = `billing_details[${field}]`;
      throw new ParameterError(`Missing required param: ${param}.`, param, 'parameter_missing');
    }
}

const NO_BILLING: Stripe.PaymentMethod.BillingDetails = {
  address: NO_ADDRESS,
  email: null,
  name: null,
  phone: null,
  tax_id: null,
};

function billingOf({ billing_details: { address, ...given } = {} }: GivenMethod): Stripe.PaymentMethod.BillingDetails {
  return { ...NO_BILLING, ...given, ...(address !== undefined && { address: { ...NO_ADDRESS, ...address } }) };
}

function store(
  context: Context,
  type: MethodType,
  own: Own,
  billing_details: Stripe.PaymentMethod.BillingDetails,
  fact: { test_id: string; verified: boolean },
): Stripe.PaymentMethod {
  const id = context.ids.next('pm', 24);
  context.store.put('method_fact', { id, ...fact, set_up: false, detached: false, mandate: null });
  return context.store.put('payment_method', {
    id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details,
    created: context.wire,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type,
    ...own,
  });
}

/** A bank account given by its number has to be shown to be the customer's: https://docs.stripe.com/payments/ach-direct-debit#verification */
function asksTheBank(type: MethodType): boolean {
  return type === 'us_bank_account' || type === 'acss_debit';
}

function ownOf(given: GivenMethod): Made {
  const type: string = given.type;
  switch (type) {
    case 'sepa_debit':
      return sepa(given.sepa_debit?.iban ?? missing('sepa_debit[iban]'));
    case 'bacs_debit':
      return bacs(given.bacs_debit ?? missing('bacs_debit'));
    case 'au_becs_debit':
      return becs(given.au_becs_debit ?? missing('au_becs_debit'));
    case 'us_bank_account':
      return ach(given.us_bank_account ?? missing('us_bank_account'));
    case 'acss_debit':
      return acss(given.acss_debit ?? missing('acss_debit'));
    case 'boleto':
      return bare({ boleto: { tax_id: (given.boleto ?? missing('boleto')).tax_id } });
    case 'ideal':
      return bare({ ideal: { bank: given.ideal?.bank ?? null, bic: null } });
    case 'eps':
      return bare({ eps: { bank: given.eps?.bank ?? null } });
    case 'p24':
      return bare({ p24: { bank: given.p24?.bank ?? null } });
    case 'fpx': {
      const { bank, account_holder_type } = given.fpx ?? missing('fpx');
      return bare({ fpx: { account_holder_type: account_holder_type ?? null, bank } });
    }
    case 'card':
    case 'link':
      throw invalid(`A ${type} is not made here.`);
    default:
      return bare({ [type]: {} });
  }
}

function bare(own: Own): Made {
  return { own, test_id: '' };
}

/** A number that is none of Stripe's test accounts is taken if it could be one, and its debits succeed. */
function named(type: DebitType, number: string): string {
  return testAccount(type, number)?.name ?? '';
}

function sepa(written: string): Made {
  const iban = written.replaceAll(' ', '').toUpperCase();
  if (!isIban(iban))
    throw refused('The IBAN you provided is invalid.', 'sepa_debit[iban]', 'invalid_bank_account_iban');
  // https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-integration: two accounts refuse to be used at all.
  if (iban.endsWith('055555'))
    throw refused(
      'The bank of this account does not support SEPA Direct Debit.',
      'sepa_debit[iban]',
      'sepa_debit_bank_not_supported',
    );
  if (iban.endsWith('066666'))
    throw refused('This account cannot be debited.', 'sepa_debit[iban]', 'sepa_debit_debits_not_supported');
  return { own: accountOf('sepa_debit', iban), test_id: named('sepa_debit', iban) };
}

function bacs({ sort_code, account_number }: { sort_code: string; account_number: string }): Made {
  const sort = sort_code.replaceAll('-', '');
  if (!/^\d{6}$/.test(sort))
    throw refused('The sort code is invalid.', 'bacs_debit[sort_code]', 'routing_number_invalid');
  if (!/^\d{8}$/.test(account_number)) throw badNumber('bacs_debit[account_number]');
  // https://docs.stripe.com/payments/bacs-debit/accept-a-payment#test-integration
  if (account_number === '00044444') throw badNumber('bacs_debit[account_number]');
  return { own: accountOf('bacs_debit', account_number, sort), test_id: named('bacs_debit', account_number) };
}

function becs({ bsb_number, account_number }: { bsb_number: string; account_number: string }): Made {
  const bsb = bsb_number.replaceAll('-', '');
  if (!/^\d{6}$/.test(bsb))
    throw refused('The BSB number is invalid.', 'au_becs_debit[bsb_number]', 'routing_number_invalid');
  if (!/^\d{4,9}$/.test(account_number)) throw badNumber('au_becs_debit[account_number]');
  return { own: accountOf('au_becs_debit', account_number, bsb), test_id: named('au_becs_debit', account_number) };
}

function ach(given: NonNullable<GivenMethod['us_bank_account']>): Made {
  if (!/^\d{9}$/.test(given.routing_number))
    throw refused('The routing number is invalid.', 'us_bank_account[routing_number]', 'routing_number_invalid');
  if (!/^\d{4,17}$/.test(given.account_number)) throw badNumber('us_bank_account[account_number]');
  const { us_bank_account } = accountOf('us_bank_account', given.account_number, given.routing_number);
  const own = us_bank_account && {
    ...us_bank_account,
    ...(given.account_holder_type !== undefined && { account_holder_type: given.account_holder_type }),
    ...(given.account_type !== undefined && { account_type: given.account_type }),
  };
  return { own: { ...(own && { us_bank_account: own }) }, test_id: named('us_bank_account', given.account_number) };
}

function acss(given: NonNullable<GivenMethod['acss_debit']>): Made {
  if (!/^\d{3}$/.test(given.institution_number) || !/^\d{5}$/.test(given.transit_number))
    throw refused('The routing number is invalid.', 'acss_debit[transit_number]', 'routing_number_invalid');
  if (!/^\d{5,12}$/.test(given.account_number)) throw badNumber('acss_debit[account_number]');
  const routing = given.institution_number + given.transit_number;
  return {
    own: accountOf('acss_debit', given.account_number, routing),
    test_id: named('acss_debit', given.account_number),
  };
}

/** `routing`: sort code, BSB, routing number, or institution and transit number; that of Stripe's test bank where absent. */
function accountOf(type: DebitType, number: string, routing?: string): Own {
  const shown = { fingerprint: fingerprint(type, number), last4: number.slice(-4) };
  switch (type) {
    case 'sepa_debit':
      return {
        sepa_debit: {
          ...shown,
          bank_code: number.slice(4, 9),
          branch_code: '',
          country: number.slice(0, 2),
          generated_from: null,
        },
      };
    case 'bacs_debit':
      return { bacs_debit: { ...shown, sort_code: routing ?? '108800' } };
    case 'au_becs_debit':
      return { au_becs_debit: { ...shown, bsb_number: routing ?? '000000' } };
    case 'acss_debit': {
      const bank = routing ?? '00011000';
      return {
        acss_debit: {
          ...shown,
          bank_name: 'STRIPE TEST BANK',
          institution_number: bank.slice(0, 3),
          transit_number: bank.slice(3),
        },
      };
    }
    case 'us_bank_account':
    default:
      return {
        us_bank_account: {
          ...shown,
          account_holder_type: 'individual',
          account_type: 'checking',
          bank_name: 'STRIPE TEST BANK',
          financial_connections_account: null,
          networks: { preferred: 'ach', supported: ['ach'] },
          routing_number: routing ?? '110000000',
          status_details: {},
        },
      };
  }
}

export function fingerprint(kind: string, number: string): string {
  const hash = createHash('sha256').update(`${kind} ${number}`).digest('base64url');
  return hash.replaceAll(/[-_]/g, '0').slice(0, 16);
}

function missing(param: string): never {
  throw new ParameterError(`Missing required param: ${param}.`, param, 'parameter_missing');
}

function badNumber(param: string): ParameterError {
  return refused('The account number is invalid.', param, 'account_number_invalid');
}

function refused(message: string, param: string, code: string): ParameterError {
  return new ParameterError(message, param, code);
}
