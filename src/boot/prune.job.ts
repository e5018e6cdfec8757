import { Injectable } from '@nestjs/common';
import { AttemptLimiter } from '../api/attempt-limiter.js';
import { IdempotencyKeys } from '../api/idempotency-keys.js';
import { OnJob } from '../jobs/on-job.js';

/** Removes what the API no longer needs to remember. The `api` room stands below `jobs`, so its job is here. */
@Injectable()
export class PruneJob {
  constructor(
    private readonly attempts: AttemptLimiter,
    private readonly idempotencyKeys: IdempotencyKeys,
  ) {}

  @OnJob('api.prune')
  async prune(): Promise<void> {
    await this.idempotencyKeys.prune();
    await this.attempts.prune();
  }
}
