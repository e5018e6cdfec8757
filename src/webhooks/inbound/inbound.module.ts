import { Module } from '@nestjs/common';
import { InboundEndpoints } from './inbound-endpoints.js';
import { InboundTallies } from './inbound-tallies.js';
import { Inbox } from './inbox.js';
import { ProjectionLoop } from './projection-loop.js';
import { Projector } from './projector.js';
import { WebhookEventsController } from './webhook-events.controller.js';
import { WebhookMetricsController } from './webhook-metrics.controller.js';
import { WebhookReplayJob } from './webhook-replay.job.js';
import { WebhookReplaysController } from './webhook-replays.controller.js';
import { WebhookReplays } from './webhook-replays.js';

@Module({
  controllers: [WebhookEventsController, WebhookMetricsController, WebhookReplaysController],
  providers: [InboundEndpoints, InboundTallies, Inbox, ProjectionLoop, Projector, WebhookReplayJob, WebhookReplays],
  exports: [InboundEndpoints, Inbox, ProjectionLoop],
})
export class InboundModule {}
