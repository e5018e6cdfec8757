import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Boss } from './boss.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.js';
import { DueSweep } from './due-sweep.js';
import { Due } from './due.js';
import { Handlers } from './handlers.js';
import { JobQueue } from './job-queue.js';
import { JobWorkers } from './job-workers.js';
import { JobsQuiet } from './jobs-quiet.js';
import { Pace } from './pace.js';
import { Ticker } from './ticker.js';
import { Worker } from './worker.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [DeadLettersController],
  providers: [Boss, DeadLetters, Due, DueSweep, Handlers, JobQueue, JobWorkers, JobsQuiet, Pace, Ticker, Worker],
  exports: [Boss, Due, DueSweep, Handlers, JobQueue, JobWorkers, Pace, Ticker, Worker],
})
export class JobsModule {}
