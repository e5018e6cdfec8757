import type Stripe from 'stripe';
import { addLine, removeLine, renewLine } from '../billing/draft-lines.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { changeItem, draftOf, itemValues, makeItem } from './invoice-item-values.js';
import { currencyKind } from './prices.js';

const createShape = {
  ...itemValues,
  currency: currencyKind,
  customer: p.needed(p.text),
  invoice: p.text,
  subscription: p.text,
  unit_amount_decimal: p.decimal,
};

export const invoiceItems = [
  route('POST', '/v1/invoiceitems', createShape, (context, params) => {
    const { customer, currency, invoice, subscription, ...values } = params;
    find(context, 'customer', customer, 'customer');
    if (subscription !== undefined) find(context, 'subscription', subscription, 'subscription');
    const draft = invoice === undefined ? undefined : draftOf(context, invoice, 'invoice');
    const item = makeItem(context, { customer, currency, invoice: invoice ?? null, subscription }, values);
    if (draft !== undefined) addLine(context, draft, item);
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
  route('POST', '/v1/invoiceitems/:id', { ...itemValues, unit_amount_decimal: p.decimal }, (context, values, id) => {
    const item = changeItem(context, open(context, id), values);
    const invoice = idOf(item.invoice);
    if (invoice !== null) renewLine(context, draftOf(context, invoice), item);
    return item;
  }),
  route('DELETE', '/v1/invoiceitems/:id', {}, (context, _params, id): Stripe.DeletedInvoiceItem => {
    const item = open(context, id);
    const invoice = idOf(item.invoice);
    if (invoice !== null) removeLine(context, draftOf(context, invoice), id);
    context.store.remove('invoiceitem', id);
    context.emit('invoiceitem.deleted', item);
    return { id, object: 'invoiceitem', deleted: true };
  }),
];

function open(context: Context, id: string): Stripe.InvoiceItem {
  const item = find(context, 'invoiceitem', id);
  const invoice = idOf(item.invoice);
  if (invoice !== null) draftOf(context, invoice);
  return item;
}
