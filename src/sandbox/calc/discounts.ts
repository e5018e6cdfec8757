/** What a discount takes off: a percentage, or an amount in minor units. `products`: null means every product. */
export interface Reduction {
  id: string;
  percent_off: number | null;
  amount_off: number | null;
  products: readonly string[] | null;
}
/** Something that is charged for; only what is discountable and costs more than nothing is reduced. */
export interface Charged {
  amount: number;
  discountable: boolean;
  product: string | null;
  /** Its own discounts, which come before those of the whole invoice. */
  own: readonly Reduction[];
}
export interface TakenOff {
  discount: string;
  amount: number;
}

/**
 * What is taken off each line: its own discounts first, then those of the whole, each of what the ones before it left.
 * An amount is spread over the lines by what they cost: https://docs.stripe.com/billing/subscriptions/coupons
 */
export function discountLines(lines: readonly Charged[], whole: readonly Reduction[]): TakenOff[][] {
  const taken: TakenOff[][] = lines.map(() => []);
  const left = lines.map((line) => (line.discountable ? Math.max(0, line.amount) : 0));
  for (const [place, line] of lines.entries()) for (const reduction of line.own) take(reduction, [place]);
  for (const reduction of whole)
    take(
      reduction,
      lines.flatMap((line, place) => (covers(reduction, line) ? [place] : [])),
    );
  return taken;

  function take(reduction: Reduction, places: number[]): void {
    const weights = places.map((place) => left[place] ?? 0);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const shares =
      reduction.percent_off === null
        ? spread(Math.min(reduction.amount_off ?? 0, sum), weights)
        : spread(Math.round((sum * reduction.percent_off) / 100), weights);
    for (const [index, place] of places.entries()) {
      const amount = shares[index] ?? 0;
      left[place] = (left[place] ?? 0) - amount;
      if (lines[place]?.discountable === true) taken[place]?.push({ discount: reduction.id, amount });
    }
  }
}

/** Shares of a whole number by weight that add up to it; what rounding leaves goes to the largest remainders. */
export function spread(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum === 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const shares = exact.map(Math.floor);
  const order = exact
    .map((value, place) => ({ place, rest: value - Math.floor(value) }))
    .toSorted((one, other) => other.rest - one.rest || one.place - other.place);
  const missing = total - shares.reduce((all, share) => all + share, 0);
  for (const { place } of order.slice(0, Math.round(missing))) shares[place] = (shares[place] ?? 0) + 1;
  return shares;
}

function covers({ products }: Reduction, { product }: Charged): boolean {
  return products === null || (product !== null && products.includes(product));
}
