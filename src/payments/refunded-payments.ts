import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Clock } from '../database/clock.js';
import { EventBus } from '../events/event-bus.js';
import type { WrittenRow } from '../mirror/mirror-registry.js';
import { paymentData } from './payment-intent-from-stripe.js';
import { Payment } from './payment.entity.js';
import { Refund } from './refund.entity.js';

/**
 * Publishes `payment.refunded`, once per refund that succeeded: when both the refund and its payment are known, whichever
 * comes last. `refunded` is what this refund gave back.
 */
@Injectable()
export class RefundedPayments {
  constructor(
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  async derive(em: EntityManager, rows: WrittenRow[]): Promise<void> {
    const [succeeded, firstSeen] = [succeededIn(rows), firstSeenIn(rows)];
    if (succeeded.length + firstSeen.length === 0) return;
    const causes = new Map(rows.map(({ id, cause }) => [id, cause]));
    const refunds = await em.find(Refund, {
      status: 'succeeded',
      deleted: false,
      $or: [{ id: { $in: succeeded } }, { payment_intent: { $in: firstSeen } }],
    });
    const payments = await em.find(Payment, {
      id: { $in: refunds.flatMap(({ payment_intent }) => payment_intent ?? []) },
    });
    const byId = new Map(payments.map((payment) => [payment.id, payment]));
    const drafts = refunds.flatMap((refund) => {
      const payment = byId.get(refund.payment_intent ?? '');
      if (!payment) return [];
      return {
        type: 'payment.refunded' as const,
        customer: payment.customer,
        object: payment.id,
        data: { ...paymentData(payment), refund: refund.id, refunded: refund.amount },
        occurred_at: this.clock.now(),
        cause: causes.get(refund.id) ?? causes.get(payment.id) ?? null,
        key: `payment.refunded:${refund.id}`,
      };
    });
    await this.bus.publish(em, drafts);
  }
}

function succeededIn(rows: WrittenRow[]): string[] {
  return rows.flatMap(({ object, id, before, after }) => {
    const [was, is] = [before as Refund | null, after as Refund | null];
    return object === 'refund' && is?.status === 'succeeded' && was?.status !== 'succeeded' ? [id] : [];
  });
}

function firstSeenIn(rows: WrittenRow[]): string[] {
  return rows.flatMap(({ object, id, before, after }) => (object === 'payment_intent' && !before && after ? [id] : []));
}
