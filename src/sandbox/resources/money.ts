import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, paging, pagingByTime } from '../list.js';
import { idOf } from '../objects.js';
import * as p from '../params.js';
import { balance } from '../payments/bookings.js';
import { chargeOf } from '../payments/charges.js';
import { capture } from '../payments/intents.js';
import { cancelRefund, refund } from '../payments/refunds.js';
import { route } from '../route.js';

export const charges = [
  route(
    'GET',
    '/v1/charges',
    { ...pagingByTime, customer: p.text, payment_intent: p.text },
    (context, { created, customer, payment_intent, ...page }) =>
      list(context, 'charge', page, {
        url: '/v1/charges',
        ...(customer !== undefined && { by: ['customer', customer] }),
        ...(payment_intent !== undefined && { by: ['payment_intent', payment_intent] }),
        where: (charge) =>
          p.inRange(charge.created, created) && (customer === undefined || idOf(charge.customer) === customer),
      }),
  ),
  route('GET', '/v1/charges/:id', {}, (context, _params, id) => find(context, 'charge', id)),
  route(
    'POST',
    '/v1/charges/:id',
    { description: p.note, metadata: p.metadata, receipt_email: p.note },
    (context, { metadata, ...plain }, id) => {
      const before = find(context, 'charge', id);
      const after = context.store.put('charge', {
        ...before,
        ...plain,
        metadata: p.mergeMetadata(before.metadata, metadata),
      });
      context.emit('charge.updated', after, before);
      return after;
    },
  ),
  route(
    'POST',
    '/v1/charges/:id/capture',
    {
      amount: p.atLeast(1),
      receipt_email: p.note,
      statement_descriptor: p.text,
      statement_descriptor_suffix: p.text,
    },
    (context, { amount, receipt_email }, id) => {
      const charge = find(context, 'charge', id);
      if (charge.captured)
        throw invalid(`Charge ${id} has already been captured.`, { code: 'charge_already_captured' });
      const intent = find(context, 'payment_intent', idOf(charge.payment_intent) ?? '');
      capture(context, intent, amount ?? intent.amount_capturable);
      const captured = find(context, 'charge', id);
      return receipt_email === undefined ? captured : context.store.put('charge', { ...captured, receipt_email });
    },
  ),
];

export const refunds = [
  route(
    'POST',
    '/v1/refunds',
    {
      amount: p.atLeast(1),
      charge: p.text,
      payment_intent: p.text,
      metadata: p.metadata,
      reason: p.oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
      instructions_email: p.text,
    },
    (context, params) =>
      refund(context, refundable(context, params.charge, params.payment_intent), {
        amount: params.amount,
        reason: params.reason ?? null,
        metadata: p.mergeMetadata({}, params.metadata),
        instructions_email: params.instructions_email,
      }),
  ),
  route(
    'GET',
    '/v1/refunds',
    { ...pagingByTime, charge: p.text, payment_intent: p.text },
    (context, { created, charge, payment_intent, ...page }) =>
      list(context, 'refund', page, {
        url: '/v1/refunds',
        ...(charge !== undefined && { by: ['charge', charge] }),
        ...(payment_intent !== undefined && { by: ['payment_intent', payment_intent] }),
        where: (made) => p.inRange(made.created, created),
      }),
  ),
  route('GET', '/v1/refunds/:id', {}, (context, _params, id) => find(context, 'refund', id)),
  route('POST', '/v1/refunds/:id', { metadata: p.metadata }, (context, { metadata }, id) => {
    const before = find(context, 'refund', id);
    const after = context.store.put('refund', {
      ...before,
      metadata: p.mergeMetadata(before.metadata ?? {}, metadata),
    });
    context.emit('refund.updated', after, before);
    return after;
  }),
  route('POST', '/v1/refunds/:id/cancel', {}, (context, _params, id) =>
    cancelRefund(context, find(context, 'refund', id), 'cancel'),
  ),
  route('POST', '/v1/test_helpers/refunds/:id/expire', {}, (context, _params, id) =>
    cancelRefund(context, find(context, 'refund', id), 'expire'),
  ),
];

export const balances = [route('GET', '/v1/balance', {}, (context) => balance(context))];

export const balanceTransactions = [
  route(
    'GET',
    '/v1/balance_transactions',
    { ...pagingByTime, currency: p.text, source: p.text, type: p.text },
    (context, { created, currency, source, type, ...page }) =>
      list(context, 'balance_transaction', page, {
        url: '/v1/balance_transactions',
        ...(source !== undefined && { by: ['source', source] }),
        where: (transaction) =>
          p.inRange(transaction.created, created) &&
          (currency === undefined || transaction.currency === currency) &&
          (type === undefined || transaction.type === type),
      }),
  ),
  route('GET', '/v1/balance_transactions/:id', {}, (context, _params, id) => find(context, 'balance_transaction', id)),
];

export const invoicePayments = [
  route(
    'GET',
    '/v1/invoice_payments',
    {
      ...paging,
      created: p.range,
      invoice: p.text,
      payment: p.hash({ type: p.needed(p.oneOf('payment_intent')), payment_intent: p.text }),
      status: p.oneOf('canceled', 'open', 'paid'),
    },
    (context, { created, invoice, payment, status, ...page }) =>
      list(context, 'invoice_payment', page, {
        url: '/v1/invoice_payments',
        ...(invoice !== undefined && { by: ['invoice', invoice] }),
        ...(payment?.payment_intent !== undefined && { by: ['payment_intent', payment.payment_intent] }),
        where: (made) => p.inRange(made.created, created) && (status === undefined || made.status === status),
      }),
  ),
  route('GET', '/v1/invoice_payments/:id', {}, (context, _params, id) => find(context, 'invoice_payment', id)),
];

function refundable(context: Context, charge: string | undefined, intent: string | undefined): Stripe.Charge {
  if (charge !== undefined) return find(context, 'charge', charge, 'charge');
  if (intent === undefined)
    throw invalid('One of the following params should be provided for this request: payment_intent or charge.', {
      code: 'parameter_missing',
    });
  const found = chargeOf(context, find(context, 'payment_intent', intent, 'payment_intent'));
  if (found === undefined) throw invalid(`This PaymentIntent (${intent}) does not have a successful charge to refund.`);
  return found;
}
