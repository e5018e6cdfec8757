const MINUTE = 60;
const HOUR = 3600;
/** A receiver that comes back must not be met by everything at the same moment. */
const JITTER = 0.1;

/**
 * The pauses, in seconds, that Standard Webhooks recommends: a little over three days in all.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const PAUSES = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/**
 * @param attempts how many have failed
 * @returns milliseconds until the next one; null when it was the last
 */
export function pauseAfter(attempts: number, random: () => number = Math.random): number | null {
  const seconds = PAUSES[attempts - 1];
  return seconds === undefined ? null : Math.round(seconds * 1000 * (1 + JITTER * random()));
}
