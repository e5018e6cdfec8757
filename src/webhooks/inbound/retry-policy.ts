import { isDatabaseAway } from '../../api/database-away.js';
import { Failure } from '../../errors/failure.js';

const MOST_ATTEMPTS = 8;
const LONGEST_SECONDS = 300;
/** PostgreSQL's trouble, not the event's: conflicts, exhausted resources. https://www.postgresql.org/docs/18/errcodes-appendix.html */
const PASSING = /^(40|53)/;

/**
 * What follows a failed projection: growing, jittered gaps; the dead letters after the last attempt. What fails because
 * Stripe or the database cannot be asked is no poison, and is tried until they can.
 * @param attempt the one that has just failed, from 1.
 */
export function afterFailure(attempt: number, error: unknown): { retryInSeconds: number; fatal: boolean } {
  const gap = Math.min(2 ** Math.min(attempt, 16), LONGEST_SECONDS);
  return { retryInSeconds: gap / 2 + (Math.random() * gap) / 2, fatal: !isPassing(error) && attempt >= MOST_ATTEMPTS };
}

function isPassing(error: unknown): boolean {
  if (error instanceof Failure) return error.retryable;
  if (error instanceof Error && 'code' in error && PASSING.test(String(error.code))) return true;
  return isDatabaseAway(error);
}
