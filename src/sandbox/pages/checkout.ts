import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Stripe from 'stripe';
import type { Api } from '../api.js';
import { settleIntent } from '../billing/intent-outcome.js';
import { intentOf } from '../billing/invoices.js';
import { shownAmount } from '../calc/currencies.js';
import { enterCode } from '../checkout/discounts.js';
import { submit } from '../checkout/submit.js';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { html, type Html } from '../html.js';
import { idOf } from '../objects.js';
import { authenticated } from '../payments/intents.js';
import { authenticatedSetup } from '../payments/setup-intents.js';
import type { Store } from '../store.js';
import { cardFields, cardGiven } from './card-field.js';
import { field, tried } from './forms.js';
import { notFound, problem, send } from './layout.js';
import { bankForm } from './parts.js';

type WithId = { Params: { id: string } };

/** Stands for checkout.stripe.com: https://docs.stripe.com/payments/checkout */
export function checkoutPages(server: FastifyInstance, { core }: Api): void {
  const { store } = core;
  server.get<WithId>('/c/pay/:id', (request, reply) => show(store, request.params.id, reply, undefined));
  server.post<WithId>('/c/pay/:id', (request, reply) => {
    const { id } = request.params;
    const session = store.get('checkout_session', id);
    if (session === undefined) return notFound(reply, 'customer');
    const given = submissionOf(session, store, request);
    const said =
      typeof given === 'string'
        ? given
        : tried(core, idOf(session.customer) ?? '', (context) => {
            submit(context, find(context, 'checkout_session', id), given);
            return lastError(context, id);
          });
    return said === undefined ? goOn(store, id, reply) : show(store, id, reply, said);
  });
  server.post<WithId>('/c/pay/:id/promotion', (request, reply) => {
    const { id } = request.params;
    const said = tried(core, idOf(store.get('checkout_session', id)?.customer) ?? '', (context) => {
      enterCode(context, openSession(context, id), field(request, 'code'));
    });
    return said === undefined ? reply.redirect(`/c/pay/${id}`, 303) : show(store, id, reply, said);
  });
  server.post<WithId>('/c/pay/:id/authenticate', (request, reply) => {
    const { id } = request.params;
    const succeeds = field(request, 'outcome') === 'succeed';
    const customer = idOf(store.get('checkout_session', id)?.customer) ?? '';
    const said = tried(core, customer, (context) => authenticate(context, id, succeeds));
    return said === undefined ? goOn(store, id, reply) : show(store, id, reply, said);
  });
}

