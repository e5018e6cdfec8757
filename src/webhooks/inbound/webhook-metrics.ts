import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

export type MetricsBy = 'type' | 'hour';

/** Milliseconds. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export interface WebhookFigures {
  /** The type or hour (ISO 8601, UTC) that these are of; empty for what has none. */
  key: string;
  received: number;
  duplicate: number;
  handled: number;
  failed: number;
  dead: number;
  quarantined: number;
  pending: number;
  refetched: number;
  refetches: number;
  refused: number;
  lag: Percentiles | null;
  processing: Percentiles | null;
}

interface Row extends Omit<WebhookFigures, 'lag' | 'processing'> {
  is_total: boolean;
  lag: number[] | null;
  processing: number[] | null;
}

/**
 * Counts what was received in a window, as a whole and by type or hour: one statement, along the index of `received_at`.
 * @param from a whole hour, as is `to`: what leaves no row is counted by the hour
 */
export async function readMetrics(
  em: EntityManager,
  { from, to, by }: { from: Date; to: Date; by: MetricsBy | null },
): Promise<{ total: WebhookFigures; groups: WebhookFigures[] }> {
  const { rows } = await sql<Row>`
    with counted as (
      select coalesce(key, '') as key, grouping(key) = 1 as is_total,
        count(*)::int as received,
        (count(*) filter (where status = 'handled'))::int as handled,
        (count(*) filter (where attempts > 0))::int as failed,
        (count(*) filter (where status = 'dead'))::int as dead,
        (count(*) filter (where status = 'quarantined'))::int as quarantined,
        (count(*) filter (where status = 'pending'))::int as pending,
        (count(*) filter (where decision = 'refetch'))::int as refetched,
        ${percentiles(sql`extract(epoch from handled_at - received_at) * 1000`)} as lag,
        ${percentiles(sql`processing_ms::float`)} as processing
      from (
        select ${keyOf(by, sql`received_at`)} as key, status, decision, attempts, received_at, handled_at, processing_ms
        from inbound_events where received_at >= ${from} and received_at < ${to}
      ) as events group by grouping sets ((key), ())
    ), tallied as (
      select coalesce(key, '') as key, grouping(key) = 1 as is_total,
        (sum(count) filter (where kind = 'duplicate'))::int as duplicate,
        (sum(count) filter (where kind = 'refetch'))::int as refetches,
        (sum(count) filter (where kind = 'refused'))::int as refused
      from (
        select ${keyOf(by, sql`hour`)} as key, kind, count
        from inbound_tallies where hour >= ${from} and hour < ${to}
      ) as tallies group by grouping sets ((key), ())
    )
    select * from counted full join tallied using (is_total, key) order by key`.execute(em.getKysely());
  const [totals, groups] = [rows.filter((row) => row.is_total), rows.filter((row) => !row.is_total)];
  return { total: figuresOf(totals[0] ?? {}), groups: by === null ? [] : groups.map(figuresOf) };
}

function keyOf(by: MetricsBy | null, moment: RawBuilder<unknown>): RawBuilder<unknown> {
  if (by === 'type') return sql`type`;
  if (by === 'hour') return sql`to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24":00:00.000Z"')`;
  return sql`''::text`;
}

function percentiles(milliseconds: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`percentile_disc(array[0.5, 0.95, 0.99]) within group (order by round((${milliseconds})::numeric)::int)`;
}

function figuresOf({ is_total: _, lag, processing, ...row }: Partial<Row>): WebhookFigures {
  const counted = { ...NOTHING, ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) };
  return { ...counted, lag: spread(lag), processing: spread(processing) };
}

const NOTHING = {
  key: '',
  received: 0,
  duplicate: 0,
  handled: 0,
  failed: 0,
  dead: 0,
  quarantined: 0,
  pending: 0,
  refetched: 0,
  refetches: 0,
  refused: 0,
};

/** Without an event that was handled there is nothing to measure: PostgreSQL then says null, or an array of nulls. */
function spread(values: Array<number | null> | null | undefined): Percentiles | null {
  const [p50, p95, p99] = values ?? [];
  return typeof p50 === 'number' && typeof p95 === 'number' && typeof p99 === 'number' ? { p50, p95, p99 } : null;
}
