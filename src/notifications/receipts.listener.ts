import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DomainEvent } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { PaymentMethod } from '../payments/payment-method.entity.js';
import { Emails } from './emails.js';
import { planName, readInvoice, readPayment, readSubscription, readAhead } from './mirrored-rows.js';

@Injectable()
export class Receipts {
  constructor(private readonly emails: Emails) {}

  @OnDomainEvent({ listener: 'notifications.invoice_receipt', to: ['invoice.paid'], ahead: readAhead })
  async ofInvoice(em: EntityManager, event: DomainEvent<'invoice.paid'>): Promise<void> {
    const { id, customer, subscription, number, amount_paid, currency, paid_at, hosted_invoice_url } =
      await readInvoice(em, event.data.invoice);
    if (amount_paid === 0) return;
    await this.emails.send(
      em,
      { effect: 'receipt', business_key: id, customer, subscription, invoice: id },
      {
        amount: amount_paid,
        currency,
        paid_at: paid_at ?? new Date(event.occurred_at),
        plan: subscription ? await planName(em, await readSubscription(em, subscription)) : null,
        invoice_number: number,
        order_id: null,
        card: null,
        hosted_invoice_url,
      },
    );
  }

  /** The payment of an invoice has the invoice's receipt. */
  @OnDomainEvent({ listener: 'notifications.payment_receipt', to: ['payment.succeeded'], ahead: readAhead })
  async ofPayment(em: EntityManager, event: DomainEvent<'payment.succeeded'>): Promise<void> {
    if (!event.data.one_off) return;
    const { id, customer, amount_received, currency, order_id, payment_method } = await readPayment(
      em,
      event.data.payment,
    );
    await this.emails.send(
      em,
      { effect: 'receipt', business_key: id, customer, payment: id },
      {
        amount: amount_received,
        currency,
        paid_at: new Date(event.occurred_at),
        plan: null,
        invoice_number: null,
        order_id,
        card: payment_method === null ? null : await this.cardOf(em, payment_method),
        hosted_invoice_url: null,
      },
    );
  }

  private async cardOf(em: EntityManager, id: string): Promise<{ brand: string; last4: string } | null> {
    const method = await em.findOne(PaymentMethod, id);
    if (!method?.card_brand || !method.card_last4) return null;
    return { brand: cardBrands[method.card_brand] ?? method.card_brand, last4: method.card_last4 };
  }
}

/** As people know them; Stripe's names: https://docs.stripe.com/api/payment_methods/object#payment_method_object-card-brand */
const cardBrands: Record<string, string> = {
  amex: 'American Express',
  cartes_bancaires: 'Cartes Bancaires',
  diners: 'Diners Club',
  discover: 'Discover',
  eftpos_au: 'eftpos',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
};
