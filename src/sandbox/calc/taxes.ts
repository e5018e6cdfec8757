export interface Rate {
  id: string;
  /** 20 means 20 % */
  percentage: number;
  inclusive: boolean;
}
export interface Tax {
  rate: string;
  inclusive: boolean;
  amount: number;
  /** What the tax is calculated on. */
  taxable: number;
}

/**
 * The taxes on an amount, in minor units, each rounded by itself (halves away from zero). Inclusive ones are part of the
 * amount, exclusive ones come on top: https://docs.stripe.com/billing/taxes/tax-rates#inclusive-vs-exclusive-tax
 */
export function taxesOn(amount: number, rates: readonly Rate[]): Tax[] {
  const percent = rates.filter(({ inclusive }) => inclusive).reduce((sum, { percentage }) => sum + percentage, 0);
  const exact = amount / (1 + percent / 100);
  const included = rates.map(({ inclusive, percentage }) => (inclusive ? rounded((exact * percentage) / 100) : 0));
  const taxable = amount - included.reduce((sum, tax) => sum + tax, 0);
  return rates.map(({ id, inclusive, percentage }, place) => ({
    rate: id,
    inclusive,
    amount: inclusive ? (included[place] ?? 0) : rounded((taxable * percentage) / 100),
    taxable,
  }));
}

/** Halves away from zero, and never a negative zero; what floating point leaves beyond a millionth is dropped. */
export function rounded(value: number): number {
  const size = Math.round(Number(Math.abs(value).toFixed(6)));
  return value < 0 && size > 0 ? -size : size;
}
