import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid, type StripeError } from '../errors.js';
import { fingerprint } from '../methods/make-method.js';
import * as p from '../params.js';
import type { externalAccount, GivenBankAccount, GivenCard, GivenToken } from './given-external-account.js';
import { BANKS, BANK_TOKENS, IBANS, isTestIban, payoutCard, type PayoutCard } from './test-external-accounts.js';

const NOTHING_DUE = { currently_due: [], errors: [], past_due: [], pending_verification: [] };
const AT = 'external_account';

/** Of Stripe's test values, and no others; the default of nothing yet, and not kept. */
export function newExternalAccount(
  context: Context,
  account: string,
  given: ReturnType<typeof externalAccount.read>,
): Stripe.ExternalAccount {
  if (given.object === 'bank_account') return bankAccount(context, account, given);
  return given.object === 'card' ? ownCard(context, account, given) : ofToken(context, account, given);
}

function bankAccount(context: Context, account: string, given: GivenBankAccount): Stripe.BankAccount {
  const { account_number, currency, routing_number } = checked(given);
  return {
    id: context.ids.next('ba', 24),
    object: 'bank_account',
    account,
    account_holder_name: given.account_holder_name ?? null,
    account_holder_type: given.account_holder_type ?? null,
    account_type: null,
    available_payout_methods: ['standard'],
    bank_name: 'STRIPE TEST BANK',
    country: given.country,
    currency: (given.currency ?? currency).toLowerCase(),
    default_for_currency: false,
    fingerprint: fingerprint('bank_account', `${given.country} ${account_number}`),
    future_requirements: NOTHING_DUE,
    last4: account_number.slice(-4),
    metadata: {},
    requirements: NOTHING_DUE,
    routing_number,
    status: 'new',
  };
}

function checked({ account_number, country, routing_number }: GivenBankAccount) {
  const iban = account_number.replaceAll(' ', '').toUpperCase();
  const [banks, ibans] = [BANKS.get(country), IBANS.get(country)];
  if (ibans !== undefined && isTestIban(country, iban))
    return { account_number: iban, currency: ibans, routing_number: null };
  if (banks === undefined && ibans === undefined)
    throw invalid(`This sandbox has no bank accounts of the country ${country}.`, { param: `${AT}[country]` });
  if (banks === undefined || !banks.numbers.includes(account_number))
    throw invalid(
      `You must use a test bank account number in test mode. Try ${banks?.numbers[0] ?? `${country}89370400440532013000`} or see more options at https://stripe.com/docs/connect/testing#account-numbers.`,
      { code: 'account_number_invalid', param: `${AT}[account_number]` },
    );
  if (routing_number?.replaceAll('-', '') !== banks.routing_number.replaceAll('-', ''))
    throw invalid(`The routing number is not that of Stripe’s test bank, ${banks.routing_number}.`, {
      code: 'routing_number_invalid',
      param: `${AT}[routing_number]`,
    });
  return { account_number, currency: banks.currency, routing_number: banks.routing_number };
}

function ownCard(context: Context, account: string, given: GivenCard): Stripe.Card {
  const { object: _object, currency, cvc, metadata, number, ...own } = given;
  const known = payoutCard({ number });
  if (known === undefined)
    throw invalid('Your card number is incorrect: it is none of Stripe’s test cards.', {
      code: 'incorrect_number',
      param: `${AT}[number]`,
    });
  return {
    ...card(context, account, known, currency),
    ...own,
    ...(cvc !== undefined && { cvc_check: 'pass' }),
    metadata: p.mergeMetadata({}, metadata),
  };
}

function ofToken(context: Context, account: string, { token, currency }: GivenToken): Stripe.ExternalAccount {
  const account_number = BANK_TOKENS.get(token);
  if (account_number !== undefined)
    return bankAccount(context, account, {
      object: 'bank_account',
      account_number,
      country: 'US',
      routing_number: '110000000',
      ...(currency !== undefined && { currency }),
    });
  const known = payoutCard({ token });
  if (known !== undefined) return card(context, account, known, currency);
  throw invalid(`No such token: '${token}'`, { code: 'resource_missing', param: AT });
}

function card(context: Context, account: string, known: PayoutCard, currency: string | undefined): Stripe.Card {
  if (known.funding !== 'debit') throw notDebit();
  return {
    id: context.ids.next('card', 24),
    object: 'card',
    account,
    address_city: null,
    address_country: null,
    address_line1: null,
    address_line1_check: null,
    address_line2: null,
    address_state: null,
    address_zip: null,
    address_zip_check: null,
    allow_redisplay: 'unspecified',
    available_payout_methods: known.instant ? ['standard', 'instant'] : ['standard'],
    brand: BRANDS.get(known.brand) ?? known.brand,
    country: known.country,
    currency: (currency ?? known.currency).toLowerCase(),
    cvc_check: null,
    default_for_currency: false,
    dynamic_last4: null,
    exp_month: 12,
    exp_year: new Date(context.now * 1000).getUTCFullYear() + 1,
    fingerprint: fingerprint('card', known.number),
    funding: known.funding,
    last4: known.number.slice(-4),
    metadata: {},
    name: null,
    regulated_status: 'unregulated',
    status: 'new',
    tokenization_method: null,
  };
}

/** As cards have it, other than payment methods: https://docs.stripe.com/api/external_account_cards/object */
const BRANDS = new Map([
  ['discover', 'Discover'],
  ['mastercard', 'MasterCard'],
  ['visa', 'Visa'],
]);

/** https://docs.stripe.com/error-codes#invalid-card-type */
function notDebit(): StripeError {
  return invalid(
    'The card provided as an external account is not a debit card. Provide a debit card or use a bank account instead.',
    { code: 'invalid_card_type', param: AT },
  );
}
