import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Stripe from 'stripe';
import type { Api } from '../api.js';
import { settleIntent, settleLater } from '../billing/intent-outcome.js';
import { shownAmount } from '../calc/currencies.js';
import type { Context } from '../context.js';
import type { Core } from '../core.js';
import { find } from '../find.js';
import { html, type Html } from '../html.js';
import { verifyDebit } from '../methods/debits.js';
import { returnAddress } from '../methods/pages.js';
import { expireVoucher, payVoucher } from '../methods/vouchers.js';
import { authenticated } from '../payments/intents.js';
import { verifySetup } from '../payments/setup-intents.js';
import { field, tried } from './forms.js';
import { notFound, problem, send, type Page } from './layout.js';

type WithId = { Params: { id: string } };
type Intent = Stripe.PaymentIntent | Stripe.SetupIntent;

/** Stands for the pages that a payer is sent to, or scans: https://docs.stripe.com/testing#redirects */
export function approvePages(server: FastifyInstance, { core }: Api): void {
  const { store } = core;
  const paid = '/_sandbox/payment_intents/:id/approve';
  server.get<WithId>(paid, (request, reply) => show(reply, store.get('payment_intent', request.params.id), undefined));
  server.post<WithId>(paid, (request, reply) => {
    const { id } = request.params;
    const before = store.get('payment_intent', id);
    const said = tried(core, id, (context) => act(context, id, request));
    const after = store.get('payment_intent', id);
    return said === undefined && before !== undefined ? sendBack(reply, before, after) : show(reply, after, said);
  });
  const setUp = '/_sandbox/setup_intents/:id/approve';
  server.get<WithId>(setUp, (request, reply) => show(reply, store.get('setup_intent', request.params.id), undefined));
  server.post<WithId>(setUp, (request, reply) => verifyAccount(core, request.params.id, request, reply));
}

function act(context: Context, id: string, request: FastifyRequest): void {
  const intent = find(context, 'payment_intent', id);
  const succeeds = field(request, 'outcome') === 'succeed';
  const type = intent.next_action?.type ?? '';
  if (type === 'verify_with_microdeposits') settleIntent(context, verifyDebit(context, intent, depositsIn(request)));
  else if (type.endsWith('_display_details'))
    settleLater(context, succeeds ? payVoucher(context, id) : expireVoucher(context, id));
  else settleIntent(context, authenticated(context, intent, succeeds));
}

function verifyAccount(core: Core, id: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const said = tried(core, id, (context) => {
    verifySetup(context, find(context, 'setup_intent', id), depositsIn(request));
  });
  return show(reply, core.store.get('setup_intent', id), said);
}

/** `SM11AA`, or two amounts in cents: `32 45`. */
function depositsIn(request: FastifyRequest): { descriptor_code: string } | { amounts: number[] } {
  const given = field(request, 'deposits').toUpperCase();
  return given.startsWith('SM') ? { descriptor_code: given } : { amounts: (given.match(/\d+/g) ?? []).map(Number) };
}

/** Back to the shop, which learns there how it went. */
function sendBack(
  reply: FastifyReply,
  before: Stripe.PaymentIntent,
  after: Stripe.PaymentIntent | undefined,
): FastifyReply {
  const to = returnOf(before);
  const address =
    to === null ? undefined : returnAddress('payment_intent', before, to, after?.status !== 'requires_payment_method');
  return address === undefined ? show(reply, after, undefined) : reply.redirect(address, 303);
}

function show(reply: FastifyReply, intent: Intent | undefined, said: string | undefined): FastifyReply {
  if (intent === undefined) return notFound(reply, 'customer');
  const type = intent.next_action?.type;
  const status = said === undefined ? 200 : 400;
  const page: Pick<Page, 'leadsTo' | 'status' | 'within'> = { within: 'customer', status, leadsTo: [returnOf(intent)] };
  if (type === undefined || intent.status !== 'requires_action')
    return send(reply, {
      ...page,
      title: 'Nothing left to do',
      body: html`<p role="status">This is ${intent.status.replaceAll('_', ' ')}.</p>`,
    });
  if (type === 'verify_with_microdeposits')
    return send(reply, { ...page, title: 'Verify your bank account', body: html`${problem(said)}${deposits()}` });
  const voucher = type.endsWith('_display_details');
  const body = html`${problem(said)} ${amountOf(intent)} ${voucher ? lines(intent) : null}
  ${buttons(voucher ? ['Pay the voucher', 'Let it expire'] : ['Authorize test payment', 'Fail test payment'])}`;
  return send(reply, { ...page, title: voucher ? 'Your voucher' : 'Approve the payment', body });
}

function buttons([succeed, fail]: readonly [string, string]): Html {
  return html`<form method="post">
    <button class="main" name="outcome" value="succeed">${succeed}</button>
    <p><button name="outcome" value="fail">${fail}</button></p>
  </form>`;
}

function deposits(): Html {
  return html`<form method="post">
    <label for="deposits">The code in the statement, or the two amounts in cents</label>
    <input id="deposits" name="deposits" autocomplete="off" aria-describedby="hint" required />
    <p id="hint" class="hint">SM11AA, or 32 and 45, verify a test account.</p>
    <button class="main">Verify</button>
  </form>`;
}

function amountOf(intent: Intent): Html | null {
  return intent.object === 'payment_intent'
    ? html`<p class="total">${shownAmount(intent.amount, intent.currency)}</p>`
    : null;
}

function lines(intent: Intent): Html | null {
  if (intent.object !== 'payment_intent') return null;
  const {
    oxxo_display_details: oxxo,
    boleto_display_details: boleto,
    konbini_display_details: konbini,
  } = intent.next_action ?? {};
  const number = oxxo?.number ?? boleto?.number ?? konbini?.stores.familymart?.payment_code ?? null;
  const until = oxxo?.expires_after ?? boleto?.expires_at ?? konbini?.expires_at ?? null;
  return html`<dl>
    <dt>Number</dt>
    <dd>${number}</dd>
    <dt>To be paid until</dt>
    <dd>${until === null ? '' : `${new Date(until * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`}</dd>
  </dl>`;
}

function returnOf(intent: Intent): string | null {
  if (intent.object !== 'payment_intent') return null;
  const { redirect_to_url, alipay_handle_redirect } = intent.next_action ?? {};
  return redirect_to_url?.return_url ?? alipay_handle_redirect?.return_url ?? null;
}
