import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Transactions } from '../database/transactions.js';
import { Failure, NotFound } from '../errors/failure.js';
import { Commands } from '../mirror/commands.js';
import { Invoice } from './invoice.entity.js';
import { PaymentMethod } from './payment-method.entity.js';

/** What came of an open invoice that was tried again; `failure` null: it is paid. */
export interface RetriedInvoice {
  invoice: Invoice;
  failure: Failure | null;
}

/** The ways in which a customer can pay, saved at Stripe. Customers are given by Stripe's id. */
@Injectable()
export class PaymentMethods {
  constructor(
    private readonly commands: Commands,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Saves a method with the customer. @returns its id, which differs from the one given for Stripe's test ids
   * @throws CardDeclined where the bank refuses the card already now
   */
  async attach(customer: string, payment_method: string): Promise<string> {
    const { id } = await this.commands.run('payment_method.attach', { id: payment_method, customer }, customer);
    return id;
  }

  /** Invoices are paid with it from now on, unless their subscription has a method of its own. */
  async makeDefault(customer: string, payment_method: string): Promise<void> {
    const params = { id: customer, invoice_settings: { default_payment_method: payment_method } };
    await this.commands.run('customer.update', params, customer);
  }

  /** Pays what failed before with this method, so that nobody waits for Stripe's next attempt. A refusal does not end it. */
  async payFailedInvoices(customer: string, payment_method: string): Promise<RetriedInvoice[]> {
    const where = { customer, status: 'open', attempt_count: { $gt: 0 }, amount_remaining: { $gt: 0 }, deleted: false };
    const open = await this.transactions.reader().find(Invoice, where, { orderBy: { created: 'asc' } });
    const retried: RetriedInvoice[] = [];
    for (const invoice of open) retried.push({ invoice, failure: await this.pay(invoice, payment_method) });
    return retried;
  }

  /** For good: Stripe takes no detached method again. https://docs.stripe.com/api/payment_methods/detach */
  async detach(customer: string, payment_method: string): Promise<void> {
    await findPaymentMethod(this.transactions.reader(), customer, payment_method);
    await this.commands.run('payment_method.detach', { id: payment_method }, customer);
  }

  private async pay(invoice: Invoice, payment_method: string): Promise<Failure | null> {
    try {
      const subscription = invoice.subscription === null ? [] : [{ object: 'subscription', id: invoice.subscription }];
      await this.commands.run('invoice.pay', { id: invoice.id, payment_method }, invoice.customer, subscription);
      return null;
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  }
}

/** @throws NotFound, also for a method of another customer */
export async function findPaymentMethod(em: EntityManager, customer: string, id: string): Promise<PaymentMethod> {
  const method = await em.findOne(PaymentMethod, { id, customer, deleted: false });
  if (!method) throw new NotFound('payment method', id);
  return method;
}
