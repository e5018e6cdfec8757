import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from './api.js';
import type { Core } from './core.js';
import { later } from './calc/durations.js';
import { settleIntent } from './billing/intent-outcome.js';
import { invalid, missing, StripeError } from './errors.js';
import { find } from './find.js';
import type { FollowCall } from './followers.js';
import { decodeForm, type Form, type FormValue } from './form.js';
import { mischiefShape } from './mischief.js';
import * as p from './params.js';
import { approvePages } from './pages/approve.js';
import { decide } from './payments/disputes.js';
import { authenticated } from './payments/intents.js';
import { authenticatedSetup } from './payments/setup-intents.js';
import { rollSecret } from './resources/webhook-endpoints.js';
import { settingsShape } from './settings.js';
import type { Turning } from './turning.js';

const outcome = { outcome: p.needed(p.oneOf('succeed', 'fail')) };
const nullable = <T>(kind: p.Kind<T>): p.Kind<T | null> => p.clearable(kind);
const iso: p.Kind<string> = {
  read(value, name) {
    const given = p.text.read(value, name);
    if (Number.isNaN(Date.parse(given))) throw invalid(`Not an ISO date: ${given}`, { param: name });
    return given;
  },
};

/** What Stripe does not have: the clock's hands, the mischief, and a look inside. JSON in, JSON out, no API key. */
export function controls(server: FastifyInstance, api: Api, turning: Turning): void {
  const { core } = api;
  const get = (path: string, answer: () => object) => control(server, 'GET', path, {}, answer);

  get('/_sandbox/clock', () => core.clock.face());
  control(
    server,
    'POST',
    '/_sandbox/clock/advance',
    { by: p.text, to: iso, sync: p.text },
    async ({ by, to, sync }) => {
      const ran = await turning.advance(
        targetOf(core.clock.now(), by, to),
        sync === undefined ? 0 : lengthOf(sync, 'sync'),
      );
      return { ...core.clock.face(), ran };
    },
  );
  control(
    server,
    'POST',
    '/_sandbox/clock/follow',
    { follower: p.needed(p.text), settled_step: nullable(p.atLeast(0)), next_due: nullable(iso) },
    ({ follower, settled_step, next_due }, request) =>
      follow(api, request, { follower, settled_step: settled_step ?? null, next_due: next_due ?? null }),
  );
  control(server, 'POST', '/_sandbox/settle', {}, async () => {
    await turning.settle();
    return core.clock.face();
  });
  control(server, 'POST', '/_sandbox/settings', settingsShape, (change) => {
    core.changeSettings(change);
    return core.settings;
  });
  get('/_sandbox/settings', () => core.settings);
  get('/_sandbox/mischief', () => mischiefOf(core));
  control(server, 'POST', '/_sandbox/mischief', mischiefShape, (wish) => {
    if (wish.deliveries !== undefined) core.mischief.deliveries = wish.deliveries;
    if (wish.requests !== undefined) core.mischief.requests = wish.requests;
    if (wish.rate_limit !== undefined) core.mischief.rateLimit = wish.rate_limit;
    if (wish.search_lag_seconds !== undefined) core.searchIndex.lag = wish.search_lag_seconds * 1000;
    return mischiefOf(core);
  });
  control(server, 'DELETE', '/_sandbox/mischief', {}, () => {
    core.mischief.stop();
    core.searchIndex.lag = 0;
    return mischiefOf(core);
  });
  // Stripe rolls secrets in its dashboard only: https://docs.stripe.com/webhooks#roll-endpoint-secrets
  control(server, 'POST', '/_sandbox/webhook_endpoints/:id/roll_secret', { keep: p.text }, ({ keep }, _request, id) =>
    core.transact({ id: null, idempotency_key: null }, (context) =>
      rollSecret(context, id, lengthOf(keep ?? '0s', 'keep') / 1000),
    ),
  );
  get('/_sandbox/requests', () => ({ data: api.requests }));
  control(server, 'DELETE', '/_sandbox/requests', {}, () => ({ deleted: api.requests.splice(0).length }));
  get('/_sandbox/deliveries', () => ({
    events: core.events.seq,
    ...core.deliveries.count(),
    data: core.deliveries.reports,
  }));
  get('/_sandbox/unsupported', () => ({ data: [...api.unsupported].map(([what, times]) => ({ what, times })) }));
  control(server, 'POST', '/_sandbox/events/:id/resend', {}, (_params, _request, id) => {
    const event = core.file.event(id);
    if (event === undefined) throw missing('event', id);
    return { deliveries: core.deliveries.resend(event) };
  });
  control(server, 'POST', '/_sandbox/payment_intents/:id/authenticate', outcome, ({ outcome: asked }, _request, id) =>
    core.transact({ id: null, idempotency_key: null }, (context) => {
      context.enter([id], true);
      const attempt = authenticated(context, find(context, 'payment_intent', id), asked === 'succeed');
      settleIntent(context, attempt);
      return attempt.intent;
    }),
  );
  control(
    server,
    'POST',
    '/_sandbox/disputes/:id/decide',
    { outcome: p.needed(p.oneOf('won', 'lost')) },
    ({ outcome: asked }, _request, id) =>
      core.transact({ id: null, idempotency_key: null }, (context) =>
        decide(context, find(context, 'dispute', id), asked === 'won'),
      ),
  );
  approvePages(server, api);
  control(server, 'POST', '/_sandbox/setup_intents/:id/authenticate', outcome, ({ outcome: asked }, _request, id) =>
    core.transact({ id: null, idempotency_key: null }, (context) => {
      context.enter([id], true);
      return authenticatedSetup(context, find(context, 'setup_intent', id), asked === 'succeed');
    }),
  );
}

