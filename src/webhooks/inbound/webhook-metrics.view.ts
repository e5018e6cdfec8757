import { z } from 'zod';
import type { WebhookFigures } from './webhook-metrics.js';

const count = (description: string) => z.int().meta({ description });
const milliseconds = z.object({ p50: z.int(), p95: z.int(), p99: z.int() }).nullable();

const figures = {
  received: count('Events that were stored.'),
  duplicate: count('Deliveries of events that were stored already.'),
  handled: count('Of those received: projected.'),
  failed: count('Failed at least once, whatever became of them.'),
  dead: count('Given up: dead letters.'),
  quarantined: count('Kept aside, each with its reason.'),
  pending: count('Still to be projected.'),
  refetched: count('Events in doubt, whose object was asked of Stripe.'),
  refetches: count('How often Stripe was asked for that: events of one object share a question.'),
  refused: count('Deliveries with a bad signature, of which nothing is stored; their type is empty.'),
  success_rate: z.number().nullable().meta({ description: 'Handled, of those handled or dead; 1 is all.' }),
  lag_ms: milliseconds.meta({ description: 'From received to handled.' }),
  processing_ms: milliseconds.meta({ description: 'From taken up to handled: how long its batch took.' }),
};

export const WebhookMetricsView = z
  .object({
    object: z.literal('webhook_metrics'),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    by: z.enum(['type', 'hour']).nullable(),
    total: z.object(figures),
    data: z.array(
      z.object({ key: z.string().meta({ description: 'The type, or the beginning of the hour in UTC.' }), ...figures }),
    ),
  })
  .meta({ id: 'WebhookMetrics' });

export function figuresView({ key: _, lag, processing, ...counts }: WebhookFigures) {
  const ended = counts.handled + counts.dead;
  return {
    ...counts,
    success_rate: ended === 0 ? null : counts.handled / ended,
    lag_ms: lag,
    processing_ms: processing,
  };
}
