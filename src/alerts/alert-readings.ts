import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { AlertRules } from './alerts-file.js';

/** What the alerts are judged by; all by real time, of the database's clock. */
export interface Readings {
  dead_events: number;
  dead_jobs: number;
  /** How long the event, and the job, that was due first has waited, in seconds; 0: none is due. */
  event_wait: number;
  job_wait: number;
  /** Null: nothing was ever received. */
  hours_since_last_event: number | null;
  /** Of the hours that end now, in each of the two weeks before: whether they brought the usual number of events. */
  usually_busy: boolean;
  /** Deliveries with a bad signature, in this hour and the one before. */
  refused: number;
  /** The last reconciliation of each kind, and the median of those before it. */
  reconciliations: Array<{ kind: string; found: number; usual: number }>;
}

/** One statement over several rooms' tables, each part along an index and bounded: it runs every minute. */
export async function readReadings(em: EntityManager, { silence }: AlertRules): Promise<Readings> {
  const { hours, usual_events } = silence ?? { hours: 1, usual_events: 1 };
  const { rows } = await sql<Readings>`
    select
      (select count(*)::int from inbound_events where status = 'dead') as dead_events,
      (select count(*)::int from pgboss.job where name = 'dead_letters' and state in ('created', 'retry')) as dead_jobs,
      (select greatest(coalesce(extract(epoch from now() - min(next_attempt_at)), 0), 0)::float8
        from (select next_attempt_at from inbound_events where status = 'pending' limit 100000) as pending) as event_wait,
      (select greatest(coalesce(extract(epoch from now() - min(greatest(start_after, created_on))), 0), 0)::float8
        from pgboss.job where name <> 'dead_letters' and state in ('created', 'retry') and start_after <= now()) as job_wait,
      (select extract(epoch from now() - max(received_at))::float8 / 3600 from inbound_events) as hours_since_last_event,
      (select bool_and(events = ${usual_events}::int) from unnest(array[7, 14]) as days (ago), lateral (
        select count(*) as events from (
          select from inbound_events
          where received_at > now() - make_interval(days => ago, hours => ${hours}::int) and received_at <= now() - make_interval(days => ago)
          limit ${usual_events}::int
        ) as enough) as window_of_that_day) as usually_busy,
      (select coalesce(sum(count), 0)::int from inbound_tallies
        where kind = 'refused' and hour >= date_trunc('hour', now()) - interval '1 hour') as refused,
      (select coalesce(json_agg(one), '[]') from (
        select kind, min(found) filter (where nth = 1) as found,
          coalesce(percentile_disc(0.5) within group (order by found) filter (where nth > 1), 0) as usual
        from (values ('missed_events'), ('objects')) as kinds (kind), lateral (
          select found, row_number() over (order by created_at desc) as nth from reconciliations as run
          where run.kind = kinds.kind and status = 'done' and not dry_run order by created_at desc limit 21) as runs
        group by kind) as one) as reconciliations`.execute(em.getKysely());
  const [readings] = rows;
  if (!readings) throw new Error('A select without a from has one row.');
  return readings;
}
