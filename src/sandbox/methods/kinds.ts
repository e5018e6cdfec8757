/** How one kind of payment method works: https://docs.stripe.com/payments/payment-methods/payment-method-support */
export interface MethodKind {
  flow: 'card' | 'debit' | 'voucher' | 'page';
  /** What it can be charged in; absent: everything. */
  currencies?: readonly string[];
  /** Where the business has to be; absent: everywhere. */
  businesses?: readonly string[];
  /** The least and the most that one payment may be, in minor units. */
  amounts?: readonly [number, number];
  /** Can be saved with a customer and charged again. */
  reusable?: boolean;
  /** How its refunds go: at once, some days later, only after the customer told where to, or not at all. */
  refunds: 'instant' | 'pending' | 'by_email' | 'none';
  /** Business days until a payment is known to have succeeded in live mode. */
  settles?: number;
  /** Billing details without which it cannot be made. */
  asks?: readonly ('name' | 'email' | 'address')[];
}

const EEA = 'AT BE BG CY CZ DE DK EE ES FI FR GI GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK CH GB'.split(
  ' ',
);
const EURO = ['eur'];
const LOCAL_BANKS = [...EEA, 'US', 'CA', 'AU', 'NZ', 'HK', 'JP', 'SG', 'MX'];

export const KINDS = {
  card: { flow: 'card', reusable: true, refunds: 'instant' },
  link: { flow: 'card', reusable: true, refunds: 'instant' },
  // https://docs.stripe.com/payments/sepa-debit
  sepa_debit: {
    flow: 'debit',
    currencies: EURO,
    businesses: LOCAL_BANKS,
    reusable: true,
    refunds: 'pending',
    settles: 5,
    asks: ['name', 'email'],
  },
  // https://docs.stripe.com/payments/payment-methods/bacs-debit
  bacs_debit: {
    flow: 'debit',
    currencies: ['gbp'],
    businesses: EEA,
    reusable: true,
    refunds: 'pending',
    settles: 3,
    asks: ['name', 'email', 'address'],
  },
  // https://docs.stripe.com/payments/au-becs-debit
  au_becs_debit: {
    flow: 'debit',
    currencies: ['aud'],
    businesses: ['AU'],
    reusable: true,
    refunds: 'pending',
    settles: 3,
    asks: ['name', 'email'],
  },
  // https://docs.stripe.com/payments/ach-direct-debit
  us_bank_account: {
    flow: 'debit',
    currencies: ['usd'],
    businesses: ['US'],
    reusable: true,
    refunds: 'pending',
    settles: 4,
    asks: ['name'],
  },
  // https://docs.stripe.com/payments/acss-debit
  acss_debit: {
    flow: 'debit',
    currencies: ['cad', 'usd'],
    businesses: ['CA', 'US'],
    reusable: true,
    refunds: 'pending',
    settles: 5,
    asks: ['name', 'email'],
  },
  // https://docs.stripe.com/payments/oxxo
  oxxo: {
    flow: 'voucher',
    currencies: ['mxn'],
    businesses: ['MX', 'US'],
    amounts: [1000, 1_000_000],
    refunds: 'none',
    asks: ['name', 'email'],
  },
  // https://docs.stripe.com/payments/boleto
  boleto: {
    flow: 'voucher',
    currencies: ['brl'],
    businesses: ['BR', 'US'],
    amounts: [500, 4_999_999],
    refunds: 'by_email',
    asks: ['name', 'email', 'address'],
  },
  // https://docs.stripe.com/payments/konbini
  konbini: {
    flow: 'voucher',
    currencies: ['jpy'],
    businesses: ['JP'],
    amounts: [120, 300_000],
    refunds: 'by_email',
    asks: ['name', 'email'],
  },
  // https://docs.stripe.com/payments/ideal
  ideal: { flow: 'page', currencies: EURO, businesses: LOCAL_BANKS, refunds: 'instant' },
  // https://docs.stripe.com/payments/bancontact
  bancontact: { flow: 'page', currencies: EURO, businesses: LOCAL_BANKS, refunds: 'instant', asks: ['name'] },
  // https://docs.stripe.com/payments/eps
  eps: { flow: 'page', currencies: EURO, businesses: LOCAL_BANKS, refunds: 'instant', asks: ['name'] },
  // https://docs.stripe.com/payments/p24
  p24: { flow: 'page', currencies: ['eur', 'pln'], businesses: LOCAL_BANKS, refunds: 'instant', asks: ['email'] },
  // https://docs.stripe.com/payments/alipay
  alipay: {
    flow: 'page',
    currencies: ['aud', 'cad', 'cny', 'eur', 'gbp', 'hkd', 'jpy', 'myr', 'nzd', 'sgd', 'usd'],
    businesses: [...LOCAL_BANKS, 'MY'],
    refunds: 'instant',
  },
  // https://docs.stripe.com/payments/wechat-pay
  wechat_pay: {
    flow: 'page',
    currencies: ['aud', 'cad', 'chf', 'cny', 'dkk', 'eur', 'gbp', 'hkd', 'jpy', 'nok', 'sek', 'sgd', 'usd'],
    businesses: LOCAL_BANKS,
    refunds: 'instant',
  },
  // https://docs.stripe.com/payments/grabpay
  grabpay: { flow: 'page', currencies: ['myr', 'sgd'], businesses: ['MY', 'SG'], refunds: 'instant' },
  // https://docs.stripe.com/payments/fpx
  fpx: { flow: 'page', currencies: ['myr'], businesses: ['MY'], amounts: [200, 3_000_000], refunds: 'pending' },
  // https://docs.stripe.com/payments/paynow
  paynow: { flow: 'page', currencies: ['sgd'], businesses: ['SG'], refunds: 'instant' },
} satisfies Record<string, MethodKind>;

export type MethodType = keyof typeof KINDS;
export type DebitType = { [T in MethodType]: (typeof KINDS)[T]['flow'] extends 'debit' ? T : never }[MethodType];
export const TYPES = Object.keys(KINDS).filter(isMethodType);

/** Gone for good; refused wherever they are named. */
const RETIRED = new Map([
  // https://docs.stripe.com/payments/giropay, in Stripe's words: https://github.com/woocommerce/woocommerce-gateway-stripe/issues/3257
  ['giropay', 'Giropay'],
  // https://docs.stripe.com/payments/sofort
  ['sofort', 'Sofort'],
]);

export function isMethodType(name: string): name is MethodType {
  return Object.hasOwn(KINDS, name);
}

export function kindOf(type: string): MethodKind {
  if (!isMethodType(type)) throw new Error(`no payment method is a ${type}`);
  return KINDS[type];
}

/** What to say of a method that once was; undefined: it never was, or is. */
export function retirement(type: string): string | undefined {
  const name = RETIRED.get(type);
  return name === undefined
    ? undefined
    : `${name} is deprecated and can no longer be used for payment acceptance. Please refer to https://docs.stripe.com/payments/${type}`;
}
