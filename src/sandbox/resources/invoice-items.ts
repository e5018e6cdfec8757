import Stripe from 'stripe';
import { oneTime } from '../billing/added-items.js';
import { createInvoiceItem } from '../billing/invoice-items.js';
import { redeem } from '../billing/discounts.js';
import { addLine, removeLine } from '../billing/draft-lines.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { currencyKind } from './prices.js';
import { discounts } from './discount-kind.js';
import { taxRatesOf } from './tax-rates.js';

const period = p.hash({ start: p.needed(p.timestamp), end: p.needed(p.timestamp) });
const createShape = {
  amount: p.integer,
  currency: currencyKind,
  customer: p.needed(p.text),
  description: p.note,
  discountable: p.flag,
  discounts,
  invoice: p.text,
  metadata: p.metadata,
  period,
  pricing: p.hash({ price: p.needed(p.text) }),
  quantity: p.atLeast(0),
  subscription: p.text,
  tax_rates: p.listOf(p.text),
};

export const invoiceItems = [
  route('POST', '/v1/invoiceitems', createShape, (context, params) => {
    find(context, 'customer', params.customer, 'customer');
    const { subscription, invoice } = params;
    if (subscription !== undefined) find(context, 'subscription', subscription, 'subscription');
    const { period: when, discountable } = params;
    const cost = whatItCosts(context, params);
    const { amount, currency } = cost;
    const owner = { customer: params.customer, currency, amount };
    const item = createInvoiceItem(context, {
      ...cost,
      discounts: redeem(context, params.discounts ?? [], [], owner, 'discounts'),
      tax_rates: taxRatesOf(context, params.tax_rates ?? [], 'tax_rates'),
      customer: params.customer,
      invoice: invoice ?? null,
      metadata: p.mergeMetadata({}, params.metadata),
      ...(when !== undefined && { period: when }),
      ...(discountable !== undefined && { discountable }),
      ...(subscription !== undefined && { subscription: { id: subscription } }),
    });
    if (invoice !== undefined) addLine(context, draftOf(context, invoice), item);
    return item;
  }),
  route(
    'GET',
    '/v1/invoiceitems',
    { ...pagingByTime, customer: p.text, invoice: p.text, pending: p.flag },
    (context, { created, customer, invoice, pending, ...page }) =>
      list(context, 'invoiceitem', page, {
        url: '/v1/invoiceitems',
        ...(customer !== undefined && { by: ['customer', customer] }),
        ...(invoice !== undefined && { by: ['invoice', invoice] }),
        where: (item) =>
          p.inRange(item.date, created) &&
          (customer === undefined || idOf(item.customer) === customer) &&
          (pending === undefined || (item.invoice === null) === pending),
      }),
  ),
  route('GET', '/v1/invoiceitems/:id', {}, (context, _params, id) => find(context, 'invoiceitem', id)),
  route(
    'POST',
    '/v1/invoiceitems/:id',
    { amount: p.integer, description: p.note, discounts, metadata: p.metadata, tax_rates: p.listOf(p.text) },
    (context, { discounts: wishes, metadata, tax_rates, ...params }, id) => {
      const before = open(context, id);
      const { amount, currency } = before;
      const owner = { customer: idOf(before.customer), currency, amount, invoice_item: id };
      const kept = (before.discounts ?? []).map((one) => idOf(one));
      const item = context.store.put('invoiceitem', {
        ...before,
        ...params,
        ...(wishes !== undefined && { discounts: redeem(context, wishes, kept, owner, 'discounts') }),
        ...(tax_rates !== undefined && { tax_rates: taxRatesOf(context, tax_rates, 'tax_rates') }),
        metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
      });
      const invoice = idOf(item.invoice);
      if (invoice !== null) {
        removeLine(context, draftOf(context, invoice), id);
        addLine(context, draftOf(context, invoice), item);
      }
      return item;
    },
  ),
  route('DELETE', '/v1/invoiceitems/:id', {}, (context, _params, id): Stripe.DeletedInvoiceItem => {
    const item = open(context, id);
    const invoice = idOf(item.invoice);
    if (invoice !== null) removeLine(context, draftOf(context, invoice), id);
    context.store.remove('invoiceitem', id);
    context.emit('invoiceitem.deleted', item);
    return { id, object: 'invoiceitem', deleted: true };
  }),
];

function whatItCosts(
  context: Context,
  { amount, currency, description, pricing, quantity }: p.Values<typeof createShape>,
) {
  if (pricing !== undefined) {
    const priced = oneTime(context, pricing.price, quantity ?? 1, 'pricing[price]');
    return { ...priced, description: description ?? priced.description };
  }
  if (amount === undefined)
    throw invalid('Missing required param: amount.', { code: 'parameter_missing', param: 'amount' });
  if (currency === undefined)
    throw invalid('Missing required param: currency.', { code: 'parameter_missing', param: 'currency' });
  return { amount, currency, description: description ?? null };
}

function draftOf(context: Context, id: string): Stripe.Invoice {
  const invoice = find(context, 'invoice', id, 'invoice');
  if (invoice.status !== 'draft') throw invalid('Invoice is no longer editable', { code: 'invoice_not_editable' });
  return invoice;
}

function open(context: Context, id: string): Stripe.InvoiceItem {
  const item = find(context, 'invoiceitem', id);
  const invoice = idOf(item.invoice);
  if (invoice !== null) draftOf(context, invoice);
  return item;
}
