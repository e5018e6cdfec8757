import { Module } from '@nestjs/common';
import { InboundModule } from '../webhooks/inbound/inbound.module.js';
import { MirroredRows } from './mirrored-rows.js';
import { MissedEvents } from './missed-events.js';
import { ObjectSweep } from './object-sweep.js';
import { ReconciliationJob } from './reconciliation.job.js';
import { ReconciliationsController } from './reconciliations.controller.js';
import { Reconciliations } from './reconciliations.js';
import { StripeObjects } from './stripe-objects.js';

@Module({
  imports: [InboundModule],
  controllers: [ReconciliationsController],
  providers: [MirroredRows, MissedEvents, ObjectSweep, ReconciliationJob, Reconciliations, StripeObjects],
})
export class ReconciliationModule {}
