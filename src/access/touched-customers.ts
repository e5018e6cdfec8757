import type { WrittenRow } from '../mirror/mirror-registry.js';

/** Whose access may be another one by what was mirrored, each with the cause of it. */
export function touchedCustomers(rows: WrittenRow[]): Map<string, string | null> {
  return new Map(
    rows.flatMap((row) => (row.customer && decidesAccess(row) ? [[row.customer, row.cause] as const] : [])),
  );
}

export function deletedCustomers(rows: WrittenRow[]): string[] {
  return rows.filter(({ object, after }) => object === 'customer' && after === null).map(({ id }) => id);
}

function decidesAccess({ object, before, after }: WrittenRow): boolean {
  if (object === 'customer') return before === null || after === null;
  return object === 'subscription' || object === 'invoice';
}
