import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Answer, Api, Call } from './api.js';
import { controls } from './control.js';
import { faultOf, StripeError, type ErrorBody } from './errors.js';
import { keyInUse } from './idempotency.js';
import { multipartForm } from './multipart.js';
import { pages } from './pages/pages.js';
import { allRoutes } from './resources.js';
import { RateLimit, type RateLimitReason } from './rate-limit.js';
import type { RequestMischief } from './mischief.js';
import type { Route } from './route.js';
import type { Turning } from './turning.js';

/** How long a request whose answer mischief holds back may wait to be given up by its sender. */
const NEVER = 120_000;

/** The sandbox over HTTP: Stripe's API under /v1, its own controls under /_sandbox, a page at /. */
export function buildServer(api: Api, turning: Turning): FastifyInstance {
  const server = Fastify({
    forceCloseConnections: true,
    bodyLimit: 2 ** 21,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 500 },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  // Files are larger than anything else: https://docs.stripe.com/file-upload
  server.addContentTypeParser(
    /^multipart\/form-data/,
    { parseAs: 'buffer', bodyLimit: 2 ** 25 },
    (request, body, done) => done(null, multipartForm(Buffer.from(body), request.headers['content-type'] ?? '') ?? ''),
  );
  const listener = new Listener(api);
  for (const route of allRoutes(api.core.file, api.core.searchIndex))
    server.route({
      method: route.method,
      url: route.path,
      handler: (request, reply) => listener.handle(request, reply, route),
    });
  controls(server, api, turning);
  pages(server, api, turning);
  server.setNotFoundHandler((request, reply) => listener.handle(request, reply, undefined));
  server.setErrorHandler((error, request, reply) => listener.fail(error, request, reply));
  return server;
}

/** Between Fastify and the API: headers in, headers out, and the mischief in between. */
class Listener {
  readonly #keysInUse = new Set<string>();
  readonly #rates = new RateLimit();

  constructor(readonly api: Api) {}

  async handle(request: FastifyRequest, reply: FastifyReply, route: Route | undefined): Promise<void> {
    const call = callOf(request, this.api.core.requestIds.next('req'));
    // Each account has its keys for itself.
    const key = call.idempotencyKey === undefined ? undefined : `${call.account ?? ''} ${call.idempotencyKey}`;
    if (key !== undefined && this.#keysInUse.has(key))
      return send(reply, this.api.refuse(call, keyInUse(call.idempotencyKey ?? '')));
    const { mischief } = this.api.core;
    const limited = this.#rates.exceeded(mischief.rateLimit, call.method, call.path, performance.now());
    if (limited !== null) return send(reply, withHeaders(this.api.refuse(call, tooMany()), { limited }));
    const strike = mischief.strike(`${call.method} ${call.path}`);
    if (strike?.status !== undefined)
      return send(reply, withHeaders(this.api.refuse(call, plannedFailure(strike.status, strike.code)), { strike }));
    if (strike?.cut_before_apply === true) return cut(request, reply);
    if (strike?.delay_ms !== undefined) await this.#hold(key, strike.delay_ms);
    const answer = this.api.answer(call, route, idsOf(request));
    if (strike?.timeout_after_apply === true) await setTimeout(NEVER, undefined, { ref: false });
    if (strike?.cut_after_apply === true || strike?.timeout_after_apply === true) return cut(request, reply);
    // Requests that came together are answered together: waking whoever waits costs more than most of them.
    await setImmediate();
    return send(reply, answer);
  }

  fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const call = callOf(request, this.api.core.requestIds.next('req'));
    const tooLarge = faultOf(error).code === 'FST_ERR_CTP_BODY_TOO_LARGE';
    const body: ErrorBody = tooLarge
      ? { type: 'invalid_request_error', message: 'The request is too large.' }
      : { type: 'api_error', message: 'The sandbox failed; its log says how.' };
    if (!tooLarge) this.api.core.log({ msg: 'sandbox fault', error: faultOf(error).stack });
    send(reply, this.api.refuse(call, new StripeError(tooLarge ? 413 : 500, body)));
  }

  async #hold(key: string | undefined, milliseconds: number): Promise<void> {
    if (key !== undefined) this.#keysInUse.add(key);
    await setTimeout(milliseconds);
    if (key !== undefined) this.#keysInUse.delete(key);
  }
}

function send(reply: FastifyReply, { status, headers, body, file }: Answer): void {
  void reply
    .status(status)
    .headers(headers)
    .send(file ?? body);
}

function callOf(request: FastifyRequest, requestId: string): Call {
  const [path = '', query = ''] = request.raw.url?.split('?', 2) ?? [];
  const body = typeof request.body === 'string' ? request.body : '';
  return {
    method: request.method,
    path,
    form: [query, body].filter((part) => part !== '').join('&'),
    authorization: request.headers.authorization,
    version: headerOf(request, 'stripe-version'),
    account: headerOf(request, 'stripe-account'),
    idempotencyKey: headerOf(request, 'idempotency-key'),
    requestId,
  };
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function idsOf(request: FastifyRequest): string[] {
  const params: unknown = request.params;
  return typeof params === 'object' && params !== null ? Object.values(params).map(String) : [];
}

function cut(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.destroy();
}

/** Whether a retry helps, and which limit was met: https://docs.stripe.com/rate-limits#handling-limiting-gracefully */
function withHeaders(answer: Answer, why: { limited?: RateLimitReason; strike?: RequestMischief }): Answer {
  return {
    ...answer,
    headers: {
      ...answer.headers,
      ...(why.limited !== undefined && { 'stripe-rate-limited-reason': why.limited }),
      ...(why.strike?.should_retry !== undefined && { 'stripe-should-retry': String(why.strike.should_retry) }),
    },
  };
}

function tooMany(): StripeError {
  return plannedFailure(429, 'rate_limit');
}

function plannedFailure(status: number, code = status === 429 ? 'rate_limit' : undefined): StripeError {
  const message =
    status === 429 ? 'Request rate limit exceeded.' : 'An unknown error occurred (planned mischief of the sandbox).';
  const type =
    status === 429 && code === 'rate_limit' ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'api_error';
  return new StripeError(status, { type, message, ...(code !== undefined && { code }) });
}
