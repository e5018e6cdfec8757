import { Global, Module } from '@nestjs/common';
import { Commands } from './commands.js';
import { MirrorRegistry } from './mirror-registry.js';
import { Mirror } from './mirror.js';
import { ResumeOperationsJob } from './resume-operations.job.js';
import { Refetch } from './refetch.js';

@Global()
@Module({
  providers: [Commands, Mirror, MirrorRegistry, Refetch, ResumeOperationsJob],
  exports: [Commands, Mirror, MirrorRegistry, Refetch],
})
export class MirrorModule {}
