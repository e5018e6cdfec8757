/**
 * Stripe's exponents, which are not Intl's: Intl has 0 for HUF and COP, where Stripe counts hundredths, so an amount
 * would be shown 100 times too high. ISK and UGX have no decimals any more, yet Stripe still takes them in hundredths
 * that are always 00; HUF and TWD lack decimals in payouts only. https://docs.stripe.com/currencies#special-cases
 */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));

/** How many decimal digits separate Stripe's integer amount from the currency's unit. @param currency ISO 4217, any case */
export function exponent(currency: string): 0 | 2 | 3 {
  const code = currency.toLowerCase();
  if (ZERO_DECIMAL.has(code)) return 0;
  return THREE_DECIMAL.has(code) ? 3 : 2;
}

/**
 * "€49.00", "49,00 €": an integer amount in Stripe's minor unit as people of the locale write it. Decimals that the
 * currency does not use are shown only when they are not zero.
 * @param locale BCP 47
 */
export function formatMoney(amount: number, currency: string, locale: string): string {
  const digits = exponent(currency);
  const inUse = new Intl.NumberFormat(locale, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    trailingZeroDisplay: (inUse ?? digits) < digits ? 'stripIfInteger' : 'auto',
  });
  return format.format(amount / 10 ** digits);
}
