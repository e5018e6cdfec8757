import { Module } from '@nestjs/common';
import { Deliveries } from './deliveries.js';
import { DeliveryJob } from './delivery.job.js';
import { EndpointHealth } from './endpoint-health.js';
import { EventsController } from './events.controller.js';
import { OutboundWebhooksListener } from './outbound-webhooks.listener.js';
import { Receivers } from './receivers.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookEndpointReplayJob } from './webhook-endpoint-replay.job.js';
import { WebhookEndpointReplaysController } from './webhook-endpoint-replays.controller.js';
import { WebhookEndpointReplays } from './webhook-endpoint-replays.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookEndpoints } from './webhook-endpoints.js';

@Module({
  controllers: [
    EventsController,
    WebhookEndpointsController,
    WebhookDeliveriesController,
    WebhookEndpointReplaysController,
  ],
  providers: [
    Deliveries,
    DeliveryJob,
    EndpointHealth,
    OutboundWebhooksListener,
    Receivers,
    WebhookEndpointReplayJob,
    WebhookEndpointReplays,
    WebhookEndpoints,
  ],
})
export class OutboundModule {}
