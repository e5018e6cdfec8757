import { z } from 'zod';
import { EventPattern } from './event-patterns.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

const fields = {
  url: z.string().max(2048),
  events: z.array(EventPattern).min(1).max(100),
  payload: z.enum(['full', 'thin']).meta({
    description: '`thin`: `data` holds only the id of the object that the event is about, to be fetched.',
  }),
  description: z.string().max(500).nullable(),
};

export const CreateWebhookEndpoint = z
  .strictObject({
    url: fields.url,
    events: fields.events.default(['*']),
    payload: fields.payload.default('full'),
    description: fields.description.default(null),
  })
  .meta({
    id: 'CreateWebhookEndpoint',
    example: { url: 'https://app.example.com/webhooks', events: ['access.changed', 'payment.*'] },
  });

export const UpdateWebhookEndpoint = z
  .strictObject({ ...fields, status: z.enum(['enabled', 'disabled']) })
  .partial()
  .meta({ id: 'UpdateWebhookEndpoint', example: { events: ['access.changed'], status: 'enabled' } });

const view = {
  object: z.literal('webhook_endpoint'),
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  payload: fields.payload,
  description: z.string().nullable(),
  status: z.enum(['enabled', 'disabled']),
  disabled_reason: z.string().nullable(),
  failing_since: z.iso.datetime().nullable().meta({
    description:
      'The first failure since the last success. An endpoint is disabled when a delivery is given up and this is five days ago.',
  }),
  created_at: z.iso.datetime(),
};

export const WebhookEndpointView = z.object(view).meta({ id: 'WebhookEndpoint' });

export const WebhookEndpointWithSecret = z
  .object({ ...view, secret: z.string().meta({ description: 'Verifies the signatures; shown this once.' }) })
  .meta({ id: 'WebhookEndpointWithSecret' });

export const RollSecret = z
  .strictObject({
    expires_after: z
      .int()
      .min(0)
      .max(7 * 86_400)
      .default(86_400)
      .meta({ description: 'For how many seconds the old secrets sign as well. 0: they are compromised.' }),
  })
  .prefault({})
  .meta({ id: 'RollWebhookSecret', example: { expires_after: 3600 } });

export const WebhookEndpointDeleted = z
  .object({ object: z.literal('webhook_endpoint'), id: z.string(), deleted: z.literal(true) })
  .meta({ id: 'WebhookEndpointDeleted' });

export function endpointView(endpoint: WebhookEndpoint): z.infer<typeof WebhookEndpointView> {
  const { id, url, events, payload, description, status, disabled_reason, failing_since, created_at } = endpoint;
  return {
    object: 'webhook_endpoint',
    id,
    url,
    events,
    payload,
    description,
    status,
    disabled_reason,
    failing_since: failing_since?.toISOString() ?? null,
    created_at: created_at.toISOString(),
  };
}
