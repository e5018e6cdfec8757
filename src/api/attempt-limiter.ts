import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Transactions } from '../database/transactions.js';
import { RateLimited } from './api.errors.js';

export interface AttemptLimit {
  limit: number;
  windowSeconds: number;
}

/** Counts attempts in PostgreSQL, so that all replicas share the count: "5 per customer and address in 15 minutes". */
@Injectable()
export class AttemptLimiter {
  constructor(private readonly transactions: Transactions) {}

  /**
   * Counts one attempt, in a transaction of its own: an attempt that fails, and is rolled back, was an attempt. Those that
   * are refused do not count. The window slides: at no time are there more than `limit` in the last `windowSeconds`.
   * @param key such as `payment:cus_123:203.0.113.7`
   * @throws RateLimited with the seconds until the oldest attempt leaves the window
   */
  async take(key: string, { limit, windowSeconds }: AttemptLimit): Promise<void> {
    const { rows } = await sql<{ taken: boolean; retry_after: number }>`
      with moment as (select clock_timestamp() as at, make_interval(secs => ${windowSeconds}) as span)
      insert into attempts as row (key, taken_at, forgotten_at)
      select ${key}, array[at], at + span from moment
      on conflict (key) do update set (taken_at, forgotten_at) = (
        select case when cardinality(recent) < ${limit} then recent || at else recent end,
               case when cardinality(recent) < ${limit} then at + span else row.forgotten_at end
        from moment, lateral (
          select array(select t from unnest(row.taken_at) t where t > at - span order by t) as recent
        ) window_of
      )
      returning
        taken_at[cardinality(taken_at)] = (select at from moment) as taken,
        ceil(extract(epoch from (select taken_at[1] + span - at from moment)))::int as retry_after`.execute(
      this.transactions.reader().getKysely(),
    );
    const [row] = rows;
    if (row?.taken === true) return;
    throw new RateLimited(
      `There were ${limit} attempts in the last ${Math.round(windowSeconds / 60)} minutes. Try again later.`,
      Math.max(1, row?.retry_after ?? windowSeconds),
    );
  }

  /** Forgets what no window reaches back to. @returns how many */
  async prune(): Promise<number> {
    const result = await sql`delete from attempts where forgotten_at < now()`.execute(
      this.transactions.reader().getKysely(),
    );
    return Number(result.numAffectedRows ?? 0);
  }
}
