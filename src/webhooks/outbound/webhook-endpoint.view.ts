import { z } from 'zod';
import { EventPattern } from './event-patterns.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

const fields = {
  url: z.string().max(2048),
  events: z.array(EventPattern).min(1).max(100),
  description: z.string().max(500).nullable(),
};

export const CreateWebhookEndpoint = z
  .strictObject({
    url: fields.url,
    events: fields.events.default(['*']),
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
  description: z.string().nullable(),
  status: z.enum(['enabled', 'disabled']),
  disabled_reason: z.string().nullable(),
  created_at: z.iso.datetime(),
};

export const WebhookEndpointView = z.object(view).meta({ id: 'WebhookEndpoint' });

export const WebhookEndpointWithSecret = z
  .object({ ...view, secret: z.string().meta({ description: 'Verifies the signatures; shown this once.' }) })
  .meta({ id: 'WebhookEndpointWithSecret' });

export const WebhookEndpointDeleted = z
  .object({ object: z.literal('webhook_endpoint'), id: z.string(), deleted: z.literal(true) })
  .meta({ id: 'WebhookEndpointDeleted' });

export function endpointView(endpoint: WebhookEndpoint): z.infer<typeof WebhookEndpointView> {
  const { id, url, events, description, status, disabled_reason, created_at } = endpoint;
  return {
    object: 'webhook_endpoint',
    id,
    url,
    events,
    description,
    status,
    disabled_reason,
    created_at: created_at.toISOString(),
  };
}
