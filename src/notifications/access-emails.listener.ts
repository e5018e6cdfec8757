import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { DomainEvent } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { Emails, type Occasion } from './emails.js';
import { oldestOpenInvoice, planName, readSubscription } from './mirrored-rows.js';
import { hasAccess } from './still-true.js';

/** Access lost as a whole, and given back. A feature more or less is told by what caused it, e.g. a change of plan. */
@Injectable()
export class AccessEmails {
  constructor(private readonly emails: Emails) {}

  @OnDomainEvent({ listener: 'notifications.access', to: ['access.changed'] })
  async changed(em: EntityManager, event: DomainEvent<'access.changed'>): Promise<void> {
    const { id: business_key, customer, data } = event;
    const { subscription, rule, revoked, granted } = data;
    if (customer === null || subscription === null) return;
    await oneAtATime(em, customer);
    const allowed = await hasAccess(em, customer);
    const last = await this.emails.latest(em, customer, ['access_lost', 'access_restored']);
    const knowsOfLoss = last?.effect === 'access_lost' && last.subscription === subscription;
    const about = { business_key, customer, subscription };
    if (revoked.length > 0 && !allowed && !knowsOfLoss) await this.lost(em, about, rule);
    // Only to those who were told of the loss, and by the same subscription: a new one is welcomed.
    if (granted.length > 0 && allowed && knowsOfLoss) await this.restored(em, about);
  }

  private async lost(em: EntityManager, about: Subject, rule: string): Promise<void> {
    const occasion = { effect: 'access_lost', ...about } as const;
    if (rule === 'canceled') {
      return this.emails.skip(em, occasion, 'The subscription has ended, and the e-mail about that says so.');
    }
    const plan = await planName(em, await readSubscription(em, about.subscription));
    const invoice = await oldestOpenInvoice(em, about.subscription);
    if (!invoice) return this.emails.send(em, occasion, { plan, unpaid: null });
    const { amount_remaining: amount, currency, hosted_invoice_url } = invoice;
    const unpaid = { amount, currency, hosted_invoice_url };
    await this.emails.send(em, { ...occasion, invoice: invoice.id }, { plan, unpaid });
  }

  private async restored(em: EntityManager, about: Subject): Promise<void> {
    const plan = await planName(em, await readSubscription(em, about.subscription));
    await this.emails.send(em, { effect: 'access_restored', ...about }, { plan });
  }
}

interface Subject extends Pick<Occasion, 'business_key'> {
  customer: string;
  subscription: string;
}

/** Features may come and go in several events; of two at once the second has to see what the first has told. */
async function oneAtATime(em: EntityManager, customer: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`access e-mails ${customer}`}, 0))`.execute(em.getKysely());
}
