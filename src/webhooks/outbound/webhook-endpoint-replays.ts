import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { z } from 'zod';
import { externalIdsOf } from '../../customers/customer-ids.js';
import { databaseNow } from '../../database/database-now.js';
import { firstIdAt, newId } from '../../database/ids.js';
import { DomainEventRow } from '../../events/domain-event.entity.js';
import type { DomainEventType } from '../../events/domain-events.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { Deliveries } from './deliveries.js';
import { matches } from './event-patterns.js';
import { WebhookEndpointDisabled } from './outbound.errors.js';
import type { PublishedEvent } from './payload.js';
import { WebhookEndpointReplay } from './webhook-endpoint-replay.entity.js';
import type { CreateWebhookEndpointReplay } from './webhook-endpoint-replay.view.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** How many rows a step walks along, so that a rare type costs no long statement, and how many it works on. */
const MOST_LOOKED_AT = 5000;
const MOST_TAKEN = 100;
/** With so many due already the next step waits: a receiver is not drowned, nor is the queue that it shares with others. */
const MOST_DUE = 200;

@Injectable()
export class WebhookEndpointReplays {
  constructor(
    private readonly deliveries: Deliveries,
    private readonly queue: JobQueue,
  ) {}

  /** @throws WebhookEndpointDisabled */
  async open(
    em: EntityManager,
    endpoint: WebhookEndpoint,
    { types, only_failed, ...range }: z.infer<typeof CreateWebhookEndpointReplay>,
  ): Promise<WebhookEndpointReplay> {
    if (endpoint.status === 'disabled') throw new WebhookEndpointDisabled(endpoint.id);
    const now = await databaseNow(em);
    const from = new Date(range.from);
    const to = range.to === undefined ? now : new Date(range.to);
    const replay = Object.assign(new WebhookEndpointReplay(), {
      id: newId('whr'),
      endpoint: endpoint.id,
      from,
      // What is published from now on is sent anyway.
      to: to > now ? now : to,
      types: types ?? null,
      only_failed,
      status: 'running',
      queued: 0,
      skipped: 0,
      error: null,
      cursor: firstIdAt('dev', from),
      steps: 0,
      created_at: now,
      finished_at: null,
    });
    em.persist(replay);
    await this.goOn(em, replay);
    return replay;
  }

  /** Does one step. @param replay locked, and running */
  async step(em: EntityManager, replay: WebhookEndpointReplay, endpoint: WebhookEndpoint): Promise<void> {
    if ((await countDue(em, endpoint)) >= MOST_DUE) return this.goOn(em, replay, new Date(Date.now() + 10_000));
    const walked = await walk(em, replay);
    const wanted = walked.filter(({ type }) => endpoint.wants(type) && isOf(replay, type));
    const taken = wanted.slice(0, MOST_TAKEN).map(({ id }) => id);
    const isEnd = wanted.length <= MOST_TAKEN && walked.length < MOST_LOOKED_AT;
    const last = wanted.length > MOST_TAKEN ? taken.at(-1) : walked.at(-1)?.id;
    const events = await em.find(DomainEventRow, { id: { $in: taken } }, { orderBy: { id: 'asc' } });
    const names = await externalIdsOf(
      em,
      events.flatMap(({ customer }) => customer ?? []),
    );
    const drafts = events.map((event) => ({
      endpoint,
      event: publishedEvent(event),
      external_id: names.get(event.customer ?? '') ?? null,
    }));
    const queued = await this.deliveries.createAgain(em, drafts, replay);
    replay.advance({ queued, skipped: drafts.length - queued }, isEnd || last === undefined ? null : last);
    if (replay.status === 'running') await this.goOn(em, replay);
  }

  private async goOn(em: EntityManager, { id, steps }: WebhookEndpointReplay, startAfter?: Date): Promise<void> {
    const options = startAfter && { startAfter };
    await this.queue.enqueue(em, 'outbound_webhook.replay', { replay: id, step: steps }, options);
  }
}

function walk(em: EntityManager, { cursor, to }: WebhookEndpointReplay) {
  return em.find(
    DomainEventRow,
    { id: { $gt: cursor, $lt: firstIdAt('dev', to) } },
    { fields: ['id', 'type'], orderBy: { id: 'asc' }, limit: MOST_LOOKED_AT },
  );
}

async function countDue(em: EntityManager, { id }: WebhookEndpoint): Promise<number> {
  const { rows } = await sql<{ due: number }>`
    select count(*)::int as due from (
      select from webhook_deliveries where endpoint = ${id} and status = 'pending' and next_attempt_at <= now()
      limit ${MOST_DUE}) as pending`.execute(em.getKysely());
  return rows[0]?.due ?? 0;
}

function isOf({ types }: WebhookEndpointReplay, type: DomainEventType): boolean {
  return types === null || types.some((pattern) => matches(pattern, type));
}

function publishedEvent({ occurred_at, ...event }: DomainEventRow): PublishedEvent {
  return { ...event, occurred_at: occurred_at.toISOString() };
}
