import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { find } from '../find.js';
import { html, type Html } from '../html.js';
import * as actions from '../portal/actions.js';
import type { Visit } from '../portal/actions.js';
import { cardGiven } from './card-field.js';
import { field, tried } from './forms.js';
import { notFound, problem, send } from './layout.js';
import { Portal } from './portal-parts.js';

type WithId = { Params: { id: string; action: string } };

/** What each form of the page does; a returned text is why it was not done. */
const DO = new Map<string, (context: Context, visit: Visit, request: FastifyRequest) => string | void>(
  Object.entries({
    card: (context, visit, request) => {
      const given = cardGiven(request);
      if ('problem' in given) return given.problem;
      return actions.addCard(context, visit, given.card);
    },
    default: (context, visit, request) => actions.chooseCard(context, visit, field(request, 'method')),
    remove: (context, visit, request) => actions.removeCard(context, visit, field(request, 'method')),
    cancel: (context, visit, request) =>
      actions.cancel(context, visit, field(request, 'subscription'), field(request, 'feedback')),
    renew: (context, visit, request) => actions.renew(context, visit, field(request, 'subscription')),
    plan: (context, visit, request) =>
      actions.changePlan(context, visit, field(request, 'subscription'), field(request, 'price')),
    confirm: (context, visit) => actions.confirmUpdate(context, visit),
    details: (context, visit, request) =>
      actions.changeDetails(context, visit, {
        email: field(request, 'email'),
        name: field(request, 'name'),
        phone: field(request, 'phone'),
      }),
  } satisfies Record<string, (context: Context, visit: Visit, request: FastifyRequest) => string | void>),
);
/** The form that a deep link leads to, and what completes it. */
const FLOWS = new Map([
  ['payment_method_update', 'card'],
  ['subscription_cancel', 'cancel'],
  ['subscription_update', 'plan'],
  ['subscription_update_confirm', 'confirm'],
  ['customer_update', 'details'],
]);

/** Stands for billing.stripe.com: https://docs.stripe.com/customer-management */
export function portalPages(server: FastifyInstance, { core }: Api): void {
  server.get<WithId>('/p/session/:id', (request, reply) => show(request, reply, undefined));
  server.post<WithId>('/p/session/:id/:action', (request, reply) => {
    const { id, action } = request.params;
    const session = core.store.get('billing_portal_session', id);
    const act = DO.get(action);
    if (session === undefined || act === undefined) return notFound(reply, 'customer');
    const said = tried(core, session.customer, (context) => act(context, actions.visit(context, id), request));
    if (said !== undefined) return show(request, reply, said);
    const { flow } = session;
    if (flow === null || FLOWS.get(flow.type) !== action) return reply.redirect(`/p/session/${id}`, 303);
    const { type, redirect } = flow.after_completion;
    if (type === 'redirect' && redirect !== null) return reply.redirect(redirect.return_url, 303);
    return type === 'hosted_confirmation' ? confirmed(reply, flow) : reply.redirect(`/p/session/${id}?home=1`, 303);
  });

  function show(request: FastifyRequest<WithId>, reply: FastifyReply, said: string | undefined): FastifyReply {
    const { id } = request.params;
    const session = core.store.get('billing_portal_session', id);
    if (session === undefined) return notFound(reply, 'customer');
    let shown: { body: Html; leadsTo: (string | null)[] } = { body: html``, leadsTo: [] };
    const refused = tried(core, session.customer, (context) => {
      const visit = actions.visit(context, id);
      const { flow, return_url } = visit.session;
      const atHome = flow === null || /[?&]home=1/.test(request.url);
      const portal = new Portal(context, visit, find(context, 'customer', session.customer));
      shown = {
        body: atHome ? portal.home() : portal.flow(flow.type, FLOWS.get(flow.type) ?? ''),
        leadsTo: [return_url, flow?.after_completion.redirect?.return_url ?? null],
      };
    });
    const title = 'Your plan and billing';
    if (refused !== undefined)
      return send(reply, { title, within: 'customer', status: 400, body: html`${problem(refused)}` });
    const body = html`${problem(said)} ${shown.body}`;
    return send(reply, {
      title,
      within: 'customer',
      status: said === undefined ? 200 : 400,
      body,
      leadsTo: shown.leadsTo,
    });
  }
}

function confirmed(reply: FastifyReply, flow: NonNullable<Visit['session']['flow']>): FastifyReply {
  const message = flow.after_completion.hosted_confirmation?.custom_message ?? 'Your change has been made.';
  return send(reply, { title: 'Done', within: 'customer', body: html`<p class="done">${message}</p>` });
}
