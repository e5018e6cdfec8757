import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { externalIdsOf } from '../../customers/customer-ids.js';
import type { DomainEvent } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { Deliveries } from './deliveries.js';
import { eventTypes } from './event-patterns.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

@Injectable()
export class OutboundWebhooksListener {
  constructor(private readonly deliveries: Deliveries) {}

  @OnDomainEvent({ listener: 'outbound_webhooks', to: eventTypes })
  async send(em: EntityManager, event: DomainEvent): Promise<void> {
    const enabled = await em.find(WebhookEndpoint, { status: 'enabled' });
    const endpoints = enabled.filter((endpoint) => endpoint.wants(event.type));
    if (endpoints.length === 0) return;
    const names = await externalIdsOf(em, event.customer === null ? [] : [event.customer]);
    const external_id = names.get(event.customer ?? '') ?? null;
    await this.deliveries.create(
      em,
      endpoints.map((endpoint) => ({ endpoint, event, external_id })),
    );
  }
}
