import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';

/** Real time as the database tells it (whole milliseconds, rounded down), so that the clocks of several replicas do not matter. */
export async function databaseNow(em: EntityManager): Promise<Date> {
  const { rows } = await sql<{ ms: number }>`select floor(extract(epoch from now()) * 1000)::float8 as ms`.execute(
    em.getKysely(),
  );
  return new Date(Number(rows[0]?.ms));
}
