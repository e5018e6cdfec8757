import type { World } from './world.js';

const CHUNK = 5000;

/** Events that are not in the inbox: acknowledged ones, and those that the missed-events job should have found. */
export async function lostEvents({ database, relay }: World): Promise<string[]> {
  const lost: string[] = [];
  const all = [...relay.seen];
  for (let start = 0; start < all.length; start += CHUNK) {
    const missing = await database.query<{ id: string }>(
      `select id from unnest($1::text[]) as seen (id) where not exists (select from inbound_events i where i.id = seen.id)`,
      [all.slice(start, start + CHUNK)],
    );
    for (const { id } of missing)
      lost.push(
        relay.acknowledged.has(id)
          ? `the event ${id} was acknowledged, and is not in the inbox`
          : `the event ${id} was never delivered, and the missed-events job has not found it`,
      );
  }
  return lost;
}
