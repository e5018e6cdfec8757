import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Runtime } from '../../../config/runtime.js';
import { sendProblem } from '../../api/send-problem.js';
import { ENV } from '../../database/env.token.js';
import { inboxEvents } from '../../telemetry/metrics.js';
import { inSpan } from '../../telemetry/tracing.js';
import { InboundTallies } from './inbound-tallies.js';
import { Inbox } from './inbox.js';
import { readEnvelope } from './read-envelope.js';
import type { Door } from './read-envelope.js';
import { verifySignature } from './verify-signature.js';

const BODY_LIMIT = 1.5 * 1024 * 1024;

/**
 * Where Stripe sends its events. Answers 200 only after the event's row is committed, and does nothing else before. The routes
 * are Fastify's own: what Nest does for a request of the API costs more than all that is done here (measured).
 */
@Injectable()
export class InboundEndpoints {
  constructor(
    private readonly inbox: Inbox,
    private readonly tallies: InboundTallies,
    @Inject(ENV) private readonly env: Runtime,
  ) {}

  /** Our own account's events, and connected accounts': those are stored and counted, for they speak of other people's customers. */
  async open(fastify: FastifyInstance): Promise<void> {
    const { webhookSecrets, connectWebhookSecrets } = this.env.stripe;
    await fastify.register(async (scope) => {
      // Bytes: they are verified before anything reads them, and signed ones that are no JSON must be kept, not refused.
      scope.removeContentTypeParser('application/json');
      scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      scope.setErrorHandler(sendProblem);
      // What tells a browser what it may do says nothing to Stripe, and is made anew for each answer.
      const options = { bodyLimit: BODY_LIMIT, helmet: false } as const;
      scope.post('/webhooks/stripe', options, (request) => this.take(request, webhookSecrets, 'platform'));
      scope.post('/webhooks/stripe/connect', options, (request) =>
        this.take(request, connectWebhookSecrets, 'connect'),
      );
    });
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
