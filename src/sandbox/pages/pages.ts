import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.js';
import { html } from '../html.js';
import type { Turning } from '../turning.js';
import { bankPages } from './bank.js';
import { checkoutPages } from './checkout.js';
import { clockPages, face, hands } from './clock.js';
import { customerPages } from './customers.js';
import { eventPages, eventTable } from './events.js';
import { invoicePages } from './invoice.js';
import { send } from './layout.js';
import { mischiefPages } from './mischief.js';
import { objectPages, typesTable } from './objects.js';
import { portalPages } from './portal.js';

const LATEST = 25;

/** What is in the sandbox, for people, and the pages that stand for Stripe's own: plain pages, no script. */
export function pages(server: FastifyInstance, api: Api, turning: Turning): void {
  const { core } = api;
  server.get('/', (_request, reply) => {
    const latest = core.file.events({ gt: -Infinity, lt: Infinity, limit: LATEST });
    const missing = [...api.unsupported];
    const body = html`${face(core)} ${hands()}
      <h2>Objects</h2>
      ${typesTable(core.store)}
      <h2>Events</h2>
      ${eventTable(latest, 'The latest')}
      ${
        missing.length === 0
          ? null
          : html`<h2>Asked for, and not here</h2>
              <ul>
                ${missing.map(([what, times]) => html`<li>${what} (${times})</li>`)}
              </ul>`
      }`;
    return send(reply, { title: 'Sandbox', within: 'sandbox', body });
  });
  clockPages(server, api, turning);
  customerPages(server, api);
  eventPages(server, api);
  mischiefPages(server, api);
  objectPages(server, api);
  bankPages(server, api);
  checkoutPages(server, api);
  invoicePages(server, api);
  portalPages(server, api);
}
