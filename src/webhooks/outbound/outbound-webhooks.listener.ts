import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { externalIdsOf } from '../../customers/customer-ids.js';
import type { DomainEvent, DomainEventType } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { Deliveries } from './deliveries.js';
import { eventTypes, matches } from './event-patterns.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

@Injectable()
export class OutboundWebhooksListener {
  constructor(private readonly deliveries: Deliveries) {}

  @OnDomainEvent({ listener: 'outbound_webhooks', to: eventTypes, wanted: wantedOf, together: true })
  async send(em: EntityManager, events: DomainEvent[]): Promise<void> {
    const enabled = await em.find(WebhookEndpoint, { status: 'enabled' });
    const wanted = events.flatMap((event) =>
      enabled.filter((endpoint) => endpoint.wants(event.type)).map((endpoint) => ({ endpoint, event })),
    );
    if (wanted.length === 0) return;
    const names = await externalIdsOf(em, [...new Set(wanted.flatMap(({ event }) => event.customer ?? []))]);
    await this.deliveries.create(
      em,
      wanted.map((one) => ({ ...one, external_id: names.get(one.event.customer ?? '') ?? null })),
    );
  }
}

async function wantedOf(em: EntityManager, types: DomainEventType[]): Promise<DomainEventType[]> {
  const enabled = await em
    .getKysely<{ webhook_endpoints: Pick<WebhookEndpoint, 'status' | 'events'> }>()
    .selectFrom('webhook_endpoints')
    .select('events')
    .where('status', '=', 'enabled')
    .execute();
  const patterns = enabled.flatMap(({ events }) => events);
  return types.filter((type) => patterns.some((pattern) => matches(pattern, type)));
}
