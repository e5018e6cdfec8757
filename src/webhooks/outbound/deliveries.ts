import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { OnConflictBuilder, OnConflictDoNothingBuilder, OnConflictUpdateBuilder } from 'kysely';
import { newId } from '../../database/ids.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { payloadOf } from './payload.js';
import type { PublishedEvent } from './payload.js';
import type { WebhookDelivery } from './webhook-delivery.entity.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

export type NewDelivery = Pick<
  WebhookDelivery,
  'id' | 'endpoint' | 'event' | 'event_type' | 'customer' | 'status' | 'attempts' | 'request_body'
>;

/** An event that is to go to an endpoint; `external_id` is the app's own name for its customer. */
export interface Draft {
  endpoint: WebhookEndpoint;
  event: PublishedEvent;
  external_id: string | null;
}

interface Tables {
  webhook_deliveries: NewDelivery & { next_attempt_at: Date; attempts_before: number };
}

/** PostgreSQL takes 65,535 parameters. */
const MOST_PER_INSERT = 1000;

type Conflict = OnConflictBuilder<Tables, 'webhook_deliveries'>;
type Resolved =
  | OnConflictDoNothingBuilder<Tables, 'webhook_deliveries'>
  | OnConflictUpdateBuilder<Tables, 'webhook_deliveries'>;

/**
 * Puts deliveries in the queue. The row says when its next attempt is due, the job only wakes it: one that comes too
 * early or twice finds nothing to do. Jobs are grouped by endpoint, so that a slow one holds up itself alone.
 */
@Injectable()
export class Deliveries {
  constructor(private readonly queue: JobQueue) {}

  /** One per endpoint and event, however often it is called. */
  async create(em: EntityManager, drafts: Draft[]): Promise<void> {
    await this.insert(em, drafts, (conflict) => conflict.columns(['endpoint', 'event']).doNothing());
  }

  /**
   * The same, but what was sent before is sent again, with all its attempts before it: unless it is on its way now, or
   * arrived and only what did not is wanted.
   * @returns how many are on their way because of this
   */
  createAgain(em: EntityManager, drafts: Draft[], { only_failed }: { only_failed: boolean }): Promise<number> {
    const settled: NewDelivery['status'][] = only_failed ? ['pending', 'delivered'] : ['pending'];
    return this.insert(em, drafts, (conflict) =>
      conflict
        .columns(['endpoint', 'event'])
        .doUpdateSet((row) => ({
          status: 'pending',
          next_attempt_at: sql<Date>`now()`,
          attempts_before: row.ref('webhook_deliveries.attempts'),
        }))
        .where('webhook_deliveries.status', 'not in', settled),
    );
  }

  /**
   * To be called for a delivery that is pending, in the transaction that made it so.
   * @param failing whether the endpoint's last attempt failed
   */
  async enqueue(
    em: EntityManager,
    { id, endpoint, next_attempt_at }: WebhookDelivery,
    failing: boolean,
  ): Promise<void> {
    const options = { group: groupOf(endpoint, failing), ...(next_attempt_at && { startAfter: next_attempt_at }) };
    await this.queue.enqueue(em, 'outbound_webhook.deliver', { delivery: id }, options);
  }

  private async insert(em: EntityManager, drafts: Draft[], resolve: (conflict: Conflict) => Resolved): Promise<number> {
    if (drafts.length > MOST_PER_INSERT) {
      const first = await this.insert(em, drafts.slice(0, MOST_PER_INSERT), resolve);
      return first + (await this.insert(em, drafts.slice(MOST_PER_INSERT), resolve));
    }
    if (drafts.length === 0) return 0;
    const rows = drafts.map(newDelivery);
    const due = await em
      .getKysely<Tables>()
      .insertInto('webhook_deliveries')
      .values(rows.map((row) => ({ ...row, attempts_before: 0, next_attempt_at: sql<Date>`now()` })))
      .onConflict(resolve)
      .returning(['id', 'endpoint'])
      .execute();
    const failing = new Set(drafts.flatMap(({ endpoint }) => (endpoint.failing_since === null ? [] : endpoint.id)));
    const jobs = due.map(({ id, endpoint }) => ({
      data: { delivery: id },
      group: groupOf(endpoint, failing.has(endpoint)),
    }));
    await this.queue.enqueueAll(em, 'outbound_webhook.deliver', jobs);
    return due.length;
  }
}

function groupOf(endpoint: string, failing: boolean) {
  return failing ? { id: endpoint, tier: 'failing' } : { id: endpoint };
}

function newDelivery({ endpoint, event, external_id }: Draft): NewDelivery {
  return draftOf(endpoint.id, event, JSON.stringify(payloadOf(event, external_id, endpoint.payload)));
}

export function draftOf(
  endpoint: string,
  event: { id: string; type: string; customer: string | null },
  request_body: string,
): NewDelivery {
  return {
    id: newId('whd'),
    endpoint,
    event: event.id,
    event_type: event.type,
    customer: event.customer,
    status: 'pending',
    attempts: 0,
    request_body,
  };
}
