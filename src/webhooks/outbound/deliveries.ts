import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { newId } from '../../database/ids.js';
import type { DomainEvent } from '../../events/domain-events.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { WebhookDelivery } from './webhook-delivery.entity.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

type NewDelivery = Pick<
  WebhookDelivery,
  'id' | 'endpoint' | 'event' | 'event_type' | 'customer' | 'status' | 'attempts' | 'request_body'
>;

interface Tables {
  webhook_deliveries: NewDelivery & { next_attempt_at: Date };
}

/**
 * Puts deliveries in the queue. The row says when its next attempt is due, the job only wakes it: one that comes too
 * early or twice finds nothing to do. Jobs are grouped by endpoint, so that a slow one holds up itself alone.
 */
@Injectable()
export class Deliveries {
  constructor(private readonly queue: JobQueue) {}

  /** One per endpoint and event, however often it is called. */
  async create(
    em: EntityManager,
    event: DomainEvent,
    endpoints: WebhookEndpoint[],
    request_body: string,
  ): Promise<void> {
    const rows = endpoints.map((endpoint) => newDelivery(endpoint, event, request_body));
    const created = await em
      .getKysely<Tables>()
      .insertInto('webhook_deliveries')
      .values(rows.map((row) => ({ ...row, next_attempt_at: sql<Date>`now()` })))
      .onConflict((conflict) => conflict.columns(['endpoint', 'event']).doNothing())
      .returning(['id', 'endpoint'])
      .execute();
    const jobs = created.map(({ id, endpoint }) => ({ data: { delivery: id }, group: endpoint }));
    await this.queue.enqueueAll(em, 'outbound_webhook.deliver', jobs);
  }

  /** To be called for a delivery that is pending, in the transaction that made it so. */
  async enqueue(em: EntityManager, { id, endpoint, next_attempt_at }: WebhookDelivery): Promise<void> {
    const when = next_attempt_at === null ? {} : { startAfter: next_attempt_at };
    await this.queue.enqueue(em, 'outbound_webhook.deliver', { delivery: id }, { group: endpoint, ...when });
  }
}

export function newDelivery(
  endpoint: WebhookEndpoint,
  event: { id: string; type: string; customer: string | null },
  request_body: string,
): NewDelivery {
  return {
    id: newId('whd'),
    endpoint: endpoint.id,
    event: event.id,
    event_type: event.type,
    customer: event.customer,
    status: 'pending',
    attempts: 0,
    request_body,
  };
}

/** Real time as the database tells it (whole milliseconds, rounded down), so that the clocks of several replicas do not matter. */
export async function databaseNow(em: EntityManager): Promise<Date> {
  const { rows } = await sql<{ ms: number }>`select floor(extract(epoch from now()) * 1000)::float8 as ms`.execute(
    em.getKysely(),
  );
  return new Date(Number(rows[0]?.ms));
}
