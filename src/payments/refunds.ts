import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type Stripe from 'stripe';
import { Transactions } from '../database/transactions.js';
import { NotFound } from '../errors/failure.js';
import { Commands } from '../mirror/commands.js';
import { StripeApi } from '../stripe/stripe-api.js';
import { isRefusal, StripeInvalidRequest } from '../stripe/stripe.errors.js';
import type { Payment } from './payment.entity.js';
import { findPayment } from './payments.js';
import { PaymentNotRefundable, RefundExceedsPayment } from './payments.errors.js';
import { RESERVATION_KEY } from './refund-from-stripe.js';
import { release, reserve } from './refund-reservations.js';
import { Refund } from './refund.entity.js';

export interface RefundWish {
  payment: string;
  /** Integer, minor units; undefined: all that is left. */
  amount?: number | undefined;
  reason?: Stripe.RefundCreateParams.Reason | undefined;
}

/** Gives money back, never more than is left of the payment. */
@Injectable()
export class Refunds {
  constructor(
    private readonly api: StripeApi,
    private readonly commands: Commands,
    private readonly transactions: Transactions,
  ) {}

  /**
   * @param request the same for a repetition of the same request: what it reserved, or refunded, is found again
   * @returns the refund's id. @throws RefundExceedsPayment, PaymentNotRefundable, NotFound
   */
  async refund({ payment: id, amount, reason }: RefundWish, request: string): Promise<string> {
    const made = await this.transactions.reader().findOne(Refund, { reservation: request });
    if (made) return made.id;
    const { payment, reserved } = await this.transactions.run(async (em) => {
      const found = await findPayment(em, id);
      if (found.amount_received === 0) throw new PaymentNotRefundable(id, found.status);
      return { payment: found, reserved: await reserve(em, request, found, amount) };
    });
    try {
      const params = {
        payment_intent: id,
        amount: reserved,
        metadata: { [RESERVATION_KEY]: request },
        ...(reason && { reason }),
      };
      return (await this.commands.run('refund.create', params, payment.customer)).id;
    } catch (error) {
      // Without an answer the refund may have been made: its part stays taken until it is known, or the reservation lapses.
      if (isRefusal(error)) await this.transactions.run((em) => release(em, [request]));
      throw await this.meaningOf(error, payment);
    }
  }

  /** Stripe knows of refunds that the mirror does not know yet, such as those made by hand in its dashboard. */
  private async meaningOf(error: unknown, { latest_charge, currency }: Payment): Promise<unknown> {
    if (!(error instanceof StripeInvalidRequest) || latest_charge === null) return error;
    const { stripe_code, param } = error.extensions;
    if (stripe_code !== 'charge_already_refunded' && param !== 'amount') return error;
    const { object: charge } = await this.api.read((stripe) => stripe.charges.retrieve(latest_charge));
    // What a partial capture set free counts as refunded: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
    return new RefundExceedsPayment(charge.amount - charge.amount_refunded, currency);
  }
}

/** @throws NotFound */
export async function findRefund(em: EntityManager, id: string): Promise<Refund> {
  const refund = await em.findOne(Refund, { id, deleted: false }, { populate: ['data'] });
  if (!refund) throw new NotFound('refund', id);
  return refund;
}
