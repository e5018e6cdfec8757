import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { z } from 'zod';
import { newId } from '../../database/ids.js';
import { NotFound } from '../../errors/failure.js';
import { draftOf } from './deliveries.js';
import { testPayload } from './payload.js';
import { Receivers } from './receivers.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import { newSecret, WebhookEndpoint } from './webhook-endpoint.entity.js';
import type { CreateWebhookEndpoint, UpdateWebhookEndpoint } from './webhook-endpoint.view.js';

@Injectable()
export class WebhookEndpoints {
  constructor(private readonly receivers: Receivers) {}

  create(em: EntityManager, settings: z.infer<typeof CreateWebhookEndpoint>): WebhookEndpoint {
    const endpoint = em.create(WebhookEndpoint, {
      ...settings,
      id: newId('whe'),
      status: 'enabled',
      disabled_reason: null,
      failing_since: null,
      secret: newSecret(),
      old_secrets: [],
      created_at: new Date(),
    });
    em.persist(endpoint);
    return endpoint;
  }

  /** @throws NotFound */
  async find(em: EntityManager, id: string): Promise<WebhookEndpoint> {
    const endpoint = await em.findOne(WebhookEndpoint, { id });
    if (endpoint === null) throw new NotFound('webhook endpoint', id);
    return endpoint;
  }

  /** For a change of it. @throws NotFound */
  async lock(em: EntityManager, id: string): Promise<WebhookEndpoint> {
    const endpoint = await em.findOne(WebhookEndpoint, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (endpoint === null) throw new NotFound('webhook endpoint', id);
    return endpoint;
  }

  update(endpoint: WebhookEndpoint, { status, ...settings }: z.infer<typeof UpdateWebhookEndpoint>): void {
    Object.assign(endpoint, settings);
    if (settings.url !== undefined) endpoint.failing_since = null;
    if (status === 'enabled') endpoint.enable();
    if (status === 'disabled') endpoint.disable('Disabled through the API.');
  }

  /** Sends a message that tells of nothing, once; not in a transaction. Also to a disabled endpoint, to try it before enabling it. */
  async sendTest(endpoint: WebhookEndpoint): Promise<WebhookDelivery> {
    const now = new Date();
    const payload = testPayload(newId('dev'), now);
    const draft = draftOf(endpoint.id, payload, JSON.stringify(payload));
    const delivery = Object.assign(new WebhookDelivery(), draft, { created_at: now, delivered_at: null });
    delivery.record(await this.receivers.post(endpoint, delivery), new Date(), null);
    return delivery;
  }
}
