import { Injectable } from '@nestjs/common';
import { databaseNow } from '../database/database-now.js';
import { Transactions } from '../database/transactions.js';
import type { JobData } from '../jobs/jobs.js';
import { OnJob } from '../jobs/on-job.js';
import { Commands } from './commands.js';

/** A request in flight has the SDK's timeouts and retries before it; only what is older has lost its process. */
const OLDER_THAN_SECONDS = 90;

@Injectable()
export class ResumeOperationsJob {
  constructor(
    private readonly commands: Commands,
    private readonly transactions: Transactions,
  ) {}

  /** @param begun_before in the database's clock; processes that began commands before it are known to be dead */
  @OnJob('operation.resume')
  async resume({ begun_before }: JobData<'operation.resume'>): Promise<void> {
    await this.commands.resume(begun_before ? await this.secondsSince(begun_before) : OLDER_THAN_SECONDS);
  }

  private async secondsSince(moment: string): Promise<number> {
    return ((await databaseNow(this.transactions.reader())).getTime() - Date.parse(moment)) / 1000;
  }
}
