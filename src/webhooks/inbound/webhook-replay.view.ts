import { z } from 'zod';
import { listOf } from '../../api/list.js';
import type { WebhookReplay } from './webhook-replay.entity.js';

const moment = z.iso.datetime().nullable();
const count = (description: string) => z.int().meta({ description });

export const WebhookReplayView = z
  .object({
    object: z.literal('webhook_replay'),
    id: z.string(),
    status: z.enum(['running', 'done', 'failed']),
    event: z.string().nullable(),
    type: z.string().nullable(),
    event_status: z.string().nullable(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    total: z.int().nullable().meta({ description: 'How many events are selected; null until they are counted.' }),
    checked: count('How many of them have had their turn.'),
    replayed: count('Were handled before: brought to the mirror again, and nobody was told anything.'),
    requeued: count('Were dead or kept aside: queued as if they had just come, with all that follows.'),
    skipped: count('Pending anyway, pruned, unreadable, of the other mode, or of a connected account.'),
    failed: count('Could not be replayed; `error` tells of the last.'),
    error: z.string().nullable(),
    created_at: z.iso.datetime(),
    finished_at: moment,
  })
  .meta({ id: 'WebhookReplay' });
export type WebhookReplayView = z.infer<typeof WebhookReplayView>;

export const WebhookReplayList = listOf(WebhookReplayView).meta({ id: 'WebhookReplayList' });

export function replayView(replay: WebhookReplay): WebhookReplayView {
  const { id, status, selection, total, checked, replayed, requeued, skipped, failed, error } = replay;
  return {
    object: 'webhook_replay',
    id,
    status,
    event: selection.event ?? null,
    type: selection.type ?? null,
    event_status: selection.status ?? null,
    from: selection.from ?? null,
    to: selection.to ?? null,
    total,
    checked,
    replayed,
    requeued,
    skipped,
    failed,
    error,
    created_at: replay.created_at.toISOString(),
    finished_at: replay.finished_at?.toISOString() ?? null,
  };
}
