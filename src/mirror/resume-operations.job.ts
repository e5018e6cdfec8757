import { Injectable } from '@nestjs/common';
import { OnJob } from '../jobs/on-job.js';
import { Commands } from './commands.js';

/** A request in flight has the SDK's timeouts and retries before it; only what is older has lost its process. */
const OLDER_THAN_SECONDS = 90;

@Injectable()
export class ResumeOperationsJob {
  constructor(private readonly commands: Commands) {}

  @OnJob('operation.resume')
  async resume(): Promise<void> {
    await this.commands.resume(OLDER_THAN_SECONDS);
  }
}
