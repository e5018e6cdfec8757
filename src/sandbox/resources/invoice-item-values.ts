import Stripe from 'stripe';
import { oneTime } from '../billing/added-items.js';
import { redeem } from '../billing/discounts.js';
import { createInvoiceItem, type InvoiceItemDraft } from '../billing/invoice-items.js';
import { pricingOf } from '../billing/lines.js';
import { rounded } from '../calc/taxes.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { discounts } from './discount-kind.js';
import { oneTimeData, priceIfAny } from './price-data.js';
import { taxRatesOf } from './tax-rates.js';

/** What an invoice item may be given, at its creation and later, by itself or as an invoice's line. */
export const sharedValues = {
  amount: p.integer,
  description: p.note,
  discountable: p.flag,
  discounts,
  metadata: p.metadata,
  period: p.hash({ start: p.needed(p.timestamp), end: p.needed(p.timestamp) }),
  price_data: oneTimeData,
  quantity: p.atLeast(0),
  tax_rates: p.listOf(p.text),
};
export const itemValues = { ...sharedValues, pricing: p.hash({ price: p.needed(p.text) }) };
type Values = p.Values<typeof itemValues> & { unit_amount_decimal?: string; price?: string };
interface Owner {
  customer: string;
  /** The invoice's, where it is on one. */
  currency: string | undefined;
  invoice?: string | null;
  subscription?: string | undefined;
}
type Cost = Pick<InvoiceItemDraft, 'amount' | 'description' | 'price' | 'quantity'> & { currency: string | undefined };

export function makeItem(context: Context, owner: Owner, values: Values, param = ''): Stripe.InvoiceItem {
  const label = (name: string) => (param === '' ? name : `${param}[${name}]`);
  const cost = costOf(context, values, undefined, owner.currency, label);
  if (cost === undefined) throw needed(label('amount'));
  const currency = owner.currency ?? cost.currency;
  if (currency === undefined) throw needed(label('currency'));
  const { discountable, period, subscription } = { ...values, subscription: owner.subscription };
  const discounted = { customer: owner.customer, currency, amount: cost.amount };
  return createInvoiceItem(context, {
    ...cost,
    currency,
    description: values.description ?? cost.description,
    discounts: redeem(context, values.discounts ?? [], [], discounted, label('discounts')),
    tax_rates: taxRatesOf(context, values.tax_rates ?? [], label('tax_rates')),
    customer: owner.customer,
    invoice: owner.invoice ?? null,
    metadata: p.mergeMetadata({}, values.metadata),
    ...(period !== undefined && { period }),
    ...(discountable !== undefined && { discountable }),
    ...(subscription !== undefined && { subscription: { id: subscription } }),
  });
}

export function changeItem(
  context: Context,
  before: Stripe.InvoiceItem,
  values: Values,
  param = '',
): Stripe.InvoiceItem {
  const label = (name: string) => (param === '' ? name : `${param}[${name}]`);
  const { description, discountable, discounts: wishes, metadata, period, tax_rates } = values;
  const cost = costOf(context, values, before, before.currency, label);
  const owner = {
    customer: idOf(before.customer),
    currency: before.currency,
    amount: cost?.amount ?? before.amount,
    invoice_item: before.id,
  };
  const kept = (before.discounts ?? []).map((one) => idOf(one));
  return context.store.put('invoiceitem', {
    ...before,
    ...(cost !== undefined && costFields(cost)),
    ...(description !== undefined && { description }),
    ...(discountable !== undefined && { discountable }),
    ...(period !== undefined && { period }),
    ...(wishes !== undefined && { discounts: redeem(context, wishes, kept, owner, label('discounts')) }),
    ...(tax_rates !== undefined && { tax_rates: taxRatesOf(context, tax_rates, label('tax_rates')) }),
    metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
  });
}

function costFields({ amount, price, quantity = 1 }: Cost): Partial<Stripe.InvoiceItem> {
  return {
    amount,
    net_amount: amount,
    pricing: price === undefined ? null : pricingOf(price),
    quantity,
    quantity_decimal: Stripe.Decimal.from(quantity),
  };
}

/** An amount, an amount for each, or a price; a quantity alone is of the price that is there. */
function costOf(
  context: Context,
  { amount, price, price_data, pricing, quantity, unit_amount_decimal }: Values,
  before: Stripe.InvoiceItem | undefined,
  currency: string | undefined,
  label: (name: string) => string,
): Cost | undefined {
  const given = priceIfAny(context, { price: price ?? pricing?.price, price_data }, label('').replace(/\[?\]?$/, ''));
  if ([amount, unit_amount_decimal, given].filter((one) => one !== undefined).length > 1)
    throw invalid('You may only specify one of these parameters: amount, unit_amount_decimal, price.', {
      param: label('amount'),
    });
  // Stripe's documentation does not say what an amount is beside a quantity.
  if (amount !== undefined && quantity !== undefined)
    throw invalid('You may only specify one of these parameters: amount, quantity.', { param: label('quantity') });
  if (amount !== undefined) return { amount, currency: undefined, description: null };
  const units = quantity ?? before?.quantity ?? 1;
  if (unit_amount_decimal !== undefined)
    return {
      amount: rounded(Number(unit_amount_decimal) * units),
      currency: undefined,
      description: null,
      quantity: units,
    };
  const known = given ?? idOf(before?.pricing?.price_details?.price);
  if (quantity === undefined && given === undefined) return undefined;
  if (known === null || known === undefined) return perUnit(before, units);
  return oneTime(
    context,
    known,
    units,
    currency,
    pricing === undefined ? label('price') : `${label('pricing')}[price]`,
  );
}

function perUnit(before: Stripe.InvoiceItem | undefined, quantity: number): Cost | undefined {
  if (before === undefined || before.quantity === 0) return undefined;
  const amount = rounded((before.amount / before.quantity) * quantity);
  return { amount, currency: before.currency, description: before.description, quantity };
}

function needed(param: string) {
  return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

/** A draft, which alone can be changed. */
export function draftOf(context: Context, id: string, param?: string): Stripe.Invoice {
  const invoice = find(context, 'invoice', id, param);
  if (invoice.status !== 'draft') throw invalid('Invoice is no longer editable', { code: 'invoice_not_editable' });
  return invoice;
}
