import { setTimeout as wait } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Transactions } from '../database/transactions.js';
import { gauge } from './metrics.js';

const figure = (name: string, help: string, labels: string[] = []) => gauge<string>(name, help, labels);

/** What all processes share, asked of the database when it is scraped: each of them tells the same. */
const figures = {
  inbox_events: figure('inbox_events', "Stripe's events that are pending (up to 100,000), dead or quarantined.", [
    'status',
  ]),
  inbox_oldest_due_seconds: figure(
    'inbox_oldest_due_seconds',
    'How long the pending event that was due first has waited; 0: none is due.',
  ),
  inbox_last_received_seconds: figure(
    'inbox_last_received_seconds',
    'How long ago the last event was received; absent: none ever was.',
  ),
  jobs: figure('jobs', 'Jobs that are due, deferred (to be done later, or tried again) or active, by queue.', [
    'queue',
    'state',
  ]),
  jobs_oldest_due_seconds: figure(
    'jobs_oldest_due_seconds',
    'How long the job of a queue that was due first has waited.',
    ['queue'],
  ),
  dead_jobs: figure('dead_jobs', 'Jobs that were given up, by the queue they come from.', ['queue']),
  alerts_open: figure('alerts_open', 'Alerts of config/alerts.yaml that are open.', ['name']),
  webhook_endpoints: figure('webhook_endpoints', 'Outbound webhook endpoints that are enabled or disabled.', [
    'status',
  ]),
  reconciliation_last_done_seconds: figure(
    'reconciliation_last_done_seconds',
    'How long ago a reconciliation of this kind last came to its end.',
    ['kind'],
  ),
  reconciliation_found: figure('reconciliation_found', 'Differences that the last reconciliation of this kind found.', [
    'kind',
  ]),
};

const databaseUp = figure('database_up', 'Whether the database answered this scrape; 0: its figures are left out.');

const LIMIT_MS = 3000;
/** Counting a backlog must not add to it. */
const MOST_COUNTED = 100_000;

interface Row {
  figure: keyof typeof figures;
  labels: Record<string, string>;
  value: number;
}

/** Sets the figures to what holds now. A database that does not answer within 3 s is a figure as well. */
export async function readDatabaseFigures(transactions: Transactions): Promise<void> {
  const rows = await Promise.race([transactions.run(ask).catch(() => null), wait(LIMIT_MS, null, { ref: false })]);
  for (const one of Object.values(figures)) one.reset();
  databaseUp.set(rows === null ? 0 : 1);
  for (const row of rows ?? []) figures[row.figure].set(row.labels, row.value);
}

/**
 * One statement, however many figures there are; its tables are several rooms'. Each part goes along an index of what is not
 * done yet, or reads pg-boss's table, which finished jobs leave after minutes.
 */
async function ask(em: EntityManager): Promise<Row[]> {
  const db = em.getKysely();
  await sql`select set_config('statement_timeout', ${String(LIMIT_MS)}, true)`.execute(db);
  const { rows } = await sql<Row>`
    with pending as (
      select next_attempt_at as since from inbound_events where status = 'pending' limit ${MOST_COUNTED}
    ), aside as (
      select status, count(*) as count from inbound_events where status in ('dead', 'quarantined') group by status
    ), jobs as (
      select name as queue, source_name, greatest(start_after, created_on) as since,
        case when state = 'active' then 'active' when start_after <= now() then 'due' else 'deferred' end as state
      from pgboss.job where state in ('created', 'retry', 'active')
    ), done as (
      select distinct on (kind) kind, alive_at, found from reconciliations
      where status = 'done' order by kind, created_at desc
    )
    select 'inbox_events' as figure, json_build_object('status', 'pending') as labels, count(*)::float8 as value from pending
    union all
    select 'inbox_events', json_build_object('status', status), coalesce(count, 0)
    from (values ('dead'), ('quarantined')) as asides (status) left join aside using (status)
    union all
    select 'inbox_oldest_due_seconds', '{}', greatest(coalesce(extract(epoch from now() - min(since)), 0), 0) from pending
    union all
    (select 'inbox_last_received_seconds', '{}', extract(epoch from now() - received_at)
    from inbound_events order by received_at desc limit 1)
    union all
    select 'jobs', json_build_object('queue', queue, 'state', state), count(*)
    from jobs where queue <> 'dead_letters' group by queue, state
    union all
    select 'jobs_oldest_due_seconds', json_build_object('queue', queue), extract(epoch from now() - min(since))
    from jobs where queue <> 'dead_letters' and state = 'due' group by queue
    union all
    select 'dead_jobs', json_build_object('queue', coalesce(source_name, 'unknown')), count(*)
    from jobs where queue = 'dead_letters' group by source_name
    union all
    select 'alerts_open', json_build_object('name', name), count(*) from alerts where resolved_at is null group by name
    union all
    select 'webhook_endpoints', json_build_object('status', status), count(*) from webhook_endpoints group by status
    union all
    select 'reconciliation_last_done_seconds', json_build_object('kind', kind), extract(epoch from now() - alive_at) from done
    union all
    select 'reconciliation_found', json_build_object('kind', kind), found from done`.execute(db);
  return rows;
}
