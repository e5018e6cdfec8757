import type { FastifyInstance, FastifyReply } from 'fastify';
import type Stripe from 'stripe';
import type { Api } from '../api.js';
import { shownAmount } from '../calc/currencies.js';
import type { Core } from '../core.js';
import { html, type Html } from '../html.js';
import type { Due } from '../objects.js';
import type { StoredEvent } from '../state.js';
import { queryOf } from './forms.js';
import { hands } from './clock.js';
import { notFound, send } from './layout.js';
import { objectLink, words } from './objects.js';
import { moment, sized } from './parts.js';

const LISTED = 100;
const TOLD = 300;

/** Customers, each on a time line: what happened, and what is due. */
export function customerPages(server: FastifyInstance, { core }: Api): void {
  server.get('/customers', (request, reply) => all(core, reply, queryOf(request, 'q')));
  server.get<{ Params: { id: string } }>('/customers/:id', (request, reply) => {
    const customer = core.store.get('customer', request.params.id);
    return customer === undefined ? notFound(reply) : one(core, reply, customer);
  });
}

function all({ store }: Core, reply: FastifyReply, wanted: string): FastifyReply {
  const matches = ({ id, name, email }: Stripe.Customer) =>
    wanted === '' || `${id} ${name ?? ''} ${email ?? ''}`.toLowerCase().includes(wanted.toLowerCase());
  const rows = store.rows('customer').filter(({ value }) => matches(value));
  const shown = rows.slice(-LISTED).toReversed();
  const body = html`<form method="get" action="/customers" class="row" role="search">
      <div>
        <label for="q">Name, e-mail or id</label>
        <input id="q" name="q" type="search" value="${wanted}" />
      </div>
      <button>Find</button>
    </form>
    <table>
      <caption>
        ${rows.length > shown.length ? `The newest ${LISTED} of ${sized(rows.length)}` : sized(rows.length)}
      </caption>
      <thead>
        <tr>
          <th scope="col">Customer</th>
          <th scope="col">E-mail</th>
          <th scope="col">Subscriptions</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ value }) =>
            html`<tr>
              <th scope="row"><a href="/customers/${value.id}">${value.name ?? value.id}</a></th>
              <td>${value.email ?? ''}</td>
              <td>${store.by('subscription', 'customer', value.id).map(({ status }) => html`${status} `)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  return send(reply, { title: 'Customers', within: 'sandbox', body });
}

function one(core: Core, reply: FastifyReply, customer: Stripe.Customer): FastifyReply {
  const events = core.file.eventsAbout(customer.id, TOLD);
  const due = dueFor(core, customer.id).toReversed();
  const body = html`<p>${customer.email ?? ''} <a href="/objects/customer/${customer.id}">${customer.id}</a></p>
    ${hands()}
    <h2>To come</h2>
    ${
      due.length === 0
        ? html`<p>Nothing is due.</p>`
        : html`<ol class="time" reversed>
            ${due.map((item) => dueItem(core, item))}
          </ol>`
    }
    <h2>Until now</h2>
    <ol class="time" reversed>
      ${events.map((event) => eventItem(core, event))}
    </ol>`;
  return send(reply, { title: customer.name ?? customer.id, within: 'sandbox', body });
}

function dueFor({ store }: Core, customer: string): Due[] {
  const targets = new Set([
    ...store.by('subscription', 'customer', customer).map(({ id }) => id),
    ...store.by('invoice', 'customer', customer).map(({ id }) => id),
    ...store.by('checkout_session', 'customer', customer).map(({ id }) => id),
  ]);
  const found = store.rows('due').filter(({ value }) => targets.has(value.target));
  return found.map(({ value }) => value).toSorted((a, b) => a.at - b.at);
}

function dueItem({ store }: Core, { at, kind, target }: Due): Html {
  const link = objectLink(store, target);
  return html`<li>
    ${moment(at)} ${words(kind.replace('.', ': '))} ${link === null ? null : html`<a href="${link}">${target}</a>`}
  </li>`;
}

function eventItem({ store }: Core, { id, type, created, body }: StoredEvent): Html {
  const { data }: { data: { object: Told } } = JSON.parse(body);
  const { object } = data;
  const link = typeof object.id === 'string' ? objectLink(store, object.id) : null;
  return html`<li>
    ${moment(created)}
    <a href="/events/${id}">${type}</a> ${link === null ? null : html`<a href="${link}">${object.id ?? null}</a>`}
    <span class="soft">${gist(object)}</span>
  </li>`;
}

interface Told {
  id?: string;
  status?: string | null;
  currency?: string | null;
  amount?: number;
  total?: number;
  last_payment_error?: { message?: string } | null;
}

function gist({ status, currency, amount, total, last_payment_error }: Told): string {
  const money = amount ?? total;
  const parts = [
    money === undefined || typeof currency !== 'string' ? null : shownAmount(money, currency),
    status,
    last_payment_error?.message,
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}
