import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';

/**
 * Every instrument of this process, as Prometheus has them: one registry per process, so that whoever has something to count
 * needs no more than an import. What all processes share is asked of the database when it is scraped: `database-figures.ts`.
 * Labels are few and of closed sets: no ids, no customers, no addresses.
 */
export const registry = new Registry();

const PREFIX = 'good_standing_';
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SLOW = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const httpSeconds = histogram(
  'http_request_seconds',
  'Answering HTTP requests, by route (its pattern).',
  ['method', 'route', 'status'],
  QUICK,
);
export const inboxEvents = counter(
  'inbox_deliveries_total',
  "Deliveries of Stripe's events: new, duplicate, refused (bad signature), unavailable (not stored; answered 503).",
  ['outcome'],
);
export const inboxCommitSeconds = histogram(
  'inbox_commit_seconds',
  'Committing one group of arrivals to the inbox.',
  [],
  QUICK,
);
export const projectedEvents = counter(
  'projected_events_total',
  'Events projected: apply, ignore, refetch, unprojected; and attempts that ended otherwise: failed, dead.',
  ['decision'],
);
export const projectionBatchSeconds = histogram(
  'projection_batch_seconds',
  'Projecting one batch of events, from its claim to its commit.',
  [],
  SLOW,
);
export const projectorActive = gauge('projector_active', 'Whether this process is the one that projects.', []);
export const jobSeconds = histogram(
  'job_seconds',
  'One attempt at a job: completed, failed (tried again) or given_up. Listeners are queues named on.….',
  ['queue', 'outcome'],
  SLOW,
);
export const deliverySeconds = histogram(
  'delivery_seconds',
  'One attempt to send an outbound webhook: delivered or failed.',
  ['outcome'],
  SLOW,
);
export const stripeSeconds = histogram(
  'stripe_request_seconds',
  "Requests to Stripe's API: ok, or the code of the failure.",
  ['outcome'],
  SLOW,
);
export const stripeBudget = gauge(
  'stripe_budget_requests_per_second',
  'How many requests a second this process allows itself at Stripe; +Inf on the sandbox.',
  [],
);
export const stripeWaiting = gauge('stripe_requests_waiting', 'Requests to Stripe that wait for their turn.', []);

export function counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
  return new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] });
}

export function gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
  return new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] });
}

function histogram<L extends string>(name: string, help: string, labelNames: L[], buckets: number[]): Histogram<L> {
  return new Histogram({ name: `${PREFIX}${name}`, help, labelNames, buckets, registers: [registry] });
}

/** @returns what ends the measurement: the seconds since it was begun. */
export function stopwatch(): () => number {
  const begun = performance.now();
  return () => (performance.now() - begun) / 1000;
}

let defaults = false;

/** The text that Prometheus reads. Node's own figures are collected from the first time on: who never asks never pays. */
export async function exposition(): Promise<string> {
  if (!defaults) collectDefaultMetrics({ register: registry });
  defaults = true;
  return registry.metrics();
}
