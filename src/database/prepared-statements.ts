import { createHash } from 'node:crypto';
import type { Pool } from 'pg';

/** So often a statement must have come: to plan one takes about as long as to carry it out. */
const PREPARED_FROM = 5;
/** Each connection keeps what it has prepared; an insert of many rows has another text for each number of them. */
const MOST_PREPARED = 300;
const MOST_COUNTED = 3000;

/**
 * Statements that come again are prepared, once on each connection, under a name of their text. Those without parameters are
 * left alone: MikroORM's hold their values in their text.
 */
export function prepareRepeated(pool: Pool): void {
  const repeated = new Repeated();
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    const preparing = (...args: unknown[]): unknown => {
      // With a callback behind them, when the pool itself is asked.
      const [text, values, ...callback] = args;
      const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 && repeated.nameOf(text);
      return Reflect.apply(query, client, name ? [{ name, text, values }, ...callback] : args);
    };
    Object.assign(client, { query: preparing });
  });
}

class Repeated {
  private readonly seen = new Map<string, number>();
  private readonly names = new Map<string, string>();

  /** @returns undefined for one that is not to be prepared */
  nameOf(text: string): string | undefined {
    return this.names.get(text) ?? (this.names.size < MOST_PREPARED ? this.count(text) : undefined);
  }

  private count(text: string): string | undefined {
    const count = (this.seen.get(text) ?? 0) + 1;
    if (count < PREPARED_FROM) {
      if (this.seen.size >= MOST_COUNTED) this.seen.clear();
      this.seen.set(text, count);
      return undefined;
    }
    this.seen.delete(text);
    const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
    this.names.set(text, name);
    return name;
  }
}
