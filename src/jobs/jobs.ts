import { z } from 'zod';
import type { LaneOptions, WorkOptions } from './worker.js';

/** How a failed job is tried again; machine time, exponential with jitter (pg-boss), then the dead letters. */
export interface Retry {
  limit: number;
  delaySeconds: number;
  maxDelaySeconds: number;
}

export const QUICK: Retry = { limit: 5, delaySeconds: 1, maxDelaySeconds: 60 };
/** An SMTP server or a receiver may be away for hours; about three days in all. */
export const PATIENT: Retry = { limit: 20, delaySeconds: 5, maxDelaySeconds: 6 * 3600 };

/** The catalogue of all jobs: name, payload, retries. Boot fails unless each has exactly one `@OnJob` handler. */
export const jobs = {
  'access.recompute': { data: z.object({ customer: z.string() }), retry: QUICK },
  'email.send': { data: z.object({ email: z.string() }), retry: PATIENT },
  'dunning.remind': { data: z.object({ subscription: z.string(), step: z.string() }), retry: QUICK },
  'outbound_webhook.deliver': {
    data: z.object({ delivery: z.string() }),
    retry: PATIENT,
    // By endpoint. One that fails now, by a timeout perhaps, does not take the lanes of the others.
    work: { lanes: 10, groupConcurrency: { default: 3, tiers: { failing: 1 } } },
  },
  'outbound_webhook.replay': { data: z.object({ replay: z.string(), step: z.int() }), retry: QUICK },
  'operation.resume': { data: z.object({ begun_before: z.iso.datetime().optional() }), retry: QUICK },
  'reconciliation.find_missed_events': { data: z.object({}), retry: QUICK },
  'reconciliation.sweep_objects': { data: z.object({}), retry: QUICK },
  'history.prune': { data: z.object({}), retry: QUICK },
  'alert.check': { data: z.object({}), retry: QUICK },
  'api.prune': { data: z.object({}), retry: QUICK },
  'webhook_replay.run': { data: z.object({ replay: z.string() }), retry: QUICK },
  'reconciliation.run': { data: z.object({ reconciliation: z.string() }), retry: QUICK },
} as const satisfies Record<string, { data: z.ZodType; retry: Retry; work?: WorkOptions | LaneOptions }>;

export type JobName = keyof typeof jobs;
export type JobData<N extends JobName> = z.infer<(typeof jobs)[N]['data']>;
