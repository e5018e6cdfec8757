import { exponentOf } from './currencies.js';

/** `amount × percent / 100 + fixed`, within `least` and `most`; minor units of the currency of the price list. */
interface Tariff {
  percent: number;
  fixed: number;
  least?: number;
  most?: number;
}
interface CardTariffs {
  home: Tariff;
  /** By a country or a region of the card; `abroad` for every other. */
  regions?: { countries: ReadonlySet<string>; tariff: Tariff }[];
  abroad: Tariff;
}

const EEA = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' '),
);
const GB = new Set(['GB']);
const cards = (home: [number, number], abroad: [number, number]): CardTariffs => ({
  home: { percent: home[0], fixed: home[1] },
  abroad: { percent: abroad[0], fixed: abroad[1] },
});
const EURO_ZONE: CardTariffs = {
  home: { percent: 1.5, fixed: 25 },
  regions: [
    { countries: EEA, tariff: { percent: 1.5, fixed: 25 } },
    { countries: GB, tariff: { percent: 2.5, fixed: 25 } },
  ],
  abroad: { percent: 3.25, fixed: 25 },
};

/** https://stripe.com/pricing, and the same page of each country (https://stripe.com/de/pricing …) */
const CARDS = new Map<string, CardTariffs>([
  ['US', cards([2.9, 30], [4.4, 30])],
  ['AU', cards([1.7, 30], [3.5, 30])],
  ['CA', cards([2.9, 30], [3.7, 30])],
  ['JP', cards([3.6, 0], [3.6, 0])],
  ['MX', cards([3.6, 300], [4.1, 300])],
  ['MY', cards([3, 100], [4, 100])],
  ['SG', cards([3.4, 50], [3.9, 50])],
  ['BR', cards([3.99, 39], [5.99, 39])],
  [
    'GB',
    {
      home: { percent: 1.5, fixed: 20 },
      regions: [{ countries: EEA, tariff: { percent: 2.5, fixed: 20 } }],
      abroad: { percent: 3.25, fixed: 20 },
    },
  ],
  ...[...EEA].map((country): [string, CardTariffs] => [country, EURO_ZONE]),
]);

/** https://stripe.com/pricing/local-payment-methods */
const METHODS = new Map<string, Tariff>(
  Object.entries({
    us_bank_account: { percent: 0.8, fixed: 0, most: 500 },
    sepa_debit: { percent: 0, fixed: 35 },
    bacs_debit: { percent: 1, fixed: 0, least: 20, most: 400 },
    au_becs_debit: { percent: 1, fixed: 30, most: 350 },
    acss_debit: { percent: 1, fixed: 40, most: 500 },
    oxxo: { percent: 3.6, fixed: 300 },
    boleto: { percent: 0, fixed: 345 },
    konbini: { percent: 3.6, fixed: 0, least: 120 },
    ideal: { percent: 0, fixed: 29 },
    bancontact: { percent: 1.4, fixed: 25 },
    eps: { percent: 1.6, fixed: 25 },
    p24: { percent: 2.2, fixed: 30 },
    alipay: { percent: 2.9, fixed: 30 },
    wechat_pay: { percent: 2.9, fixed: 30 },
    grabpay: { percent: 3.3, fixed: 0 },
    fpx: { percent: 3, fixed: 100 },
    paynow: { percent: 1.3, fixed: 0 },
  } satisfies Record<string, Tariff>),
);

/** The fixed part of a card fee by currency, from the price lists of the countries that settle in it. */
const FIXED = new Map(Object.entries({ usd: 30, eur: 25, gbp: 20, cad: 30, aud: 30, chf: 30, sgd: 50, jpy: 30 }));
/** What a dispute costs, by currency: https://stripe.com/pricing#disputes */
const DISPUTE = new Map(
  Object.entries({ usd: 1500, eur: 2000, gbp: 2000, aud: 2500, cad: 1500, sgd: 1500, jpy: 1300 }),
);

/** Stripe's fee of a card payment, in minor units of the same currency. `account`: the country of the business. */
export function feeOf(amount: number, currency: string, cardCountry: string | null, account = 'US'): number {
  const tariff = cardTariff(account, cardCountry);
  return charged(amount, account === 'US' ? { ...tariff, fixed: fixedFee(currency) } : tariff);
}

/** Stripe's fee of a payment by this kind of method, wherever the business is. */
export function methodFee(
  amount: number,
  type: string,
  country: { card: string | null; account: string },
  currency: string,
): number {
  const tariff = METHODS.get(type);
  return tariff === undefined ? feeOf(amount, currency, country.card, country.account) : charged(amount, tariff);
}

export function disputeFee(currency: string): number {
  return DISPUTE.get(currency) ?? Math.round(15 * 10 ** exponentOf(currency));
}

function cardTariff(account: string, card: string | null): Tariff {
  const tariffs = CARDS.get(account) ?? CARDS.get('US') ?? cards([2.9, 30], [4.4, 30]);
  if (card === null || card === account) return tariffs.home;
  return tariffs.regions?.find(({ countries }) => countries.has(card))?.tariff ?? tariffs.abroad;
}

function fixedFee(currency: string): number {
  return FIXED.get(currency) ?? Math.round(0.3 * 10 ** exponentOf(currency));
}

function charged(amount: number, { percent, fixed, least = 0, most = Infinity }: Tariff): number {
  const fee = Math.round((amount * percent) / 100) + fixed;
  return Math.min(amount, Math.max(least, Math.min(most, fee)));
}
