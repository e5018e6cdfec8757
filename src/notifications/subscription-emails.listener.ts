import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DomainEvent } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { Emails } from './emails.js';
import { planName, readSubscription, readAhead } from './mirrored-rows.js';

/** Welcome and goodbye. */
@Injectable()
export class SubscriptionEmails {
  constructor(private readonly emails: Emails) {}

  /** When it first gives something: at its start with a trial, else with the first payment. Not when it recovers. */
  @OnDomainEvent({
    listener: 'notifications.welcome',
    to: ['subscription.created', 'subscription.activated'],
    ahead: readAhead,
  })
  async welcome(
    em: EntityManager,
    event: DomainEvent<'subscription.created' | 'subscription.activated'>,
  ): Promise<void> {
    if (event.type === 'subscription.activated' && !isFirst(event.data.previous_status)) return;
    const subscription = await readSubscription(em, event.data.subscription);
    const { id, customer, status, trial_end, current_period_end } = subscription;
    if (status === 'incomplete') return;
    await this.emails.send(
      em,
      { effect: 'welcome', business_key: id, customer, subscription: id },
      {
        plan: await planName(em, subscription),
        trial_end: status === 'trialing' ? trial_end : null,
        current_period_end,
      },
    );
  }

  @OnDomainEvent({ listener: 'notifications.subscription_canceled', to: ['subscription.canceled'], ahead: readAhead })
  async canceled(em: EntityManager, event: DomainEvent<'subscription.canceled'>): Promise<void> {
    const subscription = await readSubscription(em, event.data.subscription);
    const { id, customer, ended_at, canceled_at, cancellation_reason } = subscription;
    await this.emails.send(
      em,
      { effect: 'subscription_canceled', business_key: id, customer, subscription: id },
      {
        plan: await planName(em, subscription),
        ended_at: ended_at ?? canceled_at ?? new Date(event.occurred_at),
        unpaid: cancellation_reason === 'payment_failed',
      },
    );
  }

  @OnDomainEvent({
    listener: 'notifications.cancellation_scheduled',
    to: ['subscription.cancellation_scheduled'],
    ahead: readAhead,
  })
  async cancellationScheduled(
    em: EntityManager,
    event: DomainEvent<'subscription.cancellation_scheduled'>,
  ): Promise<void> {
    const subscription = await readSubscription(em, event.data.subscription);
    const { id, customer, cancel_at } = subscription;
    await this.emails.send(
      em,
      { effect: 'cancellation_scheduled', business_key: event.id, customer, subscription: id },
      { plan: await planName(em, subscription), cancel_at: cancel_at ?? new Date(event.data.cancel_at) },
    );
  }
}

function isFirst(previousStatus: string | null): boolean {
  return previousStatus === null || previousStatus === 'incomplete' || previousStatus === 'trialing';
}
