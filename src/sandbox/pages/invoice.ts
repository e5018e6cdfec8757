import type { FastifyInstance, FastifyReply } from 'fastify';
import type Stripe from 'stripe';
import type { Api } from '../api.js';
import { collect } from '../billing/collect.js';
import { settleIntent } from '../billing/intent-outcome.js';
import { intentOf } from '../billing/invoices.js';
import { afterPaid } from '../billing/subscriptions.js';
import { shownAmount } from '../calc/currencies.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { html, type Html } from '../html.js';
import { authenticated } from '../payments/intents.js';
import { makeCard } from '../payments/payment-methods.js';
import type { Store } from '../store.js';
import { cardFields, cardGiven } from './card-field.js';
import { field, tried } from './forms.js';
import { bankForm, day } from './parts.js';
import { notFound, problem, send } from './layout.js';
import { invoiceText, receiptText } from './papers.js';
import { pdf } from './pdf.js';

type WithId = { Params: { id: string } };

/** Stands for invoice.stripe.com and pay.stripe.com: https://docs.stripe.com/invoicing/hosted-invoice-page */
export function invoicePages(server: FastifyInstance, { core }: Api): void {
  const { store } = core;
  server.get<WithId>('/invoices/:id', (request, reply) => show(store, request.params.id, reply, undefined));
  server.post<WithId>('/invoices/:id', (request, reply) => {
    const { id } = request.params;
    const given = cardGiven(request);
    if (store.get('invoice', id) === undefined) return notFound(reply, 'customer');
    const said = 'card' in given ? tried(core, id, (context) => pay(context, id, given.card)) : given.problem;
    return said === undefined ? reply.redirect(`/invoices/${id}`, 303) : show(store, id, reply, said);
  });
  server.post<WithId>('/invoices/:id/authenticate', (request, reply) => {
    const { id } = request.params;
    const succeeds = field(request, 'outcome') === 'succeed';
    const said = tried(core, id, (context) => {
      const intent = intentOf(context, find(context, 'invoice', id));
      if (intent === undefined) throw invalid('This invoice has nothing to authenticate.');
      const attempt = authenticated(context, intent, succeeds);
      settleIntent(context, attempt);
      return attempt.decline?.message;
    });
    return said === undefined ? reply.redirect(`/invoices/${id}`, 303) : show(store, id, reply, said);
  });
  server.get<WithId>('/invoices/:id/pdf', (request, reply) => {
    const invoice = store.get('invoice', request.params.id);
    return invoice === undefined ? notFound(reply, 'customer') : paper(reply, invoice.number, invoiceText(invoice));
  });
  server.get<WithId>('/receipts/:id', (request, reply) => {
    const charge = store.get('charge', request.params.id);
    if (charge === undefined || !charge.paid) return notFound(reply, 'customer');
    const body = html`<pre>${receiptText(charge).join('\n')}</pre>
      <p class="hint">Print this page, or save it, with your browser.</p>`;
    return send(reply, {
      title: `Receipt for ${shownAmount(charge.amount, charge.currency)}`,
      within: 'customer',
      body,
    });
  });
}

function show(store: Store, id: string, reply: FastifyReply, said: string | undefined): FastifyReply {
  const invoice = store.get('invoice', id);
  if (invoice === undefined || invoice.status === 'draft') return notFound(reply, 'customer');
  const waits = invoice.status === 'open' && intentOf({ store }, invoice)?.status === 'requires_action';
  const body = html`${problem(said)} ${state(invoice)} ${lines(invoice)}
    ${waits ? bankForm(`/invoices/${id}/authenticate`) : payable(invoice) ? form(invoice) : null}
    <p><a href="/invoices/${id}/pdf">Download invoice</a> ${receiptLink(store, invoice)}</p>`;
  const title = `Invoice ${invoice.number ?? id}`;
  return send(reply, {
    title: said === undefined ? title : `Not paid: ${title}`,
    within: 'customer',
    status: said === undefined ? 200 : 402,
    body,
  });
}

function payable({ status, amount_remaining }: Stripe.Invoice): boolean {
  return (status === 'open' || status === 'uncollectible') && amount_remaining > 0;
}

function state(invoice: Stripe.Invoice): Html {
  const { currency, status, due_date, customer_name, customer_email } = invoice;
  const amount = shownAmount(status === 'paid' ? invoice.amount_paid : invoice.amount_remaining, currency);
  const to = customer_name ?? customer_email;
  const shown = status === 'paid' ? 'Paid' : status === 'void' ? 'Void: nothing has to be paid' : 'To be paid';
  return html`<p class="total">${amount}</p>
    <p class="${status === 'paid' ? 'done' : ''}">
      ${shown}${status === 'open' && due_date !== null ? `, by ${day(due_date)}` : ''}.${to === null ? '' : ` For ${to}.`}
    </p>`;
}

function lines({ lines: { data }, currency, subtotal, total }: Stripe.Invoice): Html {
  return html`<table>
    <caption>
      What it is for
    </caption>
    <thead>
      <tr>
        <th scope="col">Item</th>
        <th scope="col" class="n">Amount</th>
      </tr>
    </thead>
    <tbody>
      ${data.map(
        (line) =>
          html`<tr>
            <td>
              ${line.description ?? ''}<br /><span class="hint"
                >${day(line.period.start)} to ${day(line.period.end)}</span
              >
            </td>
            <td class="n">${shownAmount(line.amount, currency)}</td>
          </tr>`,
      )}
      ${
        subtotal === total
          ? null
          : html`<tr>
              <th scope="row">Before discounts and taxes</th>
              <td class="n">${shownAmount(subtotal, currency)}</td>
            </tr>`
      }
      <tr>
        <th scope="row">Total</th>
        <td class="n">${shownAmount(total, currency)}</td>
      </tr>
    </tbody>
  </table>`;
}

function form({ id, amount_remaining, currency }: Stripe.Invoice): Html {
  return html`<form method="post" action="/invoices/${id}">
    ${cardFields()}<button class="main">Pay ${shownAmount(amount_remaining, currency)}</button>
  </form>`;
}

function receiptLink(store: Store, invoice: Stripe.Invoice): Html | null {
  const charge = intentOf({ store }, invoice)?.latest_charge;
  return invoice.status === 'paid' && typeof charge === 'string'
    ? html`· <a href="/receipts/${charge}">View receipt</a>`
    : null;
}

function pay(context: Context, id: string, card: string): string | undefined {
  const before = find(context, 'invoice', id);
  if (!payable(before)) throw invalid('This invoice cannot be paid any more.');
  const how = { offSession: false, byHand: true, method: makeCard(context, card) };
  const { invoice, attempt } = collect(context, before, how);
  if (invoice.status === 'paid') afterPaid(context, invoice);
  return attempt?.decline?.message;
}

function paper(reply: FastifyReply, number: string | null, text: string[]): FastifyReply {
  return reply
    .type('application/pdf')
    .header('content-disposition', `inline; filename="Invoice-${number ?? 'draft'}.pdf"`)
    .send(pdf(text));
}
