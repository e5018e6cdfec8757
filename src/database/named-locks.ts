import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';

/**
 * One transaction at a time per name: others wait until this one ends. For what has no row yet that could be locked, or many
 * at once. All are taken in one order, so that of two who want some of the same none waits for the other in a circle.
 * @param names with their kind before them (`refund pi_1`), as all share one space
 */
export async function lockNames(em: EntityManager, names: string[]): Promise<void> {
  if (names.length === 0) return;
  await sql`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(name, 0) as key from unnest(${names}::text[]) as name order by key
    ) as keys`.execute(em.getKysely());
}
