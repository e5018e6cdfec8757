import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Api } from './api.js';
import { Html, html } from './html.js';
import { INDEXES } from './indexes.js';
import type { ObjectType } from './objects.js';
import { isType } from './store.js';

const HIDDEN = new Set<ObjectType>(['method_fact', 'due', 'remembered_answer']);
const STEPS = ['1h', '1d', '7d', '1mo', '1y'];

/** What is in the sandbox, for people: plain pages, no script. */
export function pages(server: FastifyInstance, api: Api): void {
  server.get('/', (_request, reply) => show(reply, 'Sandbox', overview(api)));
  server.get<{ Params: { type: string } }>('/objects/:type', (request, reply) => {
    const { type } = request.params;
    return isShown(type) ? show(reply, type, objects(api, type)) : notFound(reply);
  });
  server.get<{ Params: { type: string; id: string } }>('/objects/:type/:id', (request, reply) => {
    const { type, id } = request.params;
    const object = isShown(type) ? api.core.store.get(type, id) : undefined;
    return object === undefined ? notFound(reply) : show(reply, id, json(api, type, id, object));
  });
  server.get<{ Params: { id: string } }>('/events/:id', (request, reply) => {
    const event = api.core.file.event(request.params.id);
    if (event === undefined) return notFound(reply);
    const resend = html`<form method="post" action="/_sandbox/events/${event.id}/resend">
      <button>Send again</button>
    </form>`;
    return show(
      reply,
      event.type,
      html`${resend}
        <pre>${indented(event.body)}</pre>`,
    );
  });
  server.get<{ Params: { id: string } }>('/_sandbox/payment_intents/:id/authenticate', (request, reply) =>
    show(reply, 'Authentication', bank('payment_intents', request.params.id)),
  );
  server.get<{ Params: { id: string } }>('/_sandbox/setup_intents/:id/authenticate', (request, reply) =>
    show(reply, 'Authentication', bank('setup_intents', request.params.id)),
  );
}

function overview({ core }: Api): Html {
  const { now, mode, step } = core.clock.face();
  const events = core.file.events({ gt: -Infinity, lt: Infinity, limit: 50 });
  const types = Object.keys(INDEXES).filter(isShown);
  const { waiting, failed } = core.deliveries.count();
  return html`
    <section>
      <h2>Clock</h2>
      <p>
        <strong>${now.slice(0, 19).replace('T', ' ')} UTC</strong>, ${mode}, step ${step}.
        ${core.schedule.earliest() === undefined ? 'Nothing is due.' : html`Next due: ${nextDue(core.schedule.earliest()?.at ?? 0)}.`}
        Followers: ${core.followers.names().join(', ') || 'none'}.
      </p>
      <div class="row">
        ${STEPS.map((by) => html`<form method="post" action="/_sandbox/clock/advance"><button name="by" value="${by}">+${by}</button></form>`)}
      </div>
    </section>
    <section>
      <h2>Objects</h2>
      <table>
        ${types.map(
          (type) =>
            html`<tr>
              <td><a href="/objects/${type}">${type}</a></td>
              <td>${core.store.rows(type).length}</td>
            </tr>`,
        )}
      </table>
    </section>
    <section>
      <h2>Latest events</h2>
      <p>Deliveries: ${waiting} on their way, ${failed} waiting to be tried again.</p>
      <table>
        ${events.map(
          ({ id, type, created, pending }) =>
            html`<tr>
              <td>${moment(created)}</td>
              <td><a href="/events/${id}">${type}</a></td>
              <td>${pending === 0 ? '' : 'not delivered yet'}</td>
            </tr>`,
        )}
      </table>
    </section>
  `;
}

function objects({ core }: Api, type: ObjectType): Html {
  const newest = core.store.rows(type).slice(-200).toReversed();
  return html`<p>The newest ${newest.length} of ${core.store.rows(type).length}.</p>
    <table>
      ${newest.map(
        ({ value }) =>
          html`<tr>
            <td><a href="/objects/${type}/${value.id}">${value.id}</a></td>
            <td>${'status' in value && typeof value.status === 'string' ? value.status : ''}</td>
          </tr>`,
      )}
    </table>`;
}

/** Ids within are links to what they name. */
function json({ core }: Api, type: string, id: string, object: object): Html {
  const shown = type === 'webhook_endpoint' ? { ...object, secret: undefined } : object;
  const linked = indented(JSON.stringify(shown))
    .split(/("[a-z]+_[A-Za-z0-9]+")/)
    .map((part) => {
      const named = part.slice(1, -1);
      const target = Object.keys(INDEXES).find((name) => isShown(name) && core.store.get(name, named) !== undefined);
      return target === undefined || named === id
        ? html`${part}`
        : html`"<a href="/objects/${target}/${named}">${named}</a>"`;
    });
  return html`<pre>${linked}</pre>`;
}

/** Stands for the bank at which a cardholder authenticates. */
function bank(kind: string, id: string): Html {
  return html`<p>${id} asks its cardholder to authenticate.</p>
    <form method="post" action="/_sandbox/${kind}/${id}/authenticate" class="row">
      <button name="outcome" value="succeed">Complete authentication</button>
      <button name="outcome" value="fail">Fail authentication</button>
    </form>`;
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}' +
  'td{padding:.15rem 1rem .15rem 0;vertical-align:top}pre{overflow:auto;background:#f4f4f5;padding:1rem}.row{display:flex;gap:.5rem;flex-wrap:wrap}' +
  'button{font:inherit;padding:.3rem .8rem}@media(prefers-color-scheme:dark){body{background:#18181b;color:#eee}pre{background:#27272a}a{color:#93c5fd}}';

function show(reply: FastifyReply, title: string, body: Html): FastifyReply {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title} · Good Standing sandbox</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <nav><a href="/">Good Standing sandbox</a></nav>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
  return reply
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
    .type('text/html; charset=utf-8')
    .send(page.text);
}

function notFound(reply: FastifyReply): FastifyReply {
  return show(reply.status(404), 'Not found', html`<p>There is nothing of this name here.</p>`);
}

function isShown(type: string): type is ObjectType {
  return isType(type) && !HIDDEN.has(type);
}

function indented(text: string): string {
  return JSON.stringify(JSON.parse(text), null, 2);
}

function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function nextDue(seconds: number): string {
  return `${moment(seconds)} UTC`;
}
