import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Api } from '../api.js';
import { later } from '../calc/durations.js';
import type { Core } from '../core.js';
import { html, type Html } from '../html.js';
import type { Due } from '../objects.js';
import type { Turning } from '../turning.js';
import { field } from './forms.js';
import { problem, send } from './layout.js';
import { objectLink, words } from './objects.js';
import { moment } from './parts.js';

const STEPS = [
  ['1h', '+1 hour'],
  ['1d', '+1 day'],
  ['1mo', '+1 month'],
] as const;
const LISTED = 50;

/** The sandbox's own clock, what is due by it, and the test clocks. */
export function clockPages(server: FastifyInstance, { core }: Api, turning: Turning): void {
  server.get('/clock', (_request, reply) => show(core, reply, undefined));
  server.post('/clock', async (request, reply) => {
    const target = targetOf(core, field(request, 'by'));
    if (target === null) return show(core, reply, 'There is no such moment to go to.');
    await turning.advance(target * 1000, 0);
    return reply.redirect('/clock', 303);
  });
}

/** The hands, as buttons. */
export function hands(): Html {
  return html`<form method="post" action="/clock" class="row" aria-label="Turn the clock">
    ${STEPS.map(([by, name]) => html`<button name="by" value="${by}">${name}</button>`)}
    <button name="by" value="renewal">To the next renewal</button>
    <button name="by" value="due">To what is due next</button>
  </form>`;
}

export function face(core: Core): Html {
  const { now, mode } = core.clock.face();
  return html`<p class="total">${now.slice(0, 19).replace('T', ' ')} UTC</p>
    <p>
      ${mode === 'frozen' ? 'It stands still until it is turned.' : 'It ticks as real time does, from where it was turned to.'}
    </p>`;
}

function show(core: Core, reply: FastifyReply, said: string | undefined): FastifyReply {
  const followers = core.followers.names();
  const body = html`${problem(said)} ${face(core)} ${hands()}
    <form method="post" action="/clock">
      <label for="by">By another length of time</label>
      <div class="row">
        <input id="by" name="by" placeholder="36h, 31d, 2w, 1y" required aria-describedby="by-hint" />
        <button>Turn</button>
      </div>
      <p class="hint" id="by-hint">
        s, m, h, d, w, mo, y. Everything due on the way happens in its order and its time.
      </p>
    </form>
    <p>Who lives in its time: ${followers.length === 0 ? 'nobody' : followers.join(', ')}.</p>
    ${dueTable(core)} ${testClocks(core)}`;
  return send(reply, { title: 'Clock', within: 'sandbox', status: said === undefined ? 200 : 400, body });
}

function targetOf(core: Core, by: string): number | null {
  const now = core.clock.seconds();
  if (by === 'due') return own(core)[0]?.at ?? null;
  if (by === 'renewal') return own(core).find(({ kind }) => kind === 'subscription.period_end')?.at ?? null;
  return later(now, by) ?? null;
}

/** What is due by the sandbox's own clock, soonest first. */
function own(core: Core): Due[] {
  return core.store
    .rows('due')
    .map(({ value }) => value)
    .filter(({ clock }) => (clock ?? null) === null)
    .toSorted((one, other) => one.at - other.at);
}

function dueTable(core: Core): Html {
  const all = own(core);
  if (all.length === 0) return html`<p>Nothing is due.</p>`;
  return html`<table>
    <caption>
      What is due next${all.length > LISTED ? ` (${LISTED} of ${all.length})` : ''}
    </caption>
    <thead>
      <tr>
        <th scope="col">When (UTC)</th>
        <th scope="col">What</th>
        <th scope="col">For</th>
      </tr>
    </thead>
    <tbody>
      ${all.slice(0, LISTED).map((due) => dueRow(core, due))}
    </tbody>
  </table>`;
}

function dueRow({ store }: Core, { at, kind, target }: Due): Html {
  const link = objectLink(store, target);
  return html`<tr>
    <td>${moment(at)}</td>
    <td>${words(kind.replace('.', ': '))}</td>
    <td>${link === null ? target : html`<a href="${link}">${target}</a>`}</td>
  </tr>`;
}

function testClocks({ store }: Core): Html | null {
  const clocks = store.rows('test_clock');
  if (clocks.length === 0) return null;
  return html`<h2>Test clocks</h2>
    <ul>
      ${clocks.map(
        ({ value: { id, name, frozen_time, status } }) =>
          html`<li><a href="/objects/test_clock/${id}">${name ?? id}</a>: ${moment(frozen_time)}, ${status}</li>`,
      )}
    </ul>`;
}