/** Off to the shop when it is complete; else the page again. */
function goOn(store: Store, id: string, reply: FastifyReply): FastifyReply {
  const session = store.get('checkout_session', id);
  if (session?.status !== 'complete') return reply.redirect(`/c/pay/${id}`, 303);
  return reply.redirect((session.success_url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', id), 303);
}

function show(store: Store, id: string, reply: FastifyReply, said: string | undefined): FastifyReply {
  const session = store.get('checkout_session', id);
  if (session === undefined) return notFound(reply, 'customer');
  const within = 'customer';
  if (session.status !== 'open') {
    const body = html`<p>
      ${session.status === 'complete' ? 'You are all done here.' : 'This checkout session has expired.'}
    </p>`;
    return send(reply, { title: session.status === 'complete' ? 'Completed' : 'Expired', within, body });
  }
  const leadsTo = [session.success_url, session.cancel_url];
  if (waitsForBank(store, session))
    return send(reply, {
      title: 'Confirm with your bank',
      within,
      leadsTo,
      body: html`${problem(said)}${bankForm(`/c/pay/${id}/authenticate`)}`,
    });
  const title = session.mode === 'setup' ? 'Save a card' : session.mode === 'payment' ? 'Pay' : 'Subscribe';
  return send(reply, {
    title: said === undefined ? title : `Not done yet: ${title.toLowerCase()}`,
    within,
    leadsTo,
    status: said === undefined ? 200 : 402,
    body: form(store, session, said),
  });
}

function form(store: Store, session: Stripe.Checkout.Session, said: string | undefined): Html {
  const email = session.customer_details?.email ?? '';
  const currency = session.currency ?? 'usd';
  return html`${problem(said)}
    ${session.mode === 'setup' ? null : html`${order(store, session, currency)}${promotion(store, session)}`}
    <form method="post" action="/c/pay/${session.id}">
      <label for="email">E-mail</label>
      <input id="email" name="email" type="email" autocomplete="email" required value="${email}" />
      <label for="name">Name on card</label>
      <input id="name" name="name" autocomplete="cc-name" required value="${session.customer_details?.name ?? ''}" />
      ${needsCard(session) ? cardFields() : html`<p class="hint">No card is needed now.</p>`}
      <button class="main">${buttonOf(session, currency)}</button>
    </form>
    ${session.cancel_url === null ? null : html`<p><a href="${session.cancel_url}">Cancel and go back</a></p>`}`;
}

function order(store: Store, session: Stripe.Checkout.Session, currency: string): Html {
  const fact = store.get('checkout_fact', session.id);
  const items = fact?.items ?? [];
  const trial = fact?.trial_end ?? null;
  return html`<p class="total">${shownAmount(session.amount_total ?? 0, currency)}</p>
    ${trial === null ? null : html`<p>Free until ${new Date(trial * 1000).toISOString().slice(0, 10)}.</p>`}
    <table>
      <caption>
        What you get
      </caption>
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col" class="n">Quantity</th>
          <th scope="col" class="n">Amount</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (item) =>
            html`<tr>
              <td>${item.description}${rhythm(item)}</td>
              <td class="n">${item.quantity ?? 'by use'}</td>
              <td class="n">${shownAmount(item.amount_total, currency)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

/** A code can be entered, or the one that was can be taken back. */
function promotion(
  store: Store,
  { id, allow_promotion_codes, discounts, total_details, currency }: Stripe.Checkout.Session,
) {
  const off = total_details?.amount_discount ?? 0;
  const less = off === 0 ? null : html`<p>${shownAmount(off, currency ?? 'usd')} less by a discount.</p>`;
  if (allow_promotion_codes !== true) return html`${less}`;
  const code = store.get('promotion_code', idOf(discounts?.[0]?.promotion_code) ?? '')?.code;
  return html`${less}
    <form method="post" action="/c/pay/${id}/promotion">
      ${
        code === undefined
          ? html`<label for="code">Promotion code</label>
              <div class="row"><input id="code" name="code" autocomplete="off" required /><button>Apply</button></div>`
          : html`<input type="hidden" name="code" value="" /><button>Remove the code ${code}</button>`
      }
    </form>`;
}

function rhythm({ price }: Stripe.LineItem): string {
  const recurring = price?.recurring;
  if (!recurring) return '';
  const { interval, interval_count } = recurring;
  return interval_count === 1 ? `, per ${interval}` : `, every ${interval_count} ${interval}s`;
}

function submissionOf(session: Stripe.Checkout.Session, store: Store, request: FastifyRequest) {
  const [email, name] = [field(request, 'email'), field(request, 'name')];
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return 'Please give your e-mail address.';
  if (name === '') return 'Please give the name on the card.';
  if (waitsForBank(store, session)) return 'Your bank has to confirm first.';
  if (!needsCard(session)) return { email, name, card: null };
  const given = cardGiven(request);
  return 'card' in given ? { email, name, card: given.card } : given.problem;
}

/** https://docs.stripe.com/payments/checkout/free-trials#without-payment-method */
function needsCard({ mode, payment_method_collection, amount_total }: Stripe.Checkout.Session): boolean {
  if (amount_total !== 0) return true;
  return mode === 'setup' || (mode === 'subscription' && payment_method_collection !== 'if_required');
}

const VERBS = new Map(Object.entries({ book: 'Book', donate: 'Donate', subscribe: 'Subscribe' }));

function buttonOf({ mode, amount_total, submit_type }: Stripe.Checkout.Session, currency: string): string {
  if (mode === 'setup') return 'Save card';
  const verb = VERBS.get(submit_type ?? '');
  if (mode === 'subscription') return amount_total === 0 ? 'Start trial' : (verb ?? 'Subscribe');
  return `${verb ?? 'Pay'} ${shownAmount(amount_total ?? 0, currency)}`;
}

function waitsForBank(store: Store, session: Stripe.Checkout.Session): boolean {
  const intent = paymentIntentOf(store, session) ?? store.get('setup_intent', idOf(session.setup_intent) ?? '');
  return intent?.status === 'requires_action';
}

function paymentIntentOf(store: Store, session: Stripe.Checkout.Session): Stripe.PaymentIntent | undefined {
  if (session.mode !== 'subscription') return store.get('payment_intent', idOf(session.payment_intent) ?? '');
  const pending = store.get('checkout_fact', session.id)?.pending_subscription ?? '';
  const invoice = store.get('invoice', idOf(store.get('subscription', pending)?.latest_invoice) ?? '');
  return invoice === undefined ? undefined : intentOf({ store }, invoice);
}

function openSession(context: Context, id: string): Stripe.Checkout.Session {
  const session = find(context, 'checkout_session', id);
  if (session.status !== 'open') throw invalid('This checkout session is not open.');
  return session;
}

function authenticate(context: Context, id: string, succeeds: boolean): string | undefined {
  const session = find(context, 'checkout_session', id);
  const intent = paymentIntentOf(context.store, session);
  if (intent !== undefined) settleIntent(context, authenticated(context, intent, succeeds));
  else authenticatedSetup(context, find(context, 'setup_intent', idOf(session.setup_intent) ?? ''), succeeds);
  return lastError(context, id);
}

/** What the person has to know of the latest attempt, if it failed. */
function lastError(context: Context, id: string): string | undefined {
  const session = find(context, 'checkout_session', id);
  const setup = context.store.get('setup_intent', idOf(session.setup_intent) ?? '');
  const error = paymentIntentOf(context.store, session)?.last_payment_error ?? setup?.last_setup_error;
  return error?.message;
}
