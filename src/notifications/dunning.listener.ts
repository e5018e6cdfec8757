import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DomainEvent } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { Dunning } from './dunning.js';
import { readAhead } from './mirrored-rows.js';

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

  @OnDomainEvent({ listener: 'notifications.dunning', to: TURNS, ahead: readAhead })
  async plan(em: EntityManager, event: DomainEvent<(typeof TURNS)[number]>): Promise<void> {
    if (event.data.subscription) await this.dunning.plan(em, event.data.subscription);
  }
}
