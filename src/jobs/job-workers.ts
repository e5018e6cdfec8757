import { Injectable } from '@nestjs/common';
import { Boss } from './boss.js';
import { Handlers } from './handlers.js';
import { jobs } from './jobs.js';
import type { JobName } from './jobs.js';
import { OnJob } from './on-job.js';
import { Worker } from './worker.js';
import type { LaneOptions, WorkOptions } from './worker.js';

type JobHandler = (data: object) => Promise<void>;

/** Connects the catalogue of jobs with its handlers; refuses to start when one is missing or doubled. */
@Injectable()
export class JobWorkers {
  constructor(
    private readonly boss: Boss,
    private readonly handlers: Handlers,
    private readonly worker: Worker,
  ) {}

  /** Every job's one handler. @throws Error naming each job without a handler, or with two. */
  route(): Map<JobName, JobHandler> {
    const found = this.handlers.find<JobName, [object]>(OnJob);
    const names = Object.keys(jobs) as JobName[];
    const faults = names.flatMap((name) => {
      const mine = found.filter(({ meta }) => meta === name);
      if (mine.length === 1) return [];
      return [
        mine.length === 0
          ? `job '${name}' has no @OnJob handler`
          : `job '${name}' has ${mine.length} handlers: ${mine.map((m) => m.where).join(', ')}`,
      ];
    });
    if (faults.length > 0) throw new Error(`The catalogue of jobs and its handlers disagree: ${faults.join('; ')}.`);
    return new Map(found.map(({ meta, call }) => [meta, call]));
  }

  async ensureQueues(): Promise<void> {
    await this.boss.ensureQueues(
      Object.entries(jobs).map(([name, job]) => ({
        name,
        retry: job.retry,
        laned: 'work' in job && 'lanes' in job.work,
      })),
    );
  }

  async start(): Promise<void> {
    for (const [name, handle] of this.route()) {
      const definition: { data: (typeof jobs)[JobName]['data']; work?: WorkOptions | LaneOptions } = jobs[name];
      const options = definition.work ?? { batchSize: 10, concurrency: 5 };
      await this.worker.work(name, options, (data) => handle(definition.data.parse(data)));
    }
  }
}
