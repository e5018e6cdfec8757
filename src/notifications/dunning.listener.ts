import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DomainEvent } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { Dunning } from './dunning.js';

const TURNS = [
  'invoice.payment_failed',
  'invoice.paid',
  'invoice.voided',
  'subscription.past_due',
  'subscription.unpaid',
  'subscription.activated',
  'subscription.canceled',
] as const;

/** Begins and ends dunning: whatever bears on it leads to the steps being set anew. */
@Injectable()
export class DunningListener {
  constructor(private readonly dunning: Dunning) {}

  @OnDomainEvent({ listener: 'notifications.dunning', to: TURNS, together: true })
  async plan(em: EntityManager, events: Array<DomainEvent<(typeof TURNS)[number]>>): Promise<void> {
    const subscriptions = new Set(events.flatMap(({ data }) => data.subscription ?? []));
    await this.dunning.plan(em, [...subscriptions]);
  }
}
