/** https://docs.stripe.com/currencies#zero-decimal */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '));
/** https://docs.stripe.com/currencies#three-decimal */
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));
/** https://docs.stripe.com/currencies#presentment-currencies (three-letter codes that Stripe charges in) */
const TWO_DECIMAL = new Set(
  (
    'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop ' +
    'crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs ' +
    'khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen ' +
    'pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu ' +
    'uzs wst xcd yer zar zmw'
  ).split(' '),
);
/** https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const MINIMUM = new Map(
  Object.entries({
    usd: 50,
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
    huf: 17500,
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
  }),
);

/** Lower-case ISO code that Stripe charges in. */
export function isCurrency(code: string): boolean {
  return TWO_DECIMAL.has(code) || ZERO_DECIMAL.has(code) || THREE_DECIMAL.has(code);
}

/** How many digits of the amount stand behind the point. */
export function exponentOf(currency: string): 0 | 2 | 3 {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** The least that can be charged, in minor units; where Stripe states none, the worth of one unit of the amount. */
export function minimumCharge(currency: string): number {
  return MINIMUM.get(currency) ?? 1;
}

/** At most eight digits; twelve where a unit is worth little: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
export function maximumCharge(currency: string): number {
  return currency === 'idr' ? 999_999_999_999 : 99_999_999;
}

/** `1050, 'usd'` → `$10.50`; for descriptions only. */
export function shownAmount(amount: number, currency: string): string {
  const exponent = exponentOf(currency);
  const format =
    FORMATS.get(currency) ??
    new Intl.NumberFormat('en-US', {
      style: 'currency',
      currency: currency.toUpperCase(),
      minimumFractionDigits: exponent,
      maximumFractionDigits: exponent,
    });
  FORMATS.set(currency, format);
  return format.format(amount / 10 ** exponent);
}

/** Making one takes a hundred times as long as using it. */
const FORMATS = new Map<string, Intl.NumberFormat>();
