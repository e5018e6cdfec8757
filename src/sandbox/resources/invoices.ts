import type Stripe from 'stripe';
import { markUncollectible, voidInvoice } from '../billing/close-invoice.js';
import { attachPayment } from '../billing/attach-payment.js';
import { markPaid } from '../billing/collect.js';
import { finalizeInvoice } from '../billing/finalize.js';
import { createInvoice, HOUR, updateInvoice } from '../billing/invoices.js';
import { redeem } from '../billing/discounts.js';
import { payNow, settled } from '../billing/pay-invoice.js';
import { withDefaultRates, withTotals } from '../billing/totals.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { subscriptionOf } from '../indexes.js';
import { list, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { route } from '../route.js';
import { invoiceLines } from './invoice-lines.js';
import { invoicePreview } from './invoice-preview.js';
import { currencyKind } from './prices.js';
import { taxRatesOf } from './tax-rates.js';
import { discounts as discountsKind } from './discount-kind.js';

const fields = {
  auto_advance: p.flag,
  collection_method: p.oneOf('charge_automatically', 'send_invoice'),
  days_until_due: p.atLeast(0),
  default_payment_method: p.note,
  default_tax_rates: p.listOf(p.text),
  description: p.note,
  discounts: discountsKind,
  due_date: p.timestamp,
  footer: p.note,
  metadata: p.metadata,
  statement_descriptor: p.text,
};
const DAY = 86_400;

export const invoices = [
  ...invoiceLines,
  invoicePreview,
  route(
    'POST',
    '/v1/invoices',
    {
      ...fields,
      currency: currencyKind,
      customer: p.needed(p.text),
      pending_invoice_items_behavior: p.oneOf('exclude', 'include'),
      subscription: p.text,
    },
    (context, params) => {
      const customer = find(context, 'customer', params.customer, 'customer');
      const subscription =
        params.subscription === undefined ? null : find(context, 'subscription', params.subscription, 'subscription');
      const draft = createInvoice(context, {
        customer: customer.id,
        currency: params.currency ?? subscription?.currency ?? customer.currency ?? 'usd',
        reason: 'manual',
        subscription,
        period: { start: context.now, end: context.now },
        lines: () => [],
        takesPendingItems: params.pending_invoice_items_behavior === 'include',
        finalizesByItself: params.auto_advance ?? false,
      });
      return context.store.put('invoice', {
        ...draft,
        ...changesOf(context, draft, p.only(fields, params)),
      });
    },
  ),
  route(
    'GET',
    '/v1/invoices',
    {
      ...pagingByTime,
      collection_method: fields.collection_method,
      customer: p.text,
      status: p.oneOf('draft', 'open', 'paid', 'uncollectible', 'void'),
      subscription: p.text,
      due_date: p.range,
    },
    (context, { created, collection_method: method, customer, due_date, status, subscription, ...page }) =>
      list(context, 'invoice', page, {
        url: '/v1/invoices',
        ...(customer !== undefined && { by: ['customer', customer] }),
        ...(subscription !== undefined && { by: ['subscription', subscription] }),
        where: (invoice) =>
          p.inRange(invoice.created, created) &&
          (due_date === undefined || (invoice.due_date !== null && p.inRange(invoice.due_date, due_date))) &&
          (method === undefined || invoice.collection_method === method) &&
          (customer === undefined || idOf(invoice.customer) === customer) &&
          (status === undefined || invoice.status === status),
      }),
  ),
  route('GET', '/v1/invoices/:id', {}, (context, _params, id) => find(context, 'invoice', id)),
  route('POST', '/v1/invoices/:id', fields, (context, params, id) => {
    const before = find(context, 'invoice', id);
    return updateInvoice(context, before, changesOf(context, before, params));
  }),
  route('DELETE', '/v1/invoices/:id', {}, (context, _params, id): Stripe.DeletedInvoice => {
    const invoice = find(context, 'invoice', id);
    if (invoice.status !== 'draft' || subscriptionOf(invoice) !== null)
      throw invalid('You can only delete draft invoices that are not of a subscription.', {
        code: 'invoice_not_editable',
      });
    context.schedule.clear('invoice.finalize', id);
    context.store.remove('invoice', id);
    context.emit('invoice.deleted', invoice);
    return { id, object: 'invoice', deleted: true };
  }),
  route('POST', '/v1/invoices/:id/finalize', { auto_advance: p.flag }, (context, { auto_advance }, id) => {
    const draft = find(context, 'invoice', id);
    const invoice = finalizeInvoice(context, { ...draft, auto_advance: auto_advance ?? draft.auto_advance ?? false });
    return invoice.amount_due === 0 ? settled(context, markPaid(context, invoice, 0)) : invoice;
  }),
  route(
    'POST',
    '/v1/invoices/:id/pay',
    { off_session: p.flag, paid_out_of_band: p.flag, payment_method: p.text },
    (context, params, id) => payNow(context, find(context, 'invoice', id), params),
  ),
  route('POST', '/v1/invoices/:id/attach_payment', { payment_intent: p.needed(p.text) }, (context, params, id) =>
    attachPayment(context, find(context, 'invoice', id), params.payment_intent),
  ),
  route('POST', '/v1/invoices/:id/send', {}, (context, _params, id) => {
    const invoice = find(context, 'invoice', id);
    const open = invoice.status === 'draft' ? finalizeInvoice(context, invoice) : invoice;
    context.emit('invoice.sent', open);
    return open;
  }),
  route('POST', '/v1/invoices/:id/void', {}, (context, _params, id) =>
    voidInvoice(context, find(context, 'invoice', id)),
  ),
  route('POST', '/v1/invoices/:id/mark_uncollectible', {}, (context, _params, id) =>
    markUncollectible(context, find(context, 'invoice', id)),
  ),
];

/** Other discounts or tax rates change what a draft asks for; a finalized invoice keeps them. */
function chargedAnew(
  context: Context,
  before: Stripe.Invoice,
  { default_tax_rates, discounts }: Pick<p.Values<typeof fields>, 'default_tax_rates' | 'discounts'>,
): Partial<Stripe.Invoice> {
  if (default_tax_rates === undefined && discounts === undefined) return {};
  if (before.status !== 'draft') throw invalid('Invoice is no longer editable', { code: 'invoice_not_editable' });
  const owner = {
    customer: idOf(before.customer) ?? '',
    currency: before.currency,
    amount: before.subtotal,
    invoice: before.id,
  };
  const kept = before.discounts.map((one) => idOf(one));
  const rates = default_tax_rates && taxRatesOf(context, default_tax_rates, 'default_tax_rates');
  return withTotals(context, {
    ...(rates === undefined ? before : withDefaultRates(before, rates)),
    ...(discounts !== undefined && { discounts: redeem(context, discounts, kept, owner, 'discounts') }),
  });
}

function changesOf(context: Context, before: Stripe.Invoice, params: p.Values<typeof fields>): Partial<Stripe.Invoice> {
  const { auto_advance, collection_method, days_until_due, due_date, default_payment_method, ...rest } = params;
  const { metadata, default_tax_rates, discounts, ...plain } = rest;
  refuseDue(before, params);
  if (typeof default_payment_method === 'string')
    find(context, 'payment_method', default_payment_method, 'default_payment_method');
  const finalizes = auto_advance === true && before.status === 'draft';
  if (finalizes) context.schedule.set('invoice.finalize', before.id, context.now + HOUR);
  if (auto_advance === false) context.schedule.clear('invoice.finalize', before.id);
  return {
    ...plain,
    ...(auto_advance !== undefined && {
      auto_advance,
      automatically_finalizes_at: finalizes ? context.now + HOUR : null,
    }),
    ...(collection_method !== undefined && { collection_method }),
    ...(days_until_due !== undefined && { due_date: context.now + days_until_due * DAY }),
    ...(due_date !== undefined && { due_date }),
    ...(default_payment_method !== undefined && { default_payment_method }),
    ...chargedAnew(context, before, { default_tax_rates, discounts }),
    metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
  };
}

/** When it is due is only said of one that is sent: https://docs.stripe.com/api/invoices/update#update_invoice-due_date */
function refuseDue(
  before: Stripe.Invoice,
  { collection_method, days_until_due, due_date }: p.Values<typeof fields>,
): void {
  if (collection_method !== undefined && before.status !== 'draft')
    throw invalid('Invoice is no longer editable', { code: 'invoice_not_editable', param: 'collection_method' });
  if (days_until_due !== undefined && due_date !== undefined)
    throw invalid('You may only specify one of these parameters: days_until_due, due_date.', { param: 'due_date' });
  const param = due_date === undefined ? 'days_until_due' : 'due_date';
  if ((due_date ?? days_until_due) !== undefined && (collection_method ?? before.collection_method) !== 'send_invoice')
    throw invalid(`\`${param}\` needs \`collection_method=send_invoice\`.`, { param });
}
