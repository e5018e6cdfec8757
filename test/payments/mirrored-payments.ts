import type Stripe from 'stripe';
import { Transactions } from '../../src/database/transactions.js';
import { DomainEventRow } from '../../src/events/domain-event.entity.js';
import { MirrorRegistry } from '../../src/mirror/mirror-registry.js';
import { Mirror } from '../../src/mirror/mirror.js';
import { paymentIntentMirror } from '../../src/payments/payment-intent-from-stripe.js';
import { Payment } from '../../src/payments/payment.entity.js';
import { refundMirror } from '../../src/payments/refund-from-stripe.js';
import { releaseFulfilled } from '../../src/payments/refund-reservations.js';
import { RefundReservation } from '../../src/payments/refund-reservation.entity.js';
import { Refund } from '../../src/payments/refund.entity.js';
import { RefundedPayments } from '../../src/payments/refunded-payments.js';
import { PINNED_API_VERSION } from '../../src/stripe/api-version.js';
import { openRoom } from '../support/room.js';
import type { Room } from '../support/room.js';

/** Payments and refunds with a real mirror in a real database. */
export class MirroredPayments {
  private events = 0;

  private constructor(private readonly room: Room) {}

  static async open(): Promise<MirroredPayments> {
    const room = await openRoom([MirrorRegistry, Mirror, RefundedPayments]);
    const registry = room.get(MirrorRegistry);
    registry.mirror(paymentIntentMirror, refundMirror);
    registry.derive(releaseFulfilled);
    registry.derive((em, rows) => room.get(RefundedPayments).derive(em, rows));
    return new MirroredPayments(room);
  }

  get transactions(): Transactions {
    return this.room.get(Transactions);
  }

  /** Mirrors the object of an event, each event beyond doubt newer than the one before. @returns the event's id */
  async arrive(type: string, object: Stripe.PaymentIntent | Stripe.Refund): Promise<string> {
    const number = ++this.events;
    const event = {
      event: `evt_${number}`,
      type,
      api_version: PINNED_API_VERSION,
      created: new Date(1_767_225_600_000 + number * 5000),
      object,
      previous_attributes: null,
    };
    await this.transactions.run((em) => this.room.get(Mirror).applyEvents(em, [event]));
    return event.event;
  }

  empty(): Promise<void> {
    return this.transactions.run(async (em) => {
      await em.nativeDelete(Payment, {});
      await em.nativeDelete(Refund, {});
      await em.nativeDelete(RefundReservation, {});
      await em.nativeDelete(DomainEventRow, {});
    });
  }

  close(): Promise<void> {
    return this.room.close();
  }
}
