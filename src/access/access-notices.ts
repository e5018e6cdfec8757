import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';

export const ACCESS_CHANNEL = 'access_changed';
/** PostgreSQL takes less than 8000 bytes at once. https://www.postgresql.org/docs/18/sql-notify.html */
const CUSTOMERS_AT_ONCE = 100;

/** Tells every process, once the transaction has committed, that what it remembers of these customers is out of date. */
export async function notifyAccess(em: EntityManager, customers: string[]): Promise<void> {
  if (customers.length === 0) return;
  const payloads: string[] = [];
  for (let from = 0; from < customers.length; from += CUSTOMERS_AT_ONCE) {
    payloads.push(customers.slice(from, from + CUSTOMERS_AT_ONCE).join(' '));
  }
  await sql`select pg_notify(${ACCESS_CHANNEL}, payload) from unnest(${payloads}::text[]) as payload`.execute(
    em.getKysely(),
  );
}
