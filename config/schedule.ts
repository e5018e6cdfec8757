import type { JobName } from '../src/jobs/jobs.js';

export interface Schedule {
  /** Five fields, UTC, business time. */
  cron: string;
  job: JobName;
  why: string;
}

/** Every cron of the house. A slot makes one job over all replicas. */
export const schedule: readonly Schedule[] = [
  { cron: '*/5 * * * *', job: 'reconciliation.find_missed_events', why: 'events that Stripe never managed to deliver' },
  { cron: '17 3 * * *', job: 'reconciliation.sweep_objects', why: 'differences that no event tells of' },
  { cron: '* * * * *', job: 'operation.resume', why: 'commands whose answer was lost on the way' },
  { cron: '* * * * *', job: 'alert.check', why: 'what the operator has to be told of' },
  { cron: '13 2 * * *', job: 'history.prune', why: 'history that has been kept for long enough' },
  { cron: '41 4 * * *', job: 'api.prune', why: 'idempotency keys and attempts that no longer count' },
];
