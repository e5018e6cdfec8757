import { isIban } from '../calc/iban.js';
import { outcomeOf, testCardOf, testCardOfNumber } from '../outcomes.js';

interface Banks {
  currency: string;
  routing_number: string;
  numbers: readonly string[];
}
const AMERICAN = ['000123456789', '000111111116', '000111111113', '000222222227', '000333333335', '000444444440'];
const AUSTRALIAN = ['000123456', '111111116', '111111113', '222222227', '333333335', '444444440'];
const BRITISH = ['00012345', '11111116', '11111113', '22222227', '33333335', '44444440'];
const UNVERIFIED = ['000999999991', '000999999992'];

/** https://docs.stripe.com/connect/testing#account-numbers; no payout is ever made, so none of them fails one. */
export const BANKS = new Map<string, Banks>([
  ['AU', { currency: 'aud', routing_number: '110000', numbers: AUSTRALIAN }],
  ['CA', { currency: 'cad', routing_number: '11000-000', numbers: AMERICAN }],
  ['GB', { currency: 'gbp', routing_number: '108800', numbers: BRITISH }],
  ['US', { currency: 'usd', routing_number: '110000000', numbers: [...AMERICAN, '000888888883', ...UNVERIFIED] }],
]);

/** Where a bank account is an IBAN, and in what currency. */
export const IBANS = new Map<string, string>([
  ...'AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' ').map(inEuro),
  ...Object.entries({ CH: 'chf', CZ: 'czk', DK: 'dkk', GB: 'gbp', GI: 'gbp', HU: 'huf', LI: 'chf', NO: 'nok' }),
  ...Object.entries({ PL: 'pln', RO: 'ron', SE: 'sek' }),
]);

/** In which an account of this country is paid out, if it does not say otherwise. */
export function currencyOf(country: string): string {
  return BANKS.get(country)?.currency ?? IBANS.get(country) ?? 'usd';
}

/** Stripe's test IBANs are the same for every country, and their check digits do not hold. */
export function isTestIban(country: string, iban: string): boolean {
  if (!iban.startsWith(country)) return false;
  return isIban(iban) || /^..(89|62)37040044053201300[0-5]$/.test(iban);
}

/** The numbers behind the tokens: https://docs.stripe.com/connect/testing#testing-top-ups */
export const BANK_TOKENS = new Map<string, string>(
  Object.entries({
    btok_us_verified: '000123456789',
    btok_us_verified_noAccount: '000111111116',
    btok_us_verified_accountClosed: '000111111113',
    btok_us_verified_insufficientFunds: '000222222227',
    btok_us_verified_debitNotAuthorized: '000333333335',
    btok_us_verified_invalidCurrency: '000444444440',
  }),
);

export interface PayoutCard {
  number: string;
  brand: string;
  country: string;
  currency: string;
  funding: string;
  instant: boolean;
}

/** Of each country: Visa whose payouts succeed, fail, are not instant; Mastercard: https://docs.stripe.com/connect/testing#debit-card-numbers */
const DEBIT_CARDS = [
  'us usd 4000056655665556 4000056655665572 4000056755665555 5200828282828210',
  'ca cad 4000051240000005 4000051240000021 4000051240000039 5510121240000006',
  'sg sgd 4000057020000008 4000057020000016 4000057020000024 2227200000000009',
  'au aud 4000050360000019 4000050360000027 4000050360000035 5555050360000023',
  'ae aed 4000057840000006 4000057840000014 4000057840000022 5555057840000002',
  'gb gbp 4000058260000203 4000058260000211 4000058260000229 5555058260000100',
  'at eur 4000050400000003 4000050400000011 4000050400000029 5555050400000009',
  'be eur 4000050560000009 4000050560000017 4000050560000025 5555050560000005',
  'fr eur 4000052500000008 4000052500000016 4000052500000024 5555052500000004',
  'de eur 4000052760000037 4000052760000011 4000052760000029 5555052760000009',
  'ie eur 4000053720000000 4000053720000018 4000053720000026 5555053720000006',
];

/** By token. */
const PAYOUT_CARDS = new Map<string, PayoutCard>([
  ...DEBIT_CARDS.flatMap(cardsOf),
  ...cardsOf('us usd - - - - 6011981111111113'),
]);

/** The card behind a token, or a number. */
export function payoutCard(given: { token: string } | { number: string }): PayoutCard | undefined {
  if ('token' in given) return PAYOUT_CARDS.get(given.token) ?? ordinary(testCardOf(given.token));
  const number = given.number.replaceAll(' ', '');
  return [...PAYOUT_CARDS.values()].find((card) => card.number === number) ?? ordinary(testCardOfNumber(number));
}

function cardsOf(line: string): [string, PayoutCard][] {
  const [of = '', currency = '', ...numbers] = line.split(' ');
  const kinds = [
    ['visa', 'transferSuccess'],
    ['visa', 'transferFail'],
    ['visa', 'instantPayoutUnsupported'],
    ['mastercard', 'transferSuccess'],
    ['discover', 'transferSuccess'],
  ] as const;
  return numbers.flatMap((number, place): [string, PayoutCard][] => {
    const [brand, name] = kinds[place] ?? [];
    if (number === '-' || brand === undefined) return [];
    const instant = name !== 'instantPayoutUnsupported';
    const card = { number, brand, country: of.toUpperCase(), currency, funding: 'debit', instant };
    return [[`tok_${brand}_debit_${of}_${name}`, card]];
  });
}

/** A card of which customers pay. */
function ordinary(name: string | undefined): PayoutCard | undefined {
  if (name === undefined) return undefined;
  const { number, brand, country, funding } = outcomeOf(name);
  return { number, brand, country, currency: 'usd', funding, instant: true };
}

function inEuro(country: string): [string, string] {
  return [country, 'eur'];
}
