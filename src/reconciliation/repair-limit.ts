import type { Comparison } from './compare.js';
import type { Repair } from './difference.entity.js';

const AT_LEAST = 100;
const SHARE = 0.05;
/** Statuses in which a subscription gives access; `past_due` may, as long as its grace lasts. */
const GIVING = new Set<unknown>(['trialing', 'active', 'past_due']);

/** How many rows of one table a run may take access away with: a wrong key or a fault at Stripe must not lock everybody out. */
export function allowanceFor(rows: number): number {
  return Math.max(AT_LEAST, Math.ceil(rows * SHARE));
}

/** Whether putting this right takes somebody's access away: it is gone at Stripe, or its status gives no access any more. */
export function takesAccess(object: string, { class: kind, detail }: Comparison): boolean {
  if (kind === 'deleted') return detail['deleted']?.ours === false;
  const status = object === 'subscription' ? detail['status'] : undefined;
  return status !== undefined && GIVING.has(status.ours) && !GIVING.has(status.stripes);
}

/** The mirror never brings back what was deleted, so of that only a person can say what is true. */
export function isForAPerson({ class: kind, detail }: Comparison): boolean {
  return kind === 'deleted' && detail['deleted']?.ours === true;
}

/** What becomes of each difference. @param left how many more rows may lose their access */
export function decideRepairs<F extends { comparison: Comparison; takes_access: boolean }>(
  found: F[],
  left: number,
  dryRun: boolean,
): Array<F & { repair: Repair }> {
  let allowed = left;
  return found.map((one) => {
    if (dryRun) return { ...one, repair: 'dry_run' };
    if (isForAPerson(one.comparison)) return { ...one, repair: 'parked' };
    return { ...one, repair: one.takes_access && allowed-- <= 0 ? 'parked' : 'repaired' };
  });
}
