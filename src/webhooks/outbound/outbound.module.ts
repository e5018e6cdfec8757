import { Module } from '@nestjs/common';
import { Deliveries } from './deliveries.js';
import { DeliveryJob } from './delivery.job.js';
import { EventsController } from './events.controller.js';
import { OutboundWebhooksListener } from './outbound-webhooks.listener.js';
import { Receivers } from './receivers.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookEndpoints } from './webhook-endpoints.js';

@Module({
  controllers: [EventsController, WebhookEndpointsController, WebhookDeliveriesController],
  providers: [Deliveries, DeliveryJob, OutboundWebhooksListener, Receivers, WebhookEndpoints],
})
export class OutboundModule {}
