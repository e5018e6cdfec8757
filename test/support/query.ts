import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

export async function query(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement, values)).rows;
  } finally {
    await client.end();
  }
}

/** Asks again and again; another process cannot be awaited otherwise. The limit is for what hangs, also on a crowded machine. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = 120_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Not so after ${limitMs / 1000} s: ${isSo.toString()}`);
    await wait(20);
  }
}
