import { Injectable } from '@nestjs/common';
import type { JobData } from '../jobs/jobs.js';
import { OnJob } from '../jobs/on-job.js';
import { Commands } from './commands.js';

/** A request in flight has the SDK's timeouts and retries before it; only what is older has lost its process. */
const OLDER_THAN_SECONDS = 90;

@Injectable()
export class ResumeOperationsJob {
  constructor(private readonly commands: Commands) {}

  /** @param begun_before machine time; processes that began commands before it are known to be dead */
  @OnJob('operation.resume')
  async resume({ begun_before }: JobData<'operation.resume'>): Promise<void> {
    const seconds = begun_before ? (Date.now() - Date.parse(begun_before)) / 1000 : OLDER_THAN_SECONDS;
    await this.commands.resume(seconds);
  }
}
