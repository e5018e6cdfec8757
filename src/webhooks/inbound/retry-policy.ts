import { Failure } from '../../errors/failure.js';

const MOST_ATTEMPTS = 8;
const LONGEST_SECONDS = 300;

/**
 * What follows a failed projection: growing, jittered gaps; the dead letters after the last attempt. What fails because
 * Stripe cannot be asked is no poison, and is tried until it can.
 * @param attempt the one that has just failed, from 1.
 */
export function afterFailure(attempt: number, error: unknown): { retryInSeconds: number; fatal: boolean } {
  const gap = Math.min(2 ** Math.min(attempt, 16), LONGEST_SECONDS);
  const transient = error instanceof Failure && error.retryable;
  return { retryInSeconds: gap / 2 + (Math.random() * gap) / 2, fatal: !transient && attempt >= MOST_ATTEMPTS };
}
