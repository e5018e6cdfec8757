import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import type { JobData } from '../jobs/jobs.js';
import { OnJob } from '../jobs/on-job.js';
import { AccessDerivation } from './access-derivation.js';

/** Grace or a scheduled end has run out: time alone changes what the customer may use. */
@Injectable()
export class AccessJob {
  constructor(
    private readonly transactions: Transactions,
    private readonly derivation: AccessDerivation,
  ) {}

  @OnJob('access.recompute')
  async recompute({ customer }: JobData<'access.recompute'>): Promise<void> {
    await this.transactions.run((em) => this.derivation.recompute(em, new Map([[customer, null]])));
  }
}
