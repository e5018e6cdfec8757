import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.js';
import { html, type Html } from '../html.js';
import { INDEXES } from '../indexes.js';
import type { ObjectType } from '../objects.js';
import { isType, type Store } from '../store.js';
import { moment, sized } from './parts.js';
import { notFound, send } from './layout.js';

/** What the sandbox notes for itself, beside all `…_fact`. */
const HIDDEN = new Set<string>(['balance_sheet', 'due', 'meter_event', 'remembered_answer', 'spent_discount']);
const SHOWN_AT_ONCE = 200;
const SHOWN_RELATIONS = 50;

/** Objects by type, each with its JSON, what it names, and what names it. */
export function objectPages(server: FastifyInstance, { core: { store } }: Api): void {
  server.get<{ Params: { type: string } }>('/objects/:type', (request, reply) => {
    const { type } = request.params;
    return isShown(type)
      ? send(reply, { title: words(type), within: 'sandbox', body: objects(store, type) })
      : notFound(reply);
  });
  server.get<{ Params: { type: string; id: string } }>('/objects/:type/:id', (request, reply) => {
    const { type, id } = request.params;
    const object = isShown(type) ? store.get(type, id) : undefined;
    if (object === undefined) return notFound(reply);
    const body = html`${type === 'customer' ? html`<p><a href="/customers/${id}">On a time line</a></p>` : null}
      ${relations(store, id)}
      <h2>JSON</h2>
      <pre tabindex="0">${linked(store, id, withoutSecrets(object))}</pre>`;
    return send(reply, { title: id, within: 'sandbox', body });
  });
}

/** How many there are of each type that has any. */
export function typesTable(store: Store): Html {
  const types = Object.keys(INDEXES)
    .filter(isShown)
    .filter((type) => store.rows(type).length > 0);
  if (types.length === 0) return html`<p>There is nothing yet. Make a customer with your Stripe client.</p>`;
  return html`<table>
    <caption>
      Objects by type
    </caption>
    <thead>
      <tr>
        <th scope="col">Type</th>
        <th scope="col" class="n">How many</th>
      </tr>
    </thead>
    <tbody>
      ${types.map(
        (type) =>
          html`<tr>
            <th scope="row"><a href="/objects/${type}">${words(type)}</a></th>
            <td class="n">${sized(store.rows(type).length)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Where an object with this id can be looked at. */
export function objectLink(store: Store, id: string): string | null {
  const type = Object.keys(INDEXES)
    .filter(isShown)
    .find((one) => store.get(one, id) !== undefined);
  return type === undefined ? null : `/objects/${type}/${id}`;
}

function objects(store: Store, type: ObjectType): Html {
  const rows = store.rows(type);
  const newest = rows.slice(-SHOWN_AT_ONCE).toReversed();
  return html`<table>
    <caption>
      ${rows.length > newest.length ? `The newest ${newest.length} of ${sized(rows.length)}` : sized(rows.length)}
    </caption>
    <thead>
      <tr>
        <th scope="col">Id</th>
        <th scope="col">Created</th>
        <th scope="col">State</th>
      </tr>
    </thead>
    <tbody>
      ${newest.map(
        ({ value }) =>
          html`<tr>
            <th scope="row"><a href="/objects/${type}/${value.id}">${value.id}</a></th>
            <td>${'created' in value && typeof value.created === 'number' ? moment(value.created) : ''}</td>
            <td>${stateOf(value)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function stateOf(value: object): string {
  const name = ['status', 'name', 'email', 'nickname', 'description'].find((one) => one in value);
  const found = new Map<string, unknown>(Object.entries(value)).get(name ?? '');
  return typeof found === 'string' ? found : '';
}

/** Everything that is looked up by this id. */
function relations(store: Store, id: string): Html {
  const found = Object.keys(INDEXES)
    .filter(isShown)
    .flatMap((type) => {
      const rows = Object.keys(INDEXES[type]).flatMap((index) => store.rowsBy(type, index, id));
      const ids = [...new Set(rows.map(({ value }) => value.id))];
      return ids.length === 0 ? [] : [{ type, ids }];
    });
  if (found.length === 0) return html``;
  return html`<h2>What belongs to it</h2>
    <dl>
      ${found.map(
        ({ type, ids }) =>
          html`<dt>${words(type)}</dt>
            ${ids.slice(-SHOWN_RELATIONS).map((one) => html`<dd><a href="/objects/${type}/${one}">${one}</a></dd>`)}`,
      )}
    </dl>`;
}

/** Ids within are links to what they name. */
export function linked(store: Store, self: string, object: object): Html[] {
  return JSON.stringify(object, null, 2)
    .split(/("[a-z]+_[A-Za-z0-9_]+")/)
    .map((part) => {
      const named = part.slice(1, -1);
      const target = part.startsWith('"') && named !== self ? objectLink(store, named) : null;
      return target === null ? html`${part}` : html`"<a href="${target}">${named}</a>"`;
    });
}

function withoutSecrets(object: object): object {
  return 'secret' in object || 'old_secret' in object
    ? { ...object, secret: undefined, old_secret: undefined }
    : object;
}

export function words(type: string): string {
  return type.replaceAll('_', ' ');
}

function isShown(type: string): type is ObjectType {
  return isType(type) && !HIDDEN.has(type) && !type.endsWith('_fact');
}
