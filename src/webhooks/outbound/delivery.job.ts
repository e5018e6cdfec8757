import { Injectable } from '@nestjs/common';
import { LockMode, raw } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { databaseNow } from '../../database/database-now.js';
import { Transactions } from '../../database/transactions.js';
import { failpoint } from '../../failpoints/failpoint.js';
import { jobs } from '../../jobs/jobs.js';
import type { JobData } from '../../jobs/jobs.js';
import { OnJob } from '../../jobs/on-job.js';
import { deliverySeconds, stopwatch } from '../../telemetry/metrics.js';
import { Deliveries } from './deliveries.js';
import { EndpointHealth } from './endpoint-health.js';
import { GONE } from './outcome.js';
import type { Outcome } from './outcome.js';
import { Receivers } from './receivers.js';
import { pauseAfter } from './retry-schedule.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

interface Due {
  delivery: WebhookDelivery;
  endpoint: WebhookEndpoint;
}

/**
 * One attempt. What the receiver answers is recorded, and the next attempt is enqueued with it; the job itself fails only
 * when we do. Cut off between the answer and its record, it sends again: at least once, under the same `webhook-id`.
 */
@Injectable()
export class DeliveryJob {
  /** Attempts that this process is making now, by endpoint. */
  private readonly underWay = new Map<string, number>();

  constructor(
    private readonly transactions: Transactions,
    private readonly receivers: Receivers,
    private readonly deliveries: Deliveries,
    private readonly health: EndpointHealth,
  ) {}

  @OnJob('outbound_webhook.deliver')
  async deliver({ delivery: id }: JobData<'outbound_webhook.deliver'>): Promise<void> {
    const due = await this.take(id);
    if (due === null) return;
    const seconds = stopwatch();
    const outcome = await this.postInTurn(due);
    if (outcome === null) return this.transactions.run((em) => this.putBack(em, due));
    failpoint('delivery.answered');
    deliverySeconds.observe({ outcome: outcome.error === null ? 'delivered' : 'failed' }, seconds());
    if (outcome.error === null && due.endpoint.failing_since === null) return this.recordArrival(due, outcome);
    await this.transactions.run((em) => this.record(em, due, outcome));
  }

  /** pg-boss counts a group when it fetches, so lanes that look at the same moment take too many. @returns null: not now */
  private async postInTurn({ delivery, endpoint }: Due): Promise<Outcome | null> {
    const { default: most, tiers } = jobs['outbound_webhook.deliver'].work.groupConcurrency;
    const underWay = this.underWay.get(endpoint.id) ?? 0;
    if (underWay >= (endpoint.failing_since === null ? most : tiers.failing)) return null;
    this.underWay.set(endpoint.id, underWay + 1);
    try {
      return await this.receivers.post(endpoint, delivery);
    } finally {
      const left = (this.underWay.get(endpoint.id) ?? 1) - 1;
      if (left === 0) this.underWay.delete(endpoint.id);
      else this.underWay.set(endpoint.id, left);
    }
  }

  /** In the queue it waits without a lane: by now pg-boss counts those that were too quick. */
  private putBack(em: EntityManager, { delivery, endpoint }: Due): Promise<void> {
    return this.deliveries.enqueue(em, delivery, endpoint.failing_since !== null);
  }

  private async take(id: string): Promise<Due | null> {
    const em = this.transactions.reader();
    const delivery = await em.findOne(WebhookDelivery, dueNow(id));
    if (delivery === null) return null;
    const endpoint = await em.findOne(WebhookEndpoint, { id: delivery.endpoint });
    if (endpoint?.status === 'enabled') return { delivery, endpoint };
    const reason = endpoint === null ? 'The endpoint was deleted.' : 'The endpoint is disabled.';
    await this.transactions.run(async (writing) => (await writing.findOne(WebhookDelivery, dueNow(id)))?.skip(reason));
    return null;
  }

  /** Nothing follows from it: the usual case, in one statement. */
  private async recordArrival({ delivery }: Due, outcome: Outcome): Promise<void> {
    const { id, attempts: before } = delivery;
    delivery.record(outcome, new Date(), null);
    const { status, attempts, next_attempt_at, last_status_code, last_error, response_body } = delivery;
    const moments = { last_attempt_at: raw('now()'), delivered_at: raw('now()') };
    const recorded = { status, attempts, next_attempt_at, last_status_code, last_error, response_body, ...moments };
    await this.transactions.reader().nativeUpdate(WebhookDelivery, { id, attempts: before }, recorded);
  }

  private async record(
    em: EntityManager,
    { delivery: { id, attempts }, endpoint }: Due,
    outcome: Outcome,
  ): Promise<void> {
    const delivery = await em.findOne(WebhookDelivery, { id, attempts }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    // Somebody asked for it again meanwhile and that attempt was recorded first: it has seen to what follows.
    if (delivery === null) return;
    const now = await databaseNow(em);
    const pause = outcome.status_code === GONE ? null : pauseAfter(attempts + 1 - delivery.attempts_before);
    delivery.record(outcome, now, pause === null ? null : new Date(now.getTime() + pause));
    if (delivery.status === 'pending') await this.deliveries.enqueue(em, delivery, true);
    await this.health.heed(em, endpoint, delivery, outcome, now);
  }
}

function dueNow(id: string) {
  return { id, status: 'pending', next_attempt_at: { $lte: raw('now()') } } as const;
}
