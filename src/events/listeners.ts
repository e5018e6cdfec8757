import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { withContext } from '../api/request-context.js';
import { Transactions } from '../database/transactions.js';
import { failpoint } from '../failpoints/failpoint.js';
import { Boss } from '../jobs/boss.js';
import { Handlers } from '../jobs/handlers.js';
import { QUICK } from '../jobs/jobs.js';
import { Worker } from '../jobs/worker.js';
import { inSpan, isTracing } from '../telemetry/tracing.js';
import { OnDomainEvent } from './on-domain-event.js';
import type { Listening } from './on-domain-event.js';
import type { DomainEvent, DomainEventType } from './domain-events.js';

export interface Route {
  queue: string;
  ordered: boolean;
}

type Listener = (em: EntityManager, event: DomainEvent | DomainEvent[]) => Promise<void>;

interface Found extends Route, Pick<Listening, 'to' | 'wanted' | 'together' | 'ahead'> {
  call: Listener;
}

interface Heard {
  job: string;
  event: DomainEvent;
}

/** A transaction costs more than what most listeners do in it. */
const MOST_TOGETHER = 100;

/** Every listener has a queue of its own, so that none holds up or repeats another. */
@Injectable()
export class Listeners {
  private found: Found[] = [];

  constructor(
    private readonly boss: Boss,
    private readonly handlers: Handlers,
    private readonly transactions: Transactions,
    private readonly worker: Worker,
  ) {}

  /** Reads the listeners off the application. @throws Error when two bear the same name. */
  route(): void {
    const listeners = this.handlers.find<Listening, [EntityManager, DomainEvent | DomainEvent[]]>(OnDomainEvent);
    const names = listeners.map(({ meta }) => meta.listener);
    const doubled = names.filter((name, index) => names.indexOf(name) !== index);
    if (doubled.length > 0)
      throw new Error(`Two listeners are named '${doubled.join("', '")}': each needs a name of its own.`);
    this.found = listeners.map(({ meta, call }) => ({ ...meta, ...routeOf(meta), call }));
  }

  /** Who hears events of these types that are published now, in `em`'s transaction. */
  async routesFor(em: EntityManager, types: DomainEventType[]): Promise<Map<DomainEventType, Route[]>> {
    const routes = new Map<DomainEventType, Route[]>();
    for (const { queue, ordered, to, wanted } of this.found) {
      const heard = types.filter((type) => to.includes(type));
      if (heard.length === 0) continue;
      for (const type of wanted ? await wanted(em, heard) : heard)
        routes.set(type, [...(routes.get(type) ?? []), { queue, ordered }]);
    }
    return routes;
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
    for (const found of this.found) {
      const options = { batchSize: MOST_TOGETHER, ...(found.ordered && { ordered: QUICK }) };
      await this.worker.workTogether(found.queue, options, (jobs) =>
        this.hearAll(found, inOrder(jobs.map(({ id, data }) => ({ job: id, event: data as DomainEvent })))),
      );
    }
  }

  private hearAll({ queue, together, ahead, call }: Found, all: Heard[]): Promise<void> {
    return this.transactions.run(async (em) => {
      const events = all.map(({ event }) => event);
      await ahead?.(em, events);
      // In a trace each event is heard in a span of its own.
      if (together && !isTracing()) await call(em, events);
      else for (const one of all) await hear(queue, one, () => call(em, together ? [one.event] : one.event));
      failpoint('listener.heard');
    });
  }
}

function hear(queue: string, { job, event }: Heard, call: () => Promise<void>): Promise<void> {
  const context = { event_id: event.id, ...(event.customer && { customer_id: event.customer }) };
  const span = { parent: Reflect.get(event, 'traceparent'), attributes: { 'job.id': job } };
  return withContext(context, () => inSpan(queue, span, call));
}

/** By customer, so that two batches that lock what is a customer's never wait for each other in a circle. */
function inOrder(heard: Heard[]): Heard[] {
  const keyOf = ({ event }: Heard) => `${event.customer ?? ''} ${event.id}`;
  return heard.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function routeOf({ listener, ordered }: Listening): Route {
  return { queue: `on.${listener}`, ordered: ordered !== undefined };
}
