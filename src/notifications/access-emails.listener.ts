import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { lockNames } from '../database/named-locks.js';
import type { DomainEvent } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { Emails, type Occasion } from './emails.js';
import { oldestOpenInvoice, planName, readSubscription } from './mirrored-rows.js';
import { customersWithAccess } from './still-true.js';

/** Access lost as a whole, and given back. A feature more or less is told by what caused it, e.g. a change of plan. */
@Injectable()
export class AccessEmails {
  constructor(private readonly emails: Emails) {}

  @OnDomainEvent({ listener: 'notifications.access', to: ['access.changed'], together: true })
  async changed(em: EntityManager, events: Array<DomainEvent<'access.changed'>>): Promise<void> {
    const customers = [...new Set(events.flatMap(({ customer }) => customer ?? []))];
    // Features may come and go in several events; of two at once the second has to see what the first has told.
    const names = customers.map((customer) => `access e-mails ${customer}`);
    await lockNames(em, names);
    const losses = await this.knownLosses(em, customers);
    const withAccess = await customersWithAccess(em, customers);
    for (const { id: business_key, customer, data } of events) {
      const { subscription, rule, revoked, granted } = data;
      if (customer === null || subscription === null) continue;
      const allowed = withAccess.has(customer);
      const knowsOfLoss = losses.get(customer) === subscription;
      const about = { business_key, customer, subscription };
      if (revoked.length > 0 && !allowed && !knowsOfLoss) {
        if (await this.lost(em, about, rule)) losses.set(customer, subscription);
      }
      // Only to those who were told of the loss, and by the same subscription: a new one is welcomed.
      if (granted.length > 0 && allowed && knowsOfLoss) {
        if (await this.restored(em, about)) losses.delete(customer);
      }
    }
  }

  /** By customer, the subscription by which they lost access, when that is the last they were told. */
  private async knownLosses(em: EntityManager, customers: string[]): Promise<Map<string, string | null>> {
    const latest = await this.emails.latest(em, customers, ['access_lost', 'access_restored']);
    const losses = [...latest].filter(([, { effect }]) => effect === 'access_lost');
    return new Map(losses.map(([customer, { subscription }]) => [customer, subscription]));
  }

  private async lost(em: EntityManager, about: Subject, rule: string): Promise<boolean> {
    const occasion = { effect: 'access_lost', ...about } as const;
    if (rule === 'canceled') {
      this.emails.skip(em, occasion, 'The subscription has ended, and the e-mail about that says so.');
      return false;
    }
    const plan = await planName(em, await readSubscription(em, about.subscription));
    const invoice = await oldestOpenInvoice(em, about.subscription);
    if (!invoice) return this.emails.send(em, occasion, { plan, unpaid: null });
    const { amount_remaining: amount, currency, hosted_invoice_url } = invoice;
    const unpaid = { amount, currency, hosted_invoice_url };
    return this.emails.send(em, { ...occasion, invoice: invoice.id }, { plan, unpaid });
  }

  private async restored(em: EntityManager, about: Subject): Promise<boolean> {
    const plan = await planName(em, await readSubscription(em, about.subscription));
    return this.emails.send(em, { effect: 'access_restored', ...about }, { plan });
  }
}

interface Subject extends Pick<Occasion, 'business_key'> {
  customer: string;
  subscription: string;
}