function mischiefOf({ mischief, searchIndex }: Core): object {
  return {
    deliveries: mischief.deliveries,
    requests: mischief.requests ?? null,
    rate_limit: mischief.rateLimit,
    search_lag_seconds: searchIndex.lag / 1000,
  };
}

function control<S extends p.Shape>(
  server: FastifyInstance,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  shape: S,
  run: (params: p.Values<S>, request: FastifyRequest, id: string) => object | Promise<object>,
): void {
  server.route({
    method,
    url,
    handler: async (request, reply) => {
      try {
        const answer = await run(p.readParams(shape, formOf(request)), request, idOf(request));
        return isForm(request) ? await reply.redirect('/', 303) : await reply.send(answer);
      } catch (error) {
        return refuse(reply, error);
      }
    },
  });
}

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof StripeError) return reply.status(error.status).send({ error: error.body });
  throw error;
}

const watched = new WeakSet<object>();

/** Our own long poll: a caller whose connection closes is missed. */
async function follow(api: Api, request: FastifyRequest, call: FollowCall): Promise<object> {
  const { followers } = api.core;
  const { socket } = request.raw;
  if (!watched.has(socket)) socket.once('close', () => followers.lineClosed(socket));
  watched.add(socket);
  const face = await followers.follow(call, socket);
  // Who closes after every answer says nothing by closing.
  if (request.headers.connection?.toLowerCase() === 'close') followers.release(call.follower);
  return face;
}

function targetOf(now: number, by: string | undefined, to: string | undefined): number {
  if ((by === undefined) === (to === undefined)) throw invalid('Give exactly one of: by, to.', { param: 'by' });
  if (by !== undefined) return now + lengthOf(by, 'by', now);
  const target = Date.parse(to ?? '');
  if (target < now) throw invalid(`The clock does not go back: it is ${new Date(now).toISOString()}.`, { param: 'to' });
  return target;
}

/** In milliseconds; months and years as long as they are from `now` on. */
function lengthOf(text: string, param: string, now = 0): number {
  const end = later(now / 1000, text);
  if (end === undefined) throw invalid(`Not a length of time: ${text} (try 30m, 12h, 31d, 2w, 1mo or 1y).`, { param });
  return end * 1000 - now;
}

function isForm(request: FastifyRequest): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

function formOf(request: FastifyRequest): Form {
  const body = typeof request.body === 'string' ? request.body : '';
  if (body === '') return new Map();
  if (isForm(request)) return decodeForm(body);
  const form = formFrom(parse(body));
  if (typeof form === 'string') throw invalid('The body must be a JSON object.');
  return form;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalid('The body is not valid JSON.');
  }
}

/** So that one checker reads both forms and JSON. */
function formFrom(value: unknown): FormValue {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return new Map(Object.entries(value).map(([name, inner]) => [name, formFrom(inner)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function idOf(request: FastifyRequest): string {
  const params: unknown = request.params;
  return typeof params === 'object' && params !== null && 'id' in params ? String(params.id) : '';
}
