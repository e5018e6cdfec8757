import { accessDrift } from './access-oracle.js';
import { doubledEffects, missingEffects, withheldEmails } from './effects-oracle.js';
import { HouseParts } from './house-parts.js';
import { lostEvents } from './inbox-oracle.js';
import { mirrorDrift, repairedBySweeps } from './mirror-oracle.js';
import { promisesBroken } from './promises-oracle.js';
import { pendingWork } from './rest-oracle.js';
import type { World } from './world.js';

/** How the world was found; every list says in plain words what should not be. */
export interface Verdict {
  events: number;
  delivered: number;
  acknowledged: number;
  lost: string[];
  doubled: string[];
  drift: string[];
  pending: string[];
  refetches: number;
  /** Of which types, the most first. */
  refetched: Array<[type: string, count: number]>;
  emails: number;
}

/** What must hold once everything has come to rest, whatever went wrong before. */
export async function examine(world: World): Promise<Verdict> {
  const pending = await pendingWork(world);
  const refetched = await refetchedTypes(world);
  const parts = await HouseParts.open(world);
  try {
    return {
      events: world.relay.seen.size,
      delivered: world.relay.delivered,
      acknowledged: world.relay.acknowledged.size,
      lost: [...(await lostEvents(world)), ...(await missingEffects(world)), ...(await withheldEmails(world))],
      doubled: [...(await doubledEffects(world)), ...(await promisesBroken(world))],
      drift: [
        ...(await mirrorDrift(world, parts)),
        ...(await repairedBySweeps(world)),
        ...(await accessDrift(world, parts)),
      ],
      pending,
      refetches: refetched.reduce((sum, [, count]) => sum + count, 0),
      refetched,
      emails: world.letterbox.accepted.size,
    };
  } finally {
    await parts.close();
  }
}

/** In plain words; empty: all is in order. */
export function differencesOf({ lost, doubled, drift, pending }: Verdict): string[] {
  return [...lost, ...doubled, ...drift, ...pending];
}

async function refetchedTypes({ database }: World): Promise<Array<[string, number]>> {
  const rows = await database.query<{ type: string; count: number }>(
    `select type, count(*)::int as count from inbound_events where decision = 'refetch' group by type order by count desc, type`,
  );
  return rows.map(({ type, count }) => [type, count]);
}
