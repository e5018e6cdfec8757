import { Inject, Injectable } from '@nestjs/common';
import Fastify from 'fastify';
import type { FastifyRequest } from 'fastify';
import type { Runtime } from '../../../config/runtime.js';
import { observeRequests, requestIdOf } from '../../api/http.js';
import { sendProblem } from '../../api/send-problem.js';
import type { DirectRoutes } from '../../api/server.js';
import { ENV } from '../../database/env.token.js';
import { inboxEvents } from '../../telemetry/metrics.js';
import { inSpan } from '../../telemetry/tracing.js';
import { InboundTallies } from './inbound-tallies.js';
import { Inbox } from './inbox.js';
import { readEnvelope } from './read-envelope.js';
import type { Door } from './read-envelope.js';
import { verifySignature } from './verify-signature.js';

const PLATFORM = '/webhooks/stripe';
const CONNECT = '/webhooks/stripe/connect';
const BODY_LIMIT = 1.5 * 1024 * 1024;

/**
 * Where Stripe sends its events. Answers 200 only after the event's row is committed, and does nothing else before. It has a
 * Fastify of its own: what Nest does around a request takes longer than all that is done here (measured).
 */
@Injectable()
export class InboundEndpoints {
  constructor(
    private readonly inbox: Inbox,
    private readonly tallies: InboundTallies,
    @Inject(ENV) private readonly env: Runtime,
  ) {}

  async open(direct: DirectRoutes): Promise<void> {
    const { webhookSecrets, connectWebhookSecrets } = this.env.stripe;
    const fastify = Fastify({ bodyLimit: BODY_LIMIT, genReqId: requestIdOf });
    observeRequests(fastify);
    fastify.removeAllContentTypeParsers();
    // Bytes: they are verified before anything reads them, and signed ones that are no JSON must be kept, not refused.
    fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    fastify.setErrorHandler(sendProblem);
    // Our own account's events.
    fastify.post(PLATFORM, (request) => this.take(request, webhookSecrets, 'platform'));
    // Connected accounts' events: stored and counted. They speak of other people's customers, so nothing is projected.
    fastify.post(CONNECT, (request) => this.take(request, connectWebhookSecrets, 'connect'));
    await fastify.ready();
    for (const path of [PLATFORM, CONNECT]) direct.set(path, (request, response) => fastify.routing(request, response));
  }

  private async take({ body, headers }: FastifyRequest, secrets: string[], door: Door): Promise<object> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    try {
      verifySignature(bytes, headers['stripe-signature']?.toString(), secrets, Math.floor(Date.now() / 1000));
    } catch (error) {
      this.tallies.note('refused', '');
      inboxEvents.inc({ outcome: 'refused' });
      throw error;
    }
    const envelope = readEnvelope(bytes, this.env.stripe.mode === 'live', door);
    const attributes = { 'event.id': envelope.id, 'event.type': envelope.type };
    await inSpan(`receive ${envelope.type}`, { attributes }, () => this.inbox.store(envelope));
    return { received: true };
  }
}
