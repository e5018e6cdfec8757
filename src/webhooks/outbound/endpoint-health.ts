import { Injectable, Logger } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Clock } from '../../database/clock.js';
import { EventBus } from '../../events/event-bus.js';
import { GONE } from './outcome.js';
import type { Outcome } from './outcome.js';
import type { WebhookDelivery } from './webhook-delivery.entity.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

/**
 * Notices receivers that are no longer there, so that they are not tried for ever. An endpoint is disabled when it answers
 * 410 Gone (by Standard Webhooks: it wants no more), or when a delivery is given up and no attempt has succeeded for five
 * days. Either is logged and published as `webhook_endpoint.disabled`, which the other endpoints receive.
 */
@Injectable()
export class EndpointHealth {
  private readonly logger = new Logger(EndpointHealth.name);

  constructor(
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  /**
   * @param endpoint as it was when the attempt began: only what changes is written, so that attempts do not queue for its row
   * @param now real time, of the database's clock
   */
  async heed(
    em: EntityManager,
    endpoint: WebhookEndpoint,
    { status }: WebhookDelivery,
    outcome: Outcome,
    now: Date,
  ): Promise<void> {
    const failed = outcome.error !== null;
    if (outcome.status_code === GONE) await this.disable(em, endpoint.id, () => 'The receiver answered 410 Gone.');
    else if (failed !== (endpoint.failing_since !== null)) await this.mark(em, endpoint.id, failed ? now : null);
    else if (status === 'failed' && endpoint.isHopeless(now))
      await this.disable(em, endpoint.id, (current) => (current.isHopeless(now) ? hopeless(current) : null));
  }

  private async mark(em: EntityManager, id: string, failing_since: Date | null): Promise<void> {
    // The other value may have come meanwhile: the first failure counts, and any success.
    const differing = failing_since === null ? { $ne: null } : null;
    await em.nativeUpdate(WebhookEndpoint, { id, failing_since: differing }, { failing_since });
  }

  private async disable(em: EntityManager, id: string, why: (endpoint: WebhookEndpoint) => string | null) {
    const endpoint = await em.findOne(
      WebhookEndpoint,
      { id, status: 'enabled' },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    const reason = endpoint && why(endpoint);
    if (!endpoint || reason === null) return;
    endpoint.disable(reason);
    this.logger.warn({ msg: 'webhook endpoint disabled', endpoint: id, reason });
    const failing_since = endpoint.failing_since?.toISOString() ?? null;
    await this.bus.publish(em, [
      {
        type: 'webhook_endpoint.disabled',
        customer: null,
        object: id,
        data: { webhook_endpoint: id, reason, failing_since },
        occurred_at: this.clock.now(),
        cause: null,
      },
    ]);
  }
}

function hopeless({ failing_since }: WebhookEndpoint): string {
  return `No attempt has succeeded since ${failing_since?.toISOString()}.`;
}
