import { Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Runtime } from '../../../config/runtime.js';
import { Public } from '../../api/public.js';
import { ENV } from '../../database/env.token.js';
import { inboxEvents } from '../../telemetry/metrics.js';
import { inSpan } from '../../telemetry/tracing.js';
import { InboundTallies } from './inbound-tallies.js';
import { Inbox } from './inbox.js';
import { readEnvelope } from './read-envelope.js';
import type { Door } from './read-envelope.js';
import { verifySignature } from './verify-signature.js';

type Delivery = RawBodyRequest<FastifyRequest>;

/** Where Stripe sends its events. Answers 200 only after the event's row is committed, and does nothing else before. */
@ApiExcludeController()
@Controller('webhooks/stripe')
export class InboundController {
  constructor(
    private readonly inbox: Inbox,
    private readonly tallies: InboundTallies,
    @Inject(ENV) private readonly env: Runtime,
  ) {}

  /** Our own account's events. */
  @Post()
  @Public()
  @HttpCode(200)
  receive(@Req() request: Delivery, @Headers('stripe-signature') signature: string | undefined): Promise<object> {
    return this.take(request, signature, this.env.stripe.webhookSecrets, 'platform');
  }

  /** Connected accounts' events: stored and counted. They speak of other people's customers, so nothing is projected. */
  @Post('connect')
  @Public()
  @HttpCode(200)
  receiveConnected(
    @Req() request: Delivery,
    @Headers('stripe-signature') signature: string | undefined,
  ): Promise<object> {
    return this.take(request, signature, this.env.stripe.connectWebhookSecrets, 'connect');
  }

  private async take(request: Delivery, signature: string | undefined, secrets: string[], door: Door): Promise<object> {
    const body = request.rawBody ?? Buffer.alloc(0);
    try {
      verifySignature(body, signature, secrets, Math.floor(Date.now() / 1000));
    } catch (error) {
      this.tallies.note('refused', '');
      inboxEvents.inc({ outcome: 'refused' });
      throw error;
    }
    const envelope = readEnvelope(body, this.env.stripe.mode === 'live', door);
    const attributes = { 'event.id': envelope.id, 'event.type': envelope.type };
    await inSpan(`receive ${envelope.type}`, { attributes }, () => this.inbox.store(envelope));
    return { received: true };
  }
}
