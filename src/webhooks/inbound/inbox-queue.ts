import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Decision } from './inbound-event.entity.js';

export interface PendingEvent {
  id: string;
  type: string;
  api_version: string | null;
  created: Date;
  payload: string;
  attempts: number;
}

/**
 * Claims pending events, oldest in Stripe's clock first. The claim is the row lock: a killed process's claim is free at once.
 * @param only claims just these.
 */
export async function claim(em: EntityManager, limit: number, only: string[] | null): Promise<PendingEvent[]> {
  const { rows } = await sql<Omit<PendingEvent, 'created'> & { created: string }>`
    select id, type, api_version, created, payload, attempts from inbound_events
    where status = 'pending' and ${only === null ? sql`next_attempt_at <= now()` : sql`id = any(${only}::text[])`}
    order by created, id limit ${limit} for update skip locked`.execute(em.getKysely());
  return rows.map((row) => ({ ...row, created: new Date(row.created) }));
}

export async function markHandled(em: EntityManager, decisions: Array<[string, Decision]>): Promise<void> {
  if (decisions.length === 0) return;
  const ids = decisions.map(([id]) => id);
  const verdicts = decisions.map(([, decision]) => decision);
  await sql`
    update inbound_events set status = 'handled', decision = v.decision, handled_at = now(), error = null
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

/** True while something is pending that could be tried now. */
export function anythingDue(): RawBuilder<boolean> {
  return sql<boolean>`exists (select from inbound_events where status = 'pending' and next_attempt_at <= now())`;
}
