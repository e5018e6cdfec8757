import { z } from 'zod';
import { listOf } from '../../api/list.js';
import { EventPattern } from './event-patterns.js';
import type { WebhookEndpointReplay } from './webhook-endpoint-replay.entity.js';

const moment = z.iso.datetime({ offset: true });

export const CreateWebhookEndpointReplay = z
  .strictObject({
    from: moment.meta({ description: 'Published at this moment or later, in real time.' }),
    to: moment.optional().meta({ description: 'Published before this moment; now, unless it is given.' }),
    types: z
      .array(EventPattern)
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'Narrows what the endpoint listens to.' }),
    only_failed: z
      .boolean()
      .default(false)
      .meta({ description: 'Leaves out what has arrived. What was never sent, e.g. while it was disabled, is sent.' }),
  })
  .refine(({ from, to }) => to === undefined || !(new Date(from) >= new Date(to)), {
    path: ['to'],
    error: '`to` has to be after `from`.',
  })
  .meta({ id: 'CreateWebhookEndpointReplay', example: { from: '2026-11-20T00:00:00Z', only_failed: true } });

export const WebhookEndpointReplayView = z
  .object({
    object: z.literal('webhook_endpoint_replay'),
    id: z.string(),
    endpoint: z.string(),
    status: z.enum(['running', 'done', 'failed']),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    types: z.array(z.string()).nullable(),
    only_failed: z.boolean(),
    queued: z.int().meta({ description: 'Deliveries that are sent because of this; their log tells how it went.' }),
    skipped: z.int().meta({ description: 'Events that are on their way anyway or, with `only_failed`, have arrived.' }),
    error: z.string().nullable(),
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookEndpointReplay' });
export type WebhookEndpointReplayView = z.infer<typeof WebhookEndpointReplayView>;

export const WebhookEndpointReplayList = listOf(WebhookEndpointReplayView).meta({ id: 'WebhookEndpointReplayList' });

export function endpointReplayView(replay: WebhookEndpointReplay): WebhookEndpointReplayView {
  const { id, endpoint, status, types, only_failed, queued, skipped, error } = replay;
  return {
    object: 'webhook_endpoint_replay',
    id,
    endpoint,
    status,
    from: replay.from.toISOString(),
    to: replay.to.toISOString(),
    types,
    only_failed,
    queued,
    skipped,
    error,
    created_at: replay.created_at.toISOString(),
    finished_at: replay.finished_at?.toISOString() ?? null,
  };
}
