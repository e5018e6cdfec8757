import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { isTracing } from '../../telemetry/tracing.js';
import type { Decision } from './inbound-event.entity.js';

export const INBOX_CHANNEL = 'inbox';

/** What it takes to project an event. */
export interface StoredEvent {
  id: string;
  type: string;
  api_version: string | null;
  account: string | null;
  created: Date;
  payload: string;
}

export interface PendingEvent extends StoredEvent {
  attempts: number;
  /** Only when traces are on. */
  traceparent?: string | null;
}

/**
 * Claims pending events, oldest in Stripe's clock first. The claim is the row lock: a killed process's claim is free at once.
 * @param only claims just these.
 */
export async function claim(em: EntityManager, limit: number, only: string[] | null): Promise<PendingEvent[]> {
  const { rows } = await sql<Omit<PendingEvent, 'created'> & { created: string }>`
    select id, type, api_version, account, created, payload, attempts ${sql.raw(isTracing() ? ', traceparent' : '')} from inbound_events
    where status = 'pending' and ${only === null ? sql`next_attempt_at <= now()` : sql`id = any(${only}::text[])`}
    order by created, id limit ${limit} for update skip locked`.execute(em.getKysely());
  return rows.map((row) => ({ ...row, created: new Date(row.created) }));
}

/** @param processingMs since their claim */
export async function markHandled(
  em: EntityManager,
  decisions: Array<[string, Decision]>,
  processingMs: number,
): Promise<void> {
  if (decisions.length === 0) return;
  const ids = decisions.map(([id]) => id);
  const verdicts = decisions.map(([, decision]) => decision);
  await sql`
    update inbound_events set status = 'handled', decision = v.decision, error = null,
      handled_at = clock_timestamp(), processing_ms = ${Math.round(processingMs)}
    from unnest(${ids}::text[], ${verdicts}::text[]) as v(id, decision)
    where inbound_events.id = v.id and status = 'pending'`.execute(em.getKysely());
}

/** @param fatal the last attempt: to the dead letters, with the error. */
export async function markFailed(
  em: EntityManager,
  id: string,
  error: string,
  retryInSeconds: number,
  fatal: boolean,
): Promise<void> {
  await sql`
    update inbound_events set attempts = attempts + 1, error = ${error.slice(0, 2000).replaceAll('\0', '\uFFFD')},
      status = ${fatal ? 'dead' : 'pending'}, next_attempt_at = now() + make_interval(secs => ${retryInSeconds})
    where id = ${id} and status = 'pending'`.execute(em.getKysely());
}

/** Kept aside, with the reason: no attempt can help, and none is made. */
export async function markQuarantined(em: EntityManager, ids: string[], reason: string): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update inbound_events set status = 'quarantined', error = ${reason}
    where id = any(${ids}::text[]) and status = 'pending'`.execute(em.getKysely());
}

/** Makes dead letters and what is kept aside due again, as if they had just come. @returns how many were */
export async function requeue(em: EntityManager, ids: string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const { rows } = await sql`
    update inbound_events set status = 'pending', attempts = 0, next_attempt_at = now()
    where id = any(${ids}::text[]) and status in ('dead', 'quarantined') returning id`.execute(em.getKysely());
  await sql`select pg_notify(${INBOX_CHANNEL}, '')`.execute(em.getKysely());
  return rows.length;
}

/** True while something is pending that could be tried now. */
export function anythingDue(): RawBuilder<boolean> {
  return sql<boolean>`exists (select from inbound_events where status = 'pending' and next_attempt_at <= now())`;
}
