import type Stripe from 'stripe';
import { discountLines, type Charged, type TakenOff } from '../calc/discounts.js';
import { taxesOn, type Rate, type Tax } from '../calc/taxes.js';
import type { Context } from '../context.js';
import { idOf } from '../objects.js';
import { reductionOf } from './discounts.js';

type Line = Stripe.InvoiceLineItem;
type LineTax = Stripe.InvoiceLineItem.Tax;

/**
 * A draft with everything that follows from its lines, discounts and tax rates. A line that names its own tax rates
 * keeps them, the others take the invoice's: https://docs.stripe.com/invoicing/taxes/tax-rates
 */
export function withTotals(context: Context, draft: Stripe.Invoice): Stripe.Invoice {
  const lines = draft.lines.data;
  const discounts = draft.discounts.map((one) => idOf(one));
  const taken = discountLines(
    lines.map((line) => chargedBy(context, line)),
    discounts.map((id) => reductionOf(context, id, draft.currency)),
  );
  const priced = lines.map((line, place) => priceLine(context, draft, line, taken[place] ?? []));
  const subtotal = sum(lines.map((line, place) => line.amount - sumOwn(line, taken[place] ?? [])));
  const off = sum(taken.flat().map(({ amount }) => amount));
  const taxes = priced.flatMap((line) => line.taxes ?? []);
  const exclusive = sum(taxes.filter(isExclusive).map(({ amount }) => amount));
  const total = sum(lines.map(({ amount }) => amount)) - off + exclusive;
  return {
    ...draft,
    amount_due: Math.max(0, total),
    amount_remaining: Math.max(0, total),
    lines: { ...draft.lines, data: priced },
    subtotal,
    subtotal_excluding_tax: sum(
      lines.map((line, place) => withoutTax(context, draft, line, line.amount - sumOwn(line, taken[place] ?? []))),
    ),
    total,
    total_discount_amounts: added(taken.flat()),
    total_excluding_tax: total - sum(taxes.map(({ amount }) => amount)),
    total_pretax_credit_amounts: added(taken.flat()).map((one) => ({ ...one, type: 'discount' })),
    total_taxes: addedTaxes(taxes),
  };
}

/** Lines that named the old rates only by default take the new ones. */
export function withDefaultRates(draft: Stripe.Invoice, rates: Stripe.TaxRate[]): Stripe.Invoice {
  const old = draft.default_tax_rates.map(({ id }) => id).join();
  const data = draft.lines.data.map((line) =>
    (line.taxes ?? []).map(({ tax_rate_details }) => tax_rate_details?.tax_rate).join() === old
      ? { ...line, taxes: [] }
      : line,
  );
  return { ...draft, default_tax_rates: rates, lines: { ...draft.lines, data } };
}

function chargedBy(context: Context, line: Line): Charged {
  return {
    amount: line.amount,
    discountable: line.discountable,
    product: line.pricing?.price_details?.product ?? null,
    own: line.discounts.map((one) => reductionOf(context, idOf(one), line.currency)),
  };
}

function priceLine(context: Context, draft: Stripe.Invoice, line: Line, taken: TakenOff[]): Line {
  const net = line.amount - sum(taken.map(({ amount }) => amount));
  return {
    ...line,
    discount_amounts: taken.map(({ amount, discount }) => ({ amount, discount })),
    pretax_credit_amounts: taken.map(({ amount, discount }) => ({ amount, discount, type: 'discount' })),
    taxes: taxesOn(net, ratesOf(context, draft, line)).map((tax) => shownTax(draft, tax, net)),
  };
}

/** Exempt customers pay none, and of a reverse charge they pay it themselves: https://docs.stripe.com/billing/taxes/tax-rates */
function shownTax({ customer_tax_exempt }: Stripe.Invoice, tax: Tax, net: number): LineTax {
  const free = customer_tax_exempt === 'exempt' || customer_tax_exempt === 'reverse';
  const reason = customer_tax_exempt === 'reverse' ? 'reverse_charge' : 'customer_exempt';
  return {
    amount: free ? 0 : tax.amount,
    tax_behavior: tax.inclusive ? 'inclusive' : 'exclusive',
    tax_rate_details: { tax_rate: tax.rate },
    taxability_reason: free ? reason : 'not_available',
    taxable_amount: free ? net : tax.taxable,
    type: 'tax_rate_details',
  };
}

function ratesOf(context: Context, draft: Stripe.Invoice, line: Line): Rate[] {
  const own = (line.taxes ?? []).flatMap(({ tax_rate_details }) => {
    const rate = context.store.get('tax_rate', tax_rate_details?.tax_rate ?? '');
    return rate === undefined ? [] : [rate];
  });
  return own.length > 0 ? own : draft.default_tax_rates;
}

function withoutTax(context: Context, draft: Stripe.Invoice, line: Line, amount: number): number {
  const [tax] = taxesOn(amount, ratesOf(context, draft, line));
  const free = draft.customer_tax_exempt === 'exempt' || draft.customer_tax_exempt === 'reverse';
  return tax === undefined || free ? amount : tax.taxable;
}

/** Only the line's own discounts count into the subtotal: https://docs.stripe.com/api/invoices/object#invoice_object-subtotal */
function sumOwn(line: Line, taken: TakenOff[]): number {
  const own = new Set(line.discounts.map((one) => idOf(one)));
  return sum(taken.filter(({ discount }) => own.has(discount)).map(({ amount }) => amount));
}

function added(taken: TakenOff[]): TakenOff[] {
  const sums = new Map<string, number>();
  for (const { discount, amount } of taken) sums.set(discount, (sums.get(discount) ?? 0) + amount);
  return [...sums].map(([discount, amount]) => ({ discount, amount }));
}

function addedTaxes(taxes: LineTax[]): Stripe.Invoice.TotalTax[] {
  const sums = new Map<string, LineTax>();
  for (const tax of taxes) {
    const rate = tax.tax_rate_details?.tax_rate ?? '';
    const before = sums.get(rate);
    sums.set(rate, {
      ...tax,
      amount: tax.amount + (before?.amount ?? 0),
      taxable_amount: (tax.taxable_amount ?? 0) + (before?.taxable_amount ?? 0),
    });
  }
  return [...sums.values()];
}

function isExclusive({ tax_behavior }: LineTax): boolean {
  return tax_behavior === 'exclusive';
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
