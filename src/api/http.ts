import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { Logger } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import helmet from 'helmet';
import { httpSeconds } from '../telemetry/metrics.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import { problem, PROBLEM_TYPE, problemOf } from './problem.js';
import { runInContext } from './request-context.js';
import { serverFor } from './server.js';
import type { DirectRoutes } from './server.js';

const BODY_LIMIT = 256 * 1024;

/** For `NestFactory.create(AppModule, httpAdapter(), { rawBody: true, bodyParser: false })`, with `parseBodies`. */
export function httpAdapter(direct: DirectRoutes = new Map()): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    serverFactory: (api: RequestListener) => serverFor(api, direct),
    // X-Forwarded-For is believed from a proxy in a private network alone: anybody on the internet can send one.
    trustProxy: ['loopback', 'linklocal', 'uniquelocal'],
    genReqId: requestIdOf,
    // What still comes on a kept connection while the house closes is answered like the rest.
    return503OnClosing: false,
    // A URL that the router cannot read is answered before any hook.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      const answer = problemOf(error, { id: request.id, method: request.method, url: request.url, is404: false });
      void reply.header('Request-Id', request.id).status(answer.status).type(PROBLEM_TYPE).send(JSON.stringify(answer));
    },
    clientErrorHandler: refuseConnection,
  });
}

/** Everything that belongs to Fastify. Called once, after the application is created and before it is initialised. */
export function configureHttp(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  // The API takes JSON alone; Fastify would take text as well.
  fastify.removeContentTypeParser('text/plain');
  fastify.decorateRequest('apiKey', null);
  fastify.decorateRequest('claim', null);
  observeRequests(fastify);
  settleClaims(fastify, app.get(IdempotencyKeys));
  dropSilentConnections(fastify);
  addSecurityHeaders(fastify);
}

/** A caller's own id is taken when it is short and plain, so that it can be found in both logs. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given)) return given;
  return newRequestId();
}

function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`;
}

/** Request id, context, log line and measurement. */
export function observeRequests(fastify: FastifyInstance): void {
  addContext(fastify);
  addAccessLog(fastify);
}

function addContext(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    request.context = { request_id: request.id };
    void reply.header('Request-Id', request.id);
    runInContext(request.context, done);
  });
  // Reading the body leaves the context: its events belong to the connection.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const customer = customerOf(request.params) ?? customerOf(request.query) ?? customerOf(request.body);
    if (customer !== undefined) request.context.customer_id = customer;
    runInContext(request.context, done);
  });
}

function customerOf(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null || !('customer' in input)) return undefined;
  return typeof input.customer === 'string' && input.customer.length <= 100 ? input.customer : undefined;
}

/** One line and one measurement per request; the query is left out, it may hold an e-mail address. */
function addAccessLog(fastify: FastifyInstance): void {
  const logger = new Logger('Http');
  fastify.addHook('onResponse', (request, reply, done) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const route = (request.is404 ? undefined : request.routeOptions.url) ?? 'none';
    httpSeconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const line = {
      msg: 'request',
      method: request.method,
      path,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    runInContext(request.context, () => (path.startsWith('/health/') ? logger.debug(line) : logger.log(line)));
    done();
  });
}

/** The answer's bytes are known here and nowhere before. */
function settleClaims(fastify: FastifyInstance, keys: IdempotencyKeys): void {
  fastify.addHook('onSend', (request, reply, payload: unknown, done) => {
    const { claim } = request;
    if (claim === null) return done(null, payload);
    request.claim = null;
    const type = reply.getHeader('content-type');
    const answer = {
      status: reply.statusCode,
      contentType: typeof type === 'string' ? type : null,
      body: typeof payload === 'string' ? payload : '',
    };
    void keys.settle(claim, answer).finally(() => done(null, payload));
  });
}

/** What tells a browser what it may do. */
function addSecurityHeaders(fastify: FastifyInstance): void {
  const secure = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Swagger UI's page and the e-mails of the mailbox carry their styles with them.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    secure(request.raw, reply.raw, (error) => done(error as Error));
  });
}

/** Browsers and load balancers connect ahead of need: a connection that has brought nothing would hold up the end. */
function dropSilentConnections(fastify: FastifyInstance): void {
  const connections = new Set<Socket>();
  fastify.server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  fastify.addHook('preClose', (done) => {
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
}

/** A connection that did not bring a whole HTTP request: there is no reply object, only the socket. */
function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code] = connectionFaults[error.code ?? ''] ?? [400, 'bad_request'];
  const id = newRequestId();
  const body = JSON.stringify(problem(code, status, 'The request could not be read.', id));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Request-Id: ${id}`,
    'Connection: close',
  ].join('\r\n');
  if (socket.writable) socket.write(`${head}\r\n\r\n${body}`);
  socket.destroySoon();
}

const connectionFaults: Record<string, [status: number, code: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout'],
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large'],
};
