import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Stripe from 'stripe';
import type { Api } from '../api.js';
import { settleIntent } from '../billing/intent-outcome.js';
import { shownAmount } from '../calc/currencies.js';
import { find } from '../find.js';
import { html } from '../html.js';
import { authenticated } from '../payments/intents.js';
import { authenticatedSetup } from '../payments/setup-intents.js';
import { field, tried } from './forms.js';
import { notFound, problem, send } from './layout.js';
import { bankForm } from './parts.js';

type WithId = { Params: { id: string } };
type Intent = Stripe.PaymentIntent | Stripe.SetupIntent;
const KINDS = { payment_intents: 'payment_intent', setup_intents: 'setup_intent' } as const;

/** Stands for the bank, or the app, at which a payment or a saved card is approved: the `next_action` leads here. */
export function bankPages(server: FastifyInstance, { core }: Api): void {
  for (const [path, type] of Object.entries(KINDS)) {
    server.get<WithId>(`/_sandbox/${path}/:id/authenticate`, (request, reply) => {
      const intent = core.store.get(type, request.params.id);
      return intent === undefined ? notFound(reply, 'customer') : show(reply, intent, path, undefined);
    });
    server.post<WithId>(`/bank/${path}/:id`, (request: FastifyRequest<WithId>, reply) => {
      const { id } = request.params;
      const before = core.store.get(type, id);
      if (before === undefined) return notFound(reply, 'customer');
      const succeeds = field(request, 'outcome') === 'succeed';
      const said = tried(core, id, (context) => {
        if (type === 'payment_intent')
          settleIntent(context, authenticated(context, find(context, 'payment_intent', id), succeeds));
        else authenticatedSetup(context, find(context, 'setup_intent', id), succeeds);
      });
      const after = core.store.get(type, id) ?? before;
      const back = said === undefined ? returnUrl(before, after) : null;
      return back === null ? show(reply, after, path, said) : reply.redirect(back, 303);
    });
  }
}

function show(reply: FastifyReply, intent: Intent, path: string, said: string | undefined): FastifyReply {
  const waits = intent.status === 'requires_action';
  const what = 'amount' in intent ? shownAmount(intent.amount, intent.currency) : 'Saving your payment method';
  const body = html`${problem(said)}
    <p class="total">${what}</p>
    ${waits ? bankForm(`/bank/${path}/${intent.id}`) : html`<p class="done">Nothing is asked of you here (${intent.status}).</p>`}`;
  const leadsTo = [intent.next_action?.redirect_to_url?.return_url ?? null];
  return send(reply, { title: 'Confirm with your bank', within: 'customer', body, leadsTo });
}

/** Told as Stripe tells it: https://docs.stripe.com/payments/3d-secure/authentication-flow#return-url */
function returnUrl(before: Intent, after: Intent): string | null {
  const given = before.next_action?.redirect_to_url?.return_url ?? null;
  if (given === null || !URL.canParse(given)) return null;
  const url = new URL(given);
  url.searchParams.set(after.object, after.id);
  url.searchParams.set(`${after.object}_client_secret`, after.client_secret ?? '');
  url.searchParams.set('redirect_status', redirectStatus(after.status));
  return url.href;
}

function redirectStatus(status: string): string {
  if (status === 'succeeded' || status === 'requires_capture') return 'succeeded';
  return status === 'processing' ? 'pending' : 'failed';
}
