import { z } from 'zod';
import type { WebhookDelivery } from './webhook-delivery.entity.js';

const moment = z.iso.datetime().nullable();

export const WebhookDeliveryView = z
  .object({
    object: z.literal('webhook_delivery'),
    id: z.string(),
    endpoint: z.string(),
    event: z.string().meta({ description: 'The `webhook-id` of every attempt.' }),
    event_type: z.string(),
    customer: z.string().nullable(),
    status: z.enum(['pending', 'delivered', 'failed', 'skipped']),
    attempts: z.int(),
    next_attempt_at: moment,
    last_attempt_at: moment,
    last_status_code: z.int().nullable(),
    last_error: z.string().nullable(),
    request_body: z.string().meta({ description: 'Exactly the text that is signed and sent.' }),
    response_body: z.string().nullable().meta({ description: 'The first 2 KB of the last answer.' }),
    created_at: z.iso.datetime(),
    delivered_at: moment,
  })
  .meta({ id: 'WebhookDelivery' });

export function deliveryView(delivery: WebhookDelivery): z.infer<typeof WebhookDeliveryView> {
  return {
    object: 'webhook_delivery',
    id: delivery.id,
    endpoint: delivery.endpoint,
    event: delivery.event,
    event_type: delivery.event_type,
    customer: delivery.customer,
    status: delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: delivery.next_attempt_at?.toISOString() ?? null,
    last_attempt_at: delivery.last_attempt_at?.toISOString() ?? null,
    last_status_code: delivery.last_status_code,
    last_error: delivery.last_error,
    request_body: delivery.request_body,
    response_body: delivery.response_body,
    created_at: delivery.created_at.toISOString(),
    delivered_at: delivery.delivered_at?.toISOString() ?? null,
  };
}
