import { DiscoveryService } from '@nestjs/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DomainEvent, DomainEventType } from './domain-events.js';

export interface Listening {
  /** Names the listener's queue; stable, because undone jobs lie under it. */
  listener: string;
  to: readonly DomainEventType[];
  /**
   * A customer's events one after the other, in the order in which their transactions began; other customers' go on. The
   * later wait while the earlier is tried again; once it is a dead letter they go on, and it comes last when it is retried.
   */
  ordered?: 'customer';
  /** It takes a batch of events, `(em, events)`: to ask and write once for all of them. */
  together?: true;
  /**
   * Which of these types anybody wants at present. It is asked in the transaction that publishes, so that of what nobody wants
   * no job is made; what is wanted later is wanted of what is published from then on.
   */
  wanted?: (em: EntityManager, types: DomainEventType[]) => Promise<DomainEventType[]>;
  /** Reads at once what the events of a batch will ask for one by one: `em` gives from then on what it has read. */
  ahead?: (em: EntityManager, events: DomainEvent[]) => Promise<void>;
}

/**
 * Marks a listener: `(em: EntityManager, event: DomainEvent) => Promise<void>`. It runs in a transaction that it shares
 * with others of its events, so it writes rows and enqueues jobs, and makes no network call. A throw undoes and retries this
 * listener's work on this event alone: the others of the transaction are done again without it.
 */
export const OnDomainEvent = DiscoveryService.createDecorator<Listening>();
