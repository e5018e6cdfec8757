import { DiscoveryService } from '@nestjs/core';
import type { JobName } from './jobs.js';

/** Marks the one method that does the job: `(data: JobData<'email.send'>) => Promise<void>`. A throw means: try again. */
export const OnJob = DiscoveryService.createDecorator<JobName>();
