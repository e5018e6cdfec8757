import { Module } from '@nestjs/common';
import { InboundController } from './inbound.controller.js';
import { Inbox } from './inbox.js';
import { ProjectionLoop } from './projection-loop.js';
import { Projector } from './projector.js';

@Module({
  controllers: [InboundController],
  providers: [Inbox, ProjectionLoop, Projector],
  exports: [Inbox, ProjectionLoop],
})
export class InboundModule {}
