import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Runtime } from '../../config/runtime.js';
import { firstIdAt } from '../database/ids.js';

const DAY_MS = 24 * 3_600_000;

/** What is forgotten: a statement that forgets up to `limit` rows, oldest first. All by real time. */
export interface Forgetting {
  what: string;
  slice: (limit: number) => RawBuilder<unknown>;
}

/**
 * How long history is kept, by `config/env.ts`. Of an event that was handled the bytes go first; its id stays for longer
 * than Stripe can send it again, so that it stays a duplicate. Dead letters stay until somebody has seen to them.
 */
export function forgettings(
  { payloadDays, eventDays, reconciliationDays }: Runtime['retention'],
  now: Date,
): Forgetting[] {
  const [payloads, events, reconciliations] = [payloadDays, eventDays, reconciliationDays].map(
    (days) => new Date(now.getTime() - days * DAY_MS),
  );
  return [
    {
      what: 'payloads',
      slice: (limit) => sql`
        update inbound_events set payload = null where id in (
          select id from inbound_events where status = 'handled' and payload is not null and handled_at < ${payloads}
          order by handled_at limit ${limit} for update skip locked)`,
    },
    {
      what: 'inbound_events',
      slice: (limit) => sql`
        delete from inbound_events where id in (
          select id from inbound_events
          where received_at < ${events} and status in ('handled', 'quarantined') and coalesce(handled_at < ${events}, true)
          order by received_at limit ${limit} for update skip locked)`,
    },
    {
      what: 'inbound_tallies',
      slice: (limit) => sql`
        delete from inbound_tallies where (hour, kind, type) in (
          select hour, kind, type from inbound_tallies where hour < ${events} limit ${limit})`,
    },
    {
      what: 'alerts',
      slice: (limit) => sql`
        delete from alerts where id in (select id from alerts where resolved_at < ${events} limit ${limit})`,
    },
    {
      what: 'webhook_replays',
      slice: (limit) => sql`
        delete from webhook_replays where id in (
          select id from webhook_replays where created_at < ${events} and status <> 'running' limit ${limit})`,
    },
    {
      // An id begins with the moment at which it was made, so the primary key finds the old ones.
      what: 'webhook_deliveries',
      slice: (limit) => sql`
        delete from webhook_deliveries where id in (
          select id from webhook_deliveries
          where id < ${firstIdAt('whd', payloads ?? now)} and status <> 'pending' and last_attempt_at < ${payloads} is not false
          order by id limit ${limit} for update skip locked)`,
    },
    {
      what: 'webhook_endpoint_replays',
      slice: (limit) => sql`
        delete from webhook_endpoint_replays where id in (
          select id from webhook_endpoint_replays
          where id < ${firstIdAt('whr', payloads ?? now)} and status <> 'running' limit ${limit})`,
    },
    {
      what: 'domain_events',
      slice: (limit) => sql`
        delete from domain_events where id in (
          select id from domain_events where id < ${firstIdAt('dev', events ?? now)} order by id limit ${limit})`,
    },
    {
      what: 'differences',
      slice: (limit) => sql`
        delete from differences where id in (
          select difference.id from differences as difference
          join reconciliations as run on run.id = difference.reconciliation
          where ${isOld(reconciliations)} limit ${limit})`,
    },
    {
      what: 'reconciliations',
      slice: (limit) => sql`
        delete from reconciliations where id in (
          select run.id from reconciliations as run
          where ${isOld(reconciliations)} and not exists (select from differences where reconciliation = run.id)
          limit ${limit})`,
    },
  ];
}

/** The last run of a kind that ended well says from where the next one has to look. */
function isOld(before: Date | undefined): RawBuilder<unknown> {
  return sql`run.status <> 'running' and run.alive_at < ${before} and exists (
    select from reconciliations as later
    where later.kind = run.kind and later.status = 'done' and not later.dry_run and later.created_at > run.created_at)`;
}
