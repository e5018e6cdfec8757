import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { JobInsert } from 'pg-boss';
import { newId, uuidOf } from '../database/ids.js';
import { Boss } from '../jobs/boss.js';
import { mark } from '../telemetry/tracing.js';
import { domainEvents } from './domain-events.js';
import type { DomainEventDraft } from './domain-events.js';
import { Listeners } from './listeners.js';

interface Tables {
  domain_events: {
    id: string;
    type: string;
    customer: string | null;
    object: string;
    data: string;
    cause: string | null;
    key: string | null;
    occurred_at: Date;
  };
}

/** Publishes domain events: rows, and a job per listener, in the transaction of the change that they tell of. */
@Injectable()
export class EventBus {
  private readonly silent = new WeakSet<EntityManager>();

  constructor(
    private readonly boss: Boss,
    private readonly listeners: Listeners,
  ) {}

  /** From here on nothing is published in this transaction: it repeats what was told when it happened. */
  silence(em: EntityManager): void {
    this.silent.add(em);
  }

  /** An event with a key that was published before is passed over. */
  async publish(em: EntityManager, drafts: DomainEventDraft[]): Promise<void> {
    if (drafts.length === 0 || this.silent.has(em)) return;
    const events = drafts.map((draft) => ({ draft, id: newId('dev') }));
    const inserted = await em
      .getKysely<Tables>()
      .insertInto('domain_events')
      .values(events.map(({ id, draft }) => rowOf(id, draft)))
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('id')
      .execute();
    const fresh = new Set<string>(inserted.map(({ id }) => id));
    const published = events.filter(({ id }) => fresh.has(id));
    const routes = await this.listeners.routesFor(em, [...new Set(published.map(({ draft }) => draft.type))]);
    const jobs = new Map<string, JobInsert[]>();
    for (const { id, draft } of published) {
      const { key: _, ...event } = draft;
      const traceparent = mark(`publish ${draft.type}`, draft.cause, { 'domain_event.id': id });
      const occurred_at = draft.occurred_at.toISOString();
      const job = { data: { ...event, id, occurred_at, ...(traceparent && { traceparent }) } };
      // Jobs of one transaction are of one moment: their ids, like the events', tell which is first.
      const inOrder = { ...job, id: uuidOf(id), singletonKey: draft.customer ?? id };
      for (const { queue, ordered } of routes.get(draft.type) ?? [])
        jobs.set(queue, [...(jobs.get(queue) ?? []), ordered ? inOrder : job]);
    }
    for (const [queue, inserts] of jobs) await this.boss.insert(em, queue, inserts);
  }
}

function rowOf(
  id: string,
  { type, customer, object, data, cause, key, occurred_at }: DomainEventDraft,
): Tables['domain_events'] {
  const checked = domainEvents[type].parse(data);
  return { id, type, customer, object, data: JSON.stringify(checked), cause, key: key ?? null, occurred_at };
}
