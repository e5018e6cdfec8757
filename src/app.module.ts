import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { LoggerModule } from 'nestjs-pino';
import type { Runtime } from '../config/runtime.js';
import { AccessModule } from './access/access.module.js';
import { AlertsModule } from './alerts/alerts.module.js';
import { ApiModule } from './api/api.module.js';
import { logging } from './api/logging.js';
import { Leftovers } from './boot/leftovers.js';
import { Lifecycle } from './boot/lifecycle.js';
import { PruneHistoryJob } from './boot/prune-history.job.js';
import { PruneJob } from './boot/prune.job.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { CustomersModule } from './customers/customers.module.js';
import { DatabaseModule } from './database/database.module.js';
import { ENV } from './database/env.token.js';
import { EventsModule } from './events/events.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { MirrorModule } from './mirror/mirror.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { StripeModule } from './stripe/stripe.module.js';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.js';
import { InboundModule } from './webhooks/inbound/inbound.module.js';
import { OutboundModule } from './webhooks/outbound/outbound.module.js';

/** The map of the house: what stands below first; each room uses only rooms above it in this list. */
@Module({})
export class AppModule {
  static for(runtime: Runtime): DynamicModule {
    return {
      module: AppModule,
      imports: [
        environment(runtime),
        LoggerModule.forRoot(logging(runtime.logLevel)),
        ScheduleModule.forRoot(),
        DatabaseModule,
        ApiModule,
        JobsModule,
        EventsModule,
        StripeModule,
        MirrorModule,
        CatalogModule,
        CustomersModule,
        PaymentsModule,
        SubscriptionsModule,
        AccessModule,
        InboundModule,
        OutboundModule,
        NotificationsModule,
        ReconciliationModule,
        AlertsModule,
      ],
      providers: [Leftovers, Lifecycle, PruneHistoryJob, PruneJob],
    };
  }
}

@Global()
@Module({})
class EnvironmentModule {}

function environment(runtime: Runtime): DynamicModule {
  return { module: EnvironmentModule, providers: [{ provide: ENV, useValue: runtime }], exports: [ENV] };
}
