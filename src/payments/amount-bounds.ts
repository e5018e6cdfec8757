import { exponent } from './money.js';

export interface AmountBounds {
  /** Integers, minor units. */
  minimum: number;
  maximum: number;
  /** The amount has to be a multiple of this. */
  step: number;
}

/**
 * Stripe's table, by settlement currency. What has no row here is converted, and only Stripe knows at which rate: it
 * refuses what is too little then. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
 */
const MINIMUM = new Map(
  Object.entries({
    aed: 200,
    aud: 50,
    bgn: 100,
    brl: 50,
    cad: 50,
    chf: 50,
    czk: 1500,
    dkk: 250,
    eur: 50,
    gbp: 30,
    hkd: 400,
    huf: 17_500,
    inr: 50,
    jpy: 50,
    mxn: 1000,
    myr: 200,
    nok: 300,
    nzd: 50,
    pln: 200,
    ron: 200,
    sek: 300,
    sgd: 50,
    thb: 1000,
    usd: 50,
  }),
);
const EIGHT_DIGITS = 99_999_999;
const TWELVE_DIGITS = 999_999_999_999;

/** What Stripe takes for one payment. @param currency ISO 4217, any case */
export function amountBounds(currency: string): AmountBounds {
  const code = currency.toLowerCase();
  const step = stepOf(code);
  const largest = code === 'idr' ? TWELVE_DIGITS : EIGHT_DIGITS;
  return { minimum: minimumCharge(code), maximum: largest - (largest % step), step };
}

/** The least that can be charged, in minor units. */
export function minimumCharge(currency: string): number {
  const code = currency.toLowerCase();
  return MINIMUM.get(code) ?? stepOf(code);
}

/** What is wrong with this amount, naming the bound; null when it can be charged. */
export function amountFault(amount: number, currency: string): string | null {
  const { minimum, maximum, step } = amountBounds(currency);
  const code = currency.toUpperCase();
  if (amount < minimum) return `The least that can be charged in ${code} is ${minimum} (in the currency's minor unit).`;
  if (amount > maximum) return `The most that can be charged in ${code} is ${maximum} (in the currency's minor unit).`;
  return amount % step === 0
    ? null
    : `Amounts in ${code} have to be multiples of ${step} (in the currency's minor unit).`;
}

/**
 * ISK and UGX have no fractions any more, yet are still given in hundredths; of three decimals the last has to be 0.
 * https://docs.stripe.com/currencies#special-cases https://docs.stripe.com/currencies#three-decimal
 */
function stepOf(code: string): number {
  if (code === 'isk' || code === 'ugx') return 100;
  return exponent(code) === 3 ? 10 : 1;
}
