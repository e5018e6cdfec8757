import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import type { Customer } from '../customers/customer.entity.js';
import { Commands } from '../mirror/commands.js';
import { PaymentMethods } from '../payments/payment-methods.js';
import { isRefusal } from '../stripe/stripe.errors.js';
import { InvoicePayments } from './invoice-payments.js';
import type { Claim } from './subscription-claims.js';

/** The payment with which a subscription begins, before and after. */
@Injectable()
export class FirstPayments {
  constructor(
    private readonly commands: Commands,
    private readonly paymentMethods: PaymentMethods,
    private readonly payments: InvoicePayments,
  ) {}

  /** Attaches the payment method and makes it the customer's default. @throws CardDeclined when Stripe refuses it */
  async useCard(customer: string, payment_method: string, claim: Claim): Promise<void> {
    await claim.renew();
    const id = await this.paymentMethods.attach(customer, payment_method);
    await claim.renew();
    await this.paymentMethods.makeDefault(customer, id);
  }

  /**
   * A payment that was refused (one that waits for the customer's confirmation was not) leaves no subscription.
   * @throws CardDeclined
   */
  async refuseDeclined(
    subscription: Pick<Stripe.Subscription, 'id' | 'latest_invoice'>,
    customer: Customer,
    payment_method: string | undefined,
  ): Promise<void> {
    const { id, latest_invoice } = subscription;
    if (typeof latest_invoice !== 'string') return;
    const decline = await this.payments.decline(latest_invoice);
    if (!decline) return;
    await this.giveUp({ id, latest_invoice, customer: customer.id });
    // The refused card stays attached, for Stripe takes none again that was detached; but the one before is the default again.
    const before = customer.default_payment_method;
    if (payment_method !== undefined && before !== null) await this.paymentMethods.makeDefault(customer.id, before);
    throw decline;
  }

  /** Ends a subscription whose first invoice was not paid. Left open, the invoice could still be paid on Stripe's page. */
  async giveUp({
    id,
    customer,
    latest_invoice,
  }: {
    id: string;
    customer: string;
    latest_invoice: string | null;
  }): Promise<void> {
    await this.commands.run('subscription.cancel', { id }, customer);
    if (latest_invoice === null) return;
    try {
      await this.commands.run('invoice.void', { id: latest_invoice }, customer);
    } catch (error) {
      // Stripe voids it by itself when it takes the cancellation for an expiry (`incomplete_expired`).
      if (!isRefusal(error)) throw error;
    }
  }
}
