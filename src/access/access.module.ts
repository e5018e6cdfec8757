import { Global, Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { MirrorRegistry } from '../mirror/mirror-registry.js';
import { AccessAnswers } from './access-answers.js';
import { AccessCache } from './access-cache.js';
import { AccessController } from './access.controller.js';
import { AccessDerivation } from './access-derivation.js';
import { AccessFeed } from './access-feed.js';
import { AccessJob } from './access.job.js';
import { notifyAccess } from './access-notices.js';
import { AccessRefresh } from './access-refresh.js';
import { readPoliciesFile } from './policies-file.js';
import { Policies } from './policies.js';
import { deletedCustomers, touchedCustomers } from './touched-customers.js';

@Global()
@Module({
  controllers: [AccessController],
  providers: [
    { provide: Policies, useFactory: () => new Policies(readPoliciesFile()) },
    AccessAnswers,
    AccessCache,
    AccessDerivation,
    AccessFeed,
    AccessJob,
    AccessRefresh,
  ],
  exports: [AccessAnswers, AccessRefresh, Policies],
})
export class AccessModule implements OnModuleInit {
  constructor(
    private readonly registry: MirrorRegistry,
    private readonly derivation: AccessDerivation,
  ) {}

  onModuleInit(): void {
    this.registry.derive(async (em, rows) => {
      await this.derivation.recompute(em, touchedCustomers(rows));
      // Their external_id may belong to somebody else now.
      await notifyAccess(em, deletedCustomers(rows));
    });
  }
}
