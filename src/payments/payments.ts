import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type Stripe from 'stripe';
import { AttemptLimiter } from '../api/attempt-limiter.js';
import { CustomerIds } from '../customers/customer-ids.js';
import { findCustomer } from '../customers/customers.js';
import { Transactions } from '../database/transactions.js';
import { InvalidInput, NotFound } from '../errors/failure.js';
import { Commands } from '../mirror/commands.js';
import { Refetch } from '../mirror/refetch.js';
import type { OperationKind, OperationParams } from '../stripe/operations.js';
import { AuthenticationRequired, CardDeclined, StripeInvalidRequest } from '../stripe/stripe.errors.js';
import { amountFault } from './amount-bounds.js';
import { ONE_OFF_MARK } from './payment-intent-from-stripe.js';
import { Payment } from './payment.entity.js';
import { PaymentUnexpectedState } from './payments.errors.js';

type PaymentCommand = Extract<OperationKind, `payment_intent.${string}`>;

export interface PaymentWish {
  /** Stripe's id or the SaaS's own. */
  customer?: string | undefined;
  /** Integer, minor units. */
  amount: number;
  currency: string;
  payment_method?: string | undefined;
  confirm: boolean;
  capture: 'automatic' | 'manual';
  order_id?: string | undefined;
  customer_ip?: string | undefined;
  metadata?: Record<string, string> | undefined;
}

export interface PaymentChange {
  amount?: number | undefined;
  payment_method?: string | undefined;
  order_id?: string | undefined;
  /** null removes a key, keys that are not named stay. */
  metadata?: Record<string, string | null> | undefined;
}

export interface Confirmation {
  payment_method?: string | undefined;
  return_url?: string | undefined;
  customer_ip?: string | undefined;
}

/** Against the testing of stolen cards. https://docs.stripe.com/disputes/prevention/card-testing */
const ATTEMPTS = { limit: 5, windowSeconds: 15 * 60 };

/** One-off payments: Stripe's payment intents. Every method answers with the mirrored payment's id. */
@Injectable()
export class Payments {
  private readonly logger = new Logger(Payments.name);

  constructor(
    private readonly attempts: AttemptLimiter,
    private readonly commands: Commands,
    private readonly customerIds: CustomerIds,
    private readonly refetch: Refetch,
    private readonly transactions: Transactions,
  ) {}

  /** @param address of whoever asks, for the limit of attempts. @throws CardDeclined; the payment stays and can be confirmed with another card */
  async create(wish: PaymentWish, address: string): Promise<string> {
    const customer = await this.customerOf(wish.customer);
    if (wish.confirm) await this.countAttempt(customer, wish.customer_ip ?? null, address);
    const { id } = await this.run('payment_intent.create', createParams(wish, customer), customer);
    return id;
  }

  /** @throws InvalidInput naming the bound of the amount */
  async update(id: string, { order_id, metadata, ...change }: PaymentChange): Promise<void> {
    const payment = await this.find(id);
    const fault = change.amount === undefined ? null : amountFault(change.amount, payment.currency);
    if (fault !== null) throw new InvalidInput([{ pointer: '/amount', detail: fault }]);
    const changed = { ...metadata, ...(order_id !== undefined && { order_id }) };
    await this.run('payment_intent.update', { id, ...change, metadata: changed }, payment.customer);
  }

  /** @throws CardDeclined, PaymentUnexpectedState */
  async confirm(id: string, { customer_ip, ...how }: Confirmation, address: string): Promise<void> {
    const payment = await this.find(id);
    await this.countAttempt(payment.customer ?? id, customer_ip ?? null, address);
    await this.run('payment_intent.confirm', { id, ...how }, payment.customer);
  }

  /** @param amount integer, minor units; undefined: all that was authorized. @throws PaymentUnexpectedState */
  async capture(id: string, amount: number | undefined): Promise<void> {
    const payment = await this.find(id);
    await this.run(
      'payment_intent.capture',
      { id, ...(amount !== undefined && { amount_to_capture: amount }) },
      payment.customer,
    );
  }

  /** @throws PaymentUnexpectedState */
  async cancel(
    id: string,
    cancellation_reason: Stripe.PaymentIntentCancelParams.CancellationReason | undefined,
  ): Promise<void> {
    const payment = await this.find(id);
    await this.run(
      'payment_intent.cancel',
      { id, ...(cancellation_reason && { cancellation_reason }) },
      payment.customer,
    );
  }

  private find(id: string): Promise<Payment> {
    return findPayment(this.transactions.reader(), id);
  }

  private async customerOf(reference: string | undefined): Promise<string | null> {
    if (reference === undefined) return null;
    const em = this.transactions.reader();
    return (await findCustomer(em, await this.customerIds.resolve(em, reference))).id;
  }

  /**
   * @param who the customer; for a guest the payment, once there is one. Of a guest of whom nothing is known an attempt is
   * not counted: behind the address of the SaaS's server all guests would be one.
   */
  private async countAttempt(who: string | null, customer_ip: string | null, address: string): Promise<void> {
    if (who === null && customer_ip === null) return;
    await this.attempts.take(`payment:${who ?? 'guest'}:${customer_ip ?? address}`, ATTEMPTS);
  }

  private async run<K extends PaymentCommand>(
    kind: K,
    params: OperationParams<K>,
    customer: string | null,
  ): Promise<{ id: string }> {
    try {
      return await this.commands.run(kind, params, customer);
    } catch (error) {
      await this.learn(error);
      throw meaningOf(error);
    }
  }

  /** Stripe answers a declined payment with an error, yet the payment is there: the caller may go on with it at once. */
  private async learn(error: unknown): Promise<void> {
    if (!(error instanceof CardDeclined || error instanceof AuthenticationRequired)) return;
    const { payment: id } = error.extensions;
    if (typeof id !== 'string') return;
    try {
      await this.refetch.refresh([{ object: 'payment_intent', id }], () => null, 'user');
    } catch (failure) {
      this.logger.warn({ msg: 'declined payment not read; its event will bring it', payment: id, err: failure });
    }
  }
}

/** @throws NotFound */
export async function findPayment(em: EntityManager, id: string): Promise<Payment> {
  const payment = await em.findOne(Payment, { id, deleted: false }, { populate: ['data'] });
  if (!payment) throw new NotFound('payment', id);
  return payment;
}

function createParams(wish: PaymentWish, customer: string | null): Stripe.PaymentIntentCreateParams {
  const { amount, currency, payment_method, confirm, capture, order_id, metadata } = wish;
  return {
    amount,
    currency,
    capture_method: capture,
    // A method that is confirmed by the server has nobody to redirect: https://docs.stripe.com/api/payment_intents/create#create_payment_intent-automatic_payment_methods-allow_redirects
    automatic_payment_methods: { enabled: true, ...(payment_method !== undefined && { allow_redirects: 'never' }) },
    metadata: { ...metadata, ...(order_id !== undefined && { order_id }), [ONE_OFF_MARK]: 'true' },
    ...(customer !== null && { customer }),
    ...(payment_method !== undefined && { payment_method }),
    ...(confirm && { confirm }),
  };
}

function meaningOf(error: unknown): unknown {
  const state =
    error instanceof StripeInvalidRequest && error.extensions['stripe_code'] === 'payment_intent_unexpected_state';
  return state ? new PaymentUnexpectedState(error.message, { cause: error }) : error;
}
