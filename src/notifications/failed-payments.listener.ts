import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Policies } from '../access/policies.js';
import { Clock } from '../database/clock.js';
import type { DomainEvent } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import type { Invoice } from '../payments/invoice.entity.js';
import { Emails } from './emails.js';
import {
  invoiceOf,
  oldestOpenInvoice,
  planName,
  readInvoice,
  readPayment,
  readSubscription,
  readAhead,
} from './mirrored-rows.js';
import { accessEnd } from './owed.js';

/** How long a customer who is asked to confirm a payment on a page is left alone before an e-mail asks as well. */
const IN_PERSON_MS = 15 * 60_000;

/** E-mails about money that did not come. */
@Injectable()
export class FailedPayments {
  constructor(
    private readonly emails: Emails,
    private readonly policies: Policies,
    private readonly clock: Clock,
  ) {}

  @OnDomainEvent({ listener: 'notifications.payment_failed', to: ['invoice.payment_failed'], ahead: readAhead })
  async failed(em: EntityManager, event: DomainEvent<'invoice.payment_failed'>): Promise<void> {
    const invoice = await readInvoice(em, event.data.invoice);
    const { attempt } = event.data;
    const { id, customer, subscription: subscriptionId } = invoice;
    const business_key = `${id}:${attempt}`;
    const occasion = {
      effect: 'payment_failed',
      business_key,
      customer,
      subscription: subscriptionId,
      invoice: id,
    } as const;
    if (invoice.attempt_count > attempt)
      return this.emails.skip(em, occasion, 'A later attempt failed too, and has its own.');

    const subscription = subscriptionId ? await readSubscription(em, subscriptionId) : null;
    const oldest = subscription ? await oldestOpenInvoice(em, subscription.id) : null;
    const access = accessEnd(
      (oldest ?? invoice).finalized_at,
      subscription?.status ?? null,
      this.policies,
      this.clock.now(),
    );
    if (access === 'over')
      return this.emails.skip(em, occasion, 'Access is over, and the e-mail on that says what to do.');
    await this.emails.send(em, occasion, {
      amount: invoice.amount_remaining,
      currency: invoice.currency,
      plan: subscription ? await planName(em, subscription) : nameOf(invoice),
      next_attempt_at: invoice.next_payment_attempt,
      access,
      hosted_invoice_url: invoice.hosted_invoice_url,
    });
  }

  @OnDomainEvent({ listener: 'notifications.payment_reminder', to: ['dunning.reminder_due'], ahead: readAhead })
  async reminder(em: EntityManager, event: DomainEvent<'dunning.reminder_due'>): Promise<void> {
    const { step, access_until } = event.data;
    const invoice = await readInvoice(em, event.data.invoice);
    const subscription = await readSubscription(em, event.data.subscription);
    const { id, customer, amount_remaining: amount, currency, hosted_invoice_url } = invoice;
    const business_key = `${id}:${step}`;
    const occasion = {
      effect: 'payment_reminder',
      business_key,
      customer,
      subscription: subscription.id,
      invoice: id,
    } as const;
    const end = accessEnd(invoice.finalized_at, subscription.status, this.policies, this.clock.now());
    if (end === 'over') return this.emails.skip(em, occasion, `Access ended at ${access_until}.`);
    const { until, days } = end ?? { until: new Date(access_until), days: 0 };
    const plan = await planName(em, subscription);
    await this.emails.send(em, occasion, { amount, currency, plan, access_until: until, days, hosted_invoice_url });
  }

  /** A one-off payment is confirmed where it began: there is no page that an e-mail could lead to. */
  @OnDomainEvent({ listener: 'notifications.action_required', to: ['payment.requires_action'], ahead: readAhead })
  async actionRequired(em: EntityManager, event: DomainEvent<'payment.requires_action'>): Promise<void> {
    if (event.data.one_off) return;
    const payment = await readPayment(em, event.data.payment);
    const { customer, amount, currency } = payment;
    const occasion = { effect: 'action_required', business_key: payment.id, customer, payment: payment.id } as const;
    if (payment.status !== 'requires_action')
      return this.emails.skip(em, occasion, `The payment is ${payment.status}.`);

    const invoice = await invoiceOf(em, payment);
    const { subscription, hosted_invoice_url, billing_reason } = invoice;
    const about = { ...occasion, subscription, invoice: invoice.id };
    if (!hosted_invoice_url) return this.emails.skip(em, about, 'The invoice has no page where it could be confirmed.');
    const plan = subscription ? await planName(em, await readSubscription(em, subscription)) : nameOf(invoice);
    const at = isInPerson(billing_reason) ? new Date(this.clock.now().getTime() + IN_PERSON_MS) : undefined;
    await this.emails.send(em, about, { amount, currency, plan, hosted_invoice_url }, at);
  }
}

function nameOf({ id, number }: Invoice): string {
  return number ?? id;
}

/** https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason */
function isInPerson(billingReason: string | null): boolean {
  return billingReason === 'subscription_create' || billingReason === 'subscription_update';
}
