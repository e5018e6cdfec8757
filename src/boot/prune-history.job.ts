import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import { Transactions } from '../database/transactions.js';
import { OnJob } from '../jobs/on-job.js';
import { forgettings } from './history.js';
import type { Forgetting } from './history.js';

/** So that no statement holds locks for long, nor leaves more garbage at once than autovacuum clears away. */
const SLICE = 1000;

/** Forgets what is older than it has to be kept, in slices; cut off, it goes on the next time. Its tables are several rooms'. */
@Injectable()
export class PruneHistoryJob {
  private readonly logger = new Logger(PruneHistoryJob.name);

  constructor(
    @Inject(ENV) private readonly env: Runtime,
    private readonly transactions: Transactions,
  ) {}

  @OnJob('history.prune')
  async prune(): Promise<void> {
    for (const forgetting of forgettings(this.env.retention, new Date())) {
      const rows = await this.forget(forgetting);
      if (rows > 0) this.logger.log({ msg: 'history pruned', what: forgetting.what, rows });
    }
  }

  private async forget({ slice }: Forgetting): Promise<number> {
    for (let rows = 0; ;) {
      const result = await slice(SLICE).execute(this.transactions.reader().getKysely());
      const forgotten = Number(result.numAffectedRows ?? 0);
      rows += forgotten;
      if (forgotten < SLICE) return rows;
    }
  }
}
