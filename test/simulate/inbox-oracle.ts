import type { World } from './world.js';

const CHUNK = 5000;
/** Between PostgreSQL's clock and ours, which are one, but not read at once. */
const SLACK_MS = 5;

/**
 * Events that are not in the inbox, and those that were acknowledged before they were: the missed-events job may have found
 * them since, but they had been lost.
 */
export async function lostEvents({ database, relay }: World): Promise<string[]> {
  const lost: string[] = [];
  const all = [...relay.seen];
  for (let start = 0; start < all.length; start += CHUNK) {
    const rows = await database.query<{ id: string; received_at: Date | null }>(
      `select seen.id, i.received_at from unnest($1::text[]) as seen (id) left join inbound_events i on i.id = seen.id`,
      [all.slice(start, start + CHUNK)],
    );
    for (const { id, received_at } of rows) {
      const acknowledged = relay.acknowledged.get(id);
      if (received_at === null)
        lost.push(
          acknowledged === undefined
            ? `the event ${id} was never delivered, and the missed-events job has not found it`
            : `the event ${id} was acknowledged, and is not in the inbox`,
        );
      else if (acknowledged !== undefined && received_at.getTime() > acknowledged + SLACK_MS)
        lost.push(`the event ${id} was acknowledged before it was stored, and stored only when it was missed`);
    }
  }
  return lost;
}
