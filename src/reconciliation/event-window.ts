const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Clocks differ, and Stripe's list may lag behind its deliveries. */
const OVERLAP = 10 * MINUTE;
/** How long Stripe itself goes on trying to deliver: https://docs.stripe.com/webhooks#retries */
const FIRST_LOOK = 3 * DAY;
/** https://docs.stripe.com/api/events/list goes back no further; the object sweep repairs what is older. */
const STRIPE_KEEPS = 30 * DAY;
const STILL_ON_ITS_WAY = 2 * MINUTE;

export interface EventWindow {
  from: Date;
  to: Date;
}

/**
 * Which events a run looks at, by their moment of creation.
 * @param coveredTo up to where the last run that ended well has looked; null: there was none
 * @param everything also what is so young that it may still be on its way here
 */
export function eventWindow(now: Date, coveredTo: Date | null, everything: boolean): EventWindow {
  const to = new Date(now.getTime() - (everything ? 0 : STILL_ON_ITS_WAY));
  const covered = Math.min(coveredTo?.getTime() ?? now.getTime() - FIRST_LOOK, to.getTime());
  return { from: new Date(Math.max(covered - OVERLAP, now.getTime() - STRIPE_KEEPS)), to };
}
