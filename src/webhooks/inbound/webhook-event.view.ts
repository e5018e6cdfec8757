import { z } from 'zod';
import { listOf } from '../../api/list.js';
import type { InboundEvent } from './inbound-event.entity.js';

const moment = z.iso.datetime();

const fields = {
  object: z.literal('webhook_event'),
  id: z.string().meta({ description: "Stripe's id; `raw_…` for signed bytes that hold none." }),
  type: z.string(),
  status: z.enum(['pending', 'handled', 'dead', 'quarantined']),
  decision: z.enum(['apply', 'ignore', 'refetch', 'unprojected']).nullable(),
  attempts: z.int().meta({ description: 'How many have failed.' }),
  error: z.string().nullable().meta({ description: 'Why the last attempt failed, or why it is kept aside.' }),
  next_attempt_at: moment.nullable().meta({ description: 'Null when none is due.' }),
  subject: z.string().nullable().meta({ description: 'The object of Stripe’s that it is about.' }),
  customer: z.string().nullable(),
  account: z.string().nullable().meta({ description: 'The connected account that it comes from; null: your own.' }),
  api_version: z.string().nullable(),
  livemode: z.boolean(),
  created: moment.meta({ description: 'When it happened, by Stripe’s clock.' }),
  received_at: moment,
  handled_at: moment.nullable(),
  processing_ms: z.int().nullable().meta({ description: 'How long the batch took that handled it.' }),
};

export const WebhookEventSummary = z.object(fields).meta({ id: 'WebhookEventSummary' });
export const WebhookEventView = z
  .object({
    ...fields,
    payload: z.string().nullable().meta({
      description: 'The bytes as they came; those that are no text as `base64:…`. Null: pruned.',
    }),
  })
  .meta({ id: 'WebhookEvent' });
export const WebhookEventList = listOf(WebhookEventSummary).meta({ id: 'WebhookEventList' });

export function summaryOf(event: InboundEvent): z.infer<typeof WebhookEventSummary> {
  const { id, type, status, decision, attempts, error, customer, account, api_version, livemode } = event;
  return {
    object: 'webhook_event',
    id,
    type,
    status,
    decision,
    attempts,
    error,
    next_attempt_at: status === 'pending' ? event.next_attempt_at.toISOString() : null,
    subject: event.object,
    customer,
    account,
    api_version,
    livemode,
    created: event.created.toISOString(),
    received_at: event.received_at.toISOString(),
    handled_at: event.handled_at?.toISOString() ?? null,
    processing_ms: event.processing_ms,
  };
}
