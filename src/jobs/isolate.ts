import { isDatabaseAway } from '../api/database-away.js';

/**
 * Halves items that failed together until those at fault stand alone; the others are applied.
 * @param error what they failed with
 * @param fail what becomes of one that fails alone
 * @throws what says that the database is away: then none is at fault, and halves would fail like the whole
 */
export async function isolate<T>(
  items: T[],
  error: unknown,
  apply: (items: T[]) => Promise<void>,
  fail: (item: T, error: unknown) => Promise<void>,
): Promise<void> {
  if (isDatabaseAway(error)) throw error;
  const [only] = items;
  if (only !== undefined && items.length === 1) return fail(only, error);
  const middle = Math.ceil(items.length / 2);
  for (const half of [items.slice(0, middle), items.slice(middle)]) {
    try {
      await apply(half);
    } catch (halfError) {
      await isolate(half, halfError, apply, fail);
    }
  }
}
