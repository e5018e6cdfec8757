import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { withContext } from '../api/request-context.js';
import { Transactions } from '../database/transactions.js';
import { failpoint } from '../failpoints/failpoint.js';
import { Boss } from '../jobs/boss.js';
import { Handlers } from '../jobs/handlers.js';
import { QUICK } from '../jobs/jobs.js';
import { Worker } from '../jobs/worker.js';
import { OnDomainEvent } from './on-domain-event.js';
import type { Listening } from './on-domain-event.js';
import type { DomainEvent, DomainEventType } from './domain-events.js';

export interface Route {
  queue: string;
  ordered: boolean;
}

type Listener = (em: EntityManager, event: DomainEvent) => Promise<void>;

/** Every listener has a queue of its own, so that none holds up or repeats another. */
@Injectable()
export class Listeners {
  private readonly queues = new Map<DomainEventType, Route[]>();
  private found: Array<Route & { call: Listener }> = [];

  constructor(
    private readonly boss: Boss,
    private readonly handlers: Handlers,
    private readonly transactions: Transactions,
    private readonly worker: Worker,
  ) {}

  /** Reads the listeners off the application. @throws Error when two bear the same name. */
  route(): void {
    const listeners = this.handlers.find<Listening, [EntityManager, DomainEvent]>(OnDomainEvent);
    const names = listeners.map(({ meta }) => meta.listener);
    const doubled = names.filter((name, index) => names.indexOf(name) !== index);
    if (doubled.length > 0)
      throw new Error(`Two listeners are named '${doubled.join("', '")}': each needs a name of its own.`);
    this.found = listeners.map(({ meta, call }) => ({ ...routeOf(meta), call }));
    for (const { meta } of listeners) {
      for (const type of meta.to) this.queues.set(type, [...this.routesOf(type), routeOf(meta)]);
    }
  }

  routesOf(type: DomainEventType): Route[] {
    return this.queues.get(type) ?? [];
  }

  async ensureQueues(): Promise<void> {
    await this.boss.ensureQueues(
      this.found.map(({ queue, ordered }) => ({
        name: queue,
        retry: QUICK,
        ...(ordered && { policy: 'key_strict_fifo' as const }),
      })),
    );
  }

  async start(): Promise<void> {
    for (const { queue, ordered, call } of this.found) {
      const options = { batchSize: 50, concurrency: 4, ...(ordered && { ordered: QUICK }) };
      await this.worker.work(queue, options, (data) => {
        const event = data as DomainEvent;
        const context = { event_id: event.id, ...(event.customer && { customer_id: event.customer }) };
        return withContext(context, () =>
          this.transactions.run(async (em) => {
            await call(em, event);
            failpoint('listener.heard');
          }),
        );
      });
    }
  }
}

function routeOf({ listener, ordered }: Listening): Route {
  return { queue: `on.${listener}`, ordered: ordered !== undefined };
}
