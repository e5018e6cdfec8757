import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { InboundStatus } from './inbound-event.entity.js';
import type { StoredEvent } from './inbox-queue.js';
import type { Selection } from './replay-selection.js';
import type { ReplayCursor, WebhookReplay } from './webhook-replay.entity.js';

/** How many rows a step walks along, so that a rare type costs no long statement, and how many it works on. */
const MOST_LOOKED_AT = 5000;
const MOST_TAKEN = 200;

export interface SelectedEvent extends Omit<StoredEvent, 'payload'> {
  /** Null once it is pruned. */
  payload: string | null;
  status: InboundStatus;
}

export interface Slice {
  events: SelectedEvent[];
  /** Null: nothing is left. */
  next: ReplayCursor | null;
}

/** The next selected events, in the order in which they were received. */
export async function readSlice(em: EntityManager, replay: WebhookReplay): Promise<Slice> {
  const walked = await walk(em, replay);
  const selected = walked.filter((row) => isSelected(row, replay.selection));
  const taken = selected.slice(0, MOST_TAKEN);
  const cut = selected.length > taken.length;
  const last = cut ? taken.at(-1) : walked.at(-1);
  const isEnd = !cut && walked.length < MOST_LOOKED_AT;
  const events = await load(
    em,
    taken.map(({ id }) => id),
  );
  return { events, next: isEnd || !last ? null : { received_at: last.received_at, id: last.id } };
}

export async function countSelected(em: EntityManager, replay: WebhookReplay): Promise<number> {
  const { type = null, status = null } = replay.selection;
  const { rows } = await sql<{ total: number }>`
    select count(*)::int as total from inbound_events
    where ${within(replay)}
      and (${type}::text is null or type = ${type}) and (${status}::text is null or status = ${status})`.execute(
    em.getKysely(),
  );
  return rows[0]?.total ?? 0;
}

interface Walked {
  id: string;
  type: string;
  status: InboundStatus;
  received_at: string;
}

async function walk(em: EntityManager, replay: WebhookReplay): Promise<Walked[]> {
  const { cursor } = replay;
  const beyond = cursor ? sql`and (received_at, id) > (${cursor.received_at}::timestamptz, ${cursor.id})` : sql``;
  const { rows } = await sql<Walked>`
    select id, type, status, received_at::text as received_at from inbound_events
    where ${within(replay)} ${beyond}
    order by received_at, id limit ${MOST_LOOKED_AT}`.execute(em.getKysely());
  return rows;
}

function within({ id, selection: { event, from, to } }: WebhookReplay): RawBuilder<unknown> {
  if (event !== undefined) return sql`id = ${event}`;
  return sql`received_at < (select created_at from webhook_replays where id = ${id})
    ${from === undefined ? sql`` : sql`and received_at >= ${from}::timestamptz`}
    ${to === undefined ? sql`` : sql`and received_at < ${to}::timestamptz`}`;
}

function isSelected(row: Walked, { type, status }: Selection): boolean {
  return (type === undefined || row.type === type) && (status === undefined || row.status === status);
}

async function load(em: EntityManager, ids: string[]): Promise<SelectedEvent[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Omit<SelectedEvent, 'created'> & { created: string }>`
    select id, type, api_version, account, created, payload, status from inbound_events
    where id = any(${ids}::text[]) order by created, id`.execute(em.getKysely());
  return rows.map((row) => ({ ...row, created: new Date(row.created) }));
}
