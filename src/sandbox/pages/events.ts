import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Api } from '../api.js';
import type { Core } from '../core.js';
import type { DeliveryReport } from '../deliveries.js';
import { html, type Html } from '../html.js';
import type { StoredEvent } from '../state.js';
import { queryOf } from './forms.js';
import { notFound, send } from './layout.js';
import { linked } from './objects.js';
import { moment } from './parts.js';

const PAGE = 100;
type WithId = { Params: { id: string } };

/** The event log, and what became of each event at the endpoints. */
export function eventPages(server: FastifyInstance, { core }: Api): void {
  server.get('/events', (request, reply) => events(core, reply, queryOf(request, 'type'), queryOf(request, 'before')));
  server.get<WithId>('/events/:id', (request, reply) => {
    const event = core.file.event(request.params.id);
    return event === undefined ? notFound(reply) : one(core, reply, event);
  });
  server.post<WithId>('/events/:id/resend', (request, reply) => {
    const event = core.file.event(request.params.id);
    if (event === undefined) return notFound(reply);
    core.deliveries.resend(event);
    return reply.redirect(`/events/${event.id}`, 303);
  });
  server.get('/deliveries', (_request, reply) => {
    const { waiting, failed } = core.deliveries.count();
    const body = html`<p>${waiting} on their way, ${failed} waiting to be tried again.</p>
      ${endpoints(core)} ${deliveries(core, core.deliveries.reports.slice(-PAGE).toReversed(), 'The latest attempts')}`;
    return send(reply, { title: 'Deliveries', within: 'sandbox', body });
  });
}

export function eventTable(found: StoredEvent[], caption: string): Html {
  if (found.length === 0) return html`<p>No events.</p>`;
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">When (UTC)</th>
        <th scope="col">Event</th>
        <th scope="col">Delivered</th>
      </tr>
    </thead>
    <tbody>
      ${found.map(
        ({ id, type, created, pending }) =>
          html`<tr>
            <td>${moment(created)}</td>
            <th scope="row"><a href="/events/${id}">${type}</a></th>
            <td>${pending === 0 ? 'yes' : `not yet (${pending})`}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function events({ file }: Core, reply: FastifyReply, type: string, before: string): FastifyReply {
  const cursor = file.event(before)?.seq;
  const found = file.events({
    types: type === '' ? [] : [type],
    gt: -Infinity,
    lt: Infinity,
    limit: PAGE + 1,
    ...(cursor !== undefined && { before: cursor }),
  });
  const last = found[PAGE - 1];
  const older = new URLSearchParams({ type, before: last?.id ?? '' }).toString();
  const body = html`<form method="get" action="/events" class="row" role="search">
      <div>
        <label for="type">Type (* stands for anything)</label>
        <input id="type" name="type" value="${type}" placeholder="invoice.*" />
      </div>
      <button>Show</button>
    </form>
    ${eventTable(found.slice(0, PAGE), 'Newest first')}
    ${found.length > PAGE ? html`<p><a href="/events?${older}">Older ones</a></p>` : null}`;
  return send(reply, { title: 'Events', within: 'sandbox', body });
}

function one(core: Core, reply: FastifyReply, event: StoredEvent): FastifyReply {
  const attempts = core.deliveries.reports.filter((report) => report.event === event.id);
  const object: object = JSON.parse(event.body);
  const body = html`<p>
      ${moment(event.created)} UTC, ${event.pending === 0 ? 'delivered' : `still to be delivered to ${event.pending}`}.
    </p>
    <form method="post" action="/events/${event.id}/resend"><button>Send again</button></form>
    ${attempts.length === 0 ? null : deliveries(core, attempts, 'Its attempts')}
    <h2>JSON</h2>
    <pre tabindex="0">${linked(core.store, event.id, object)}</pre>`;
  return send(reply, { title: event.type, within: 'sandbox', body });
}

function endpoints({ store }: Core): Html {
  const all = store.rows('webhook_endpoint');
  if (all.length === 0) return html`<p>No endpoint asks for events: POST /v1/webhook_endpoints.</p>`;
  return html`<ul>
    ${all.map(
      ({ value: { id, url, status, enabled_events } }) =>
        html`<li><a href="/objects/webhook_endpoint/${id}">${url}</a>, ${status}: ${enabled_events.join(', ')}</li>`,
    )}
  </ul>`;
}

function deliveries({ store }: Core, reports: DeliveryReport[], caption: string): Html {
  return html`<div class="scroll">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">Real time</th>
          <th scope="col">Event</th>
          <th scope="col">To</th>
          <th scope="col" class="n">Attempt</th>
          <th scope="col">Outcome</th>
          <th scope="col" class="n">ms</th>
        </tr>
      </thead>
      <tbody>
        ${reports.map(
          ({ at, attempt, endpoint, event, ms, outcome, status, type }) =>
            html`<tr>
              <td>${at.slice(0, 19).replace('T', ' ')}</td>
              <th scope="row"><a href="/events/${event}">${type}</a></th>
              <td>${store.get('webhook_endpoint', endpoint)?.url ?? endpoint}</td>
              <td class="n">${attempt}</td>
              <td class="${outcome === 'delivered' ? 'good' : 'bad'}">
                ${outcome}${status === null ? '' : ` (${status})`}
              </td>
              <td class="n">${ms}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
