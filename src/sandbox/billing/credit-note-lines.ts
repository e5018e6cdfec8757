import Stripe from 'stripe';
import { rounded, taxesOn } from '../calc/taxes.js';
import type { Context } from '../context.js';
import { invalid, missing } from '../errors.js';

type CreditLine = Stripe.CreditNoteLineItem;
export type CreditWish =
  | { type: 'invoice_line_item'; invoice_line_item: string; quantity?: number; amount?: number }
  | { type: 'custom_line_item'; description: string; quantity: number; unit_amount: number; rates: Stripe.TaxRate[] };

/** What is credited of an invoice's line, with its part of the discounts and taxes, or something of its own. */
export function creditLine(context: Context, invoice: Stripe.Invoice, wish: CreditWish, param: string): CreditLine {
  return wish.type === 'invoice_line_item' ? partOfLine(context, invoice, wish, param) : customLine(context, wish);
}

function partOfLine(
  context: Context,
  invoice: Stripe.Invoice,
  wish: Extract<CreditWish, { type: 'invoice_line_item' }>,
  param: string,
): CreditLine {
  const line = invoice.lines.data.find(({ id }) => id === wish.invoice_line_item);
  if (line === undefined) throw missing('invoice line item', wish.invoice_line_item, `${param}[invoice_line_item]`);
  const whole = line.quantity ?? 1;
  const share = wish.amount === undefined ? (wish.quantity ?? whole) / whole : wish.amount / line.amount;
  if (share > 1)
    throw invalid('The credit exceeds what the invoice line item was for.', {
      param: `${param}[${wish.amount === undefined ? 'quantity' : 'amount'}]`,
    });
  const part = (amount: number) => rounded(amount * share);
  const discount_amounts = (line.discount_amounts ?? []).map((one) => ({ ...one, amount: part(one.amount) }));
  return {
    ...blankLine(context, 'invoice_line_item', part(line.amount)),
    description: line.description,
    discount_amount: discount_amounts.reduce((sum, { amount }) => sum + amount, 0),
    discount_amounts,
    invoice_line_item: line.id,
    pretax_credit_amounts: discount_amounts.map((one) => ({ ...one, type: 'discount' })),
    quantity: wish.amount === undefined ? (wish.quantity ?? whole) : null,
    tax_rates: (line.taxes ?? []).flatMap(({ tax_rate_details }) => {
      const rate = context.store.get('tax_rate', tax_rate_details?.tax_rate ?? '');
      return rate === undefined ? [] : [rate];
    }),
    taxes: (line.taxes ?? []).map((tax) => ({
      ...tax,
      amount: part(tax.amount),
      taxable_amount: part(tax.taxable_amount ?? 0),
    })),
    unit_amount: null,
    unit_amount_decimal: null,
  };
}

function customLine(
  context: Context,
  { description, quantity, rates, unit_amount }: Extract<CreditWish, { type: 'custom_line_item' }>,
): CreditLine {
  const amount = unit_amount * quantity;
  return {
    ...blankLine(context, 'custom_line_item', amount),
    description,
    quantity,
    tax_rates: rates,
    taxes: taxesOn(amount, rates).map((tax) => ({
      amount: tax.amount,
      tax_behavior: tax.inclusive ? 'inclusive' : 'exclusive',
      tax_rate_details: { tax_rate: tax.rate },
      taxability_reason: 'not_available',
      taxable_amount: tax.taxable,
      type: 'tax_rate_details',
    })),
    unit_amount,
    unit_amount_decimal: Stripe.Decimal.from(unit_amount),
  };
}

function blankLine(context: Context, type: CreditLine['type'], amount: number): CreditLine {
  return {
    id: context.ids.next('cnli', 24),
    object: 'credit_note_line_item',
    amount,
    description: null,
    discount_amount: 0,
    discount_amounts: [],
    livemode: false,
    metadata: {},
    pretax_credit_amounts: [],
    quantity: null,
    tax_rates: [],
    taxes: [],
    type,
    unit_amount: null,
    unit_amount_decimal: null,
  };
}
