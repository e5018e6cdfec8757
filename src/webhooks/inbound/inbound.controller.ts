import { Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Runtime } from '../../../config/runtime.js';
import { Public } from '../../api/public.js';
import { ENV } from '../../database/env.token.js';
import { Inbox } from './inbox.js';
import { readEnvelope } from './read-envelope.js';
import { verifySignature } from './verify-signature.js';

/** Where Stripe sends its events. */
@ApiExcludeController()
@Controller('webhooks/stripe')
export class InboundController {
  constructor(
    private readonly inbox: Inbox,
    @Inject(ENV) private readonly env: Runtime,
  ) {}

  /** Answers 200 only after the event's row is committed, and does nothing else before. */
  @Post()
  @Public()
  @HttpCode(200)
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('stripe-signature') signature: string | undefined,
  ): Promise<object> {
    const body = request.rawBody ?? Buffer.alloc(0);
    verifySignature(body, signature, this.env.stripe.webhookSecrets, Math.floor(Date.now() / 1000));
    await this.inbox.store(readEnvelope(body, this.env.stripe.mode === 'live'));
    return { received: true };
  }
}
