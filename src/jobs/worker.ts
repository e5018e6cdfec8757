import { Injectable, Logger } from '@nestjs/common';
import type { Job, JobResult } from 'pg-boss';
import { Boss } from './boss.js';
import { GiveUp } from './give-up.js';

export interface WorkOptions {
  /** How many jobs are fetched at once. */
  batchSize: number;
  /** How many of one batch run at the same time. */
  concurrency: number;
  /** How many jobs of one group run at the same time, over all processes. */
  groupConcurrency?: number;
}

/** Runs one queue: every job stands or falls alone, and a job that failed wakes the queue when its retry is due. */
@Injectable()
export class Worker {
  private readonly logger = new Logger('Jobs');
  private readonly wakers = new Set<NodeJS.Timeout>();

  constructor(private readonly boss: Boss) {}

  async work(queue: string, options: WorkOptions, handle: (data: object) => Promise<void>): Promise<void> {
    const worker = await this.boss.pgBoss.work<object, unknown>(
      queue,
      {
        batchSize: options.batchSize,
        burstWhenBatchFull: true,
        perJobResults: true,
        pollingIntervalSeconds: 2,
        notifyPollingIntervalSeconds: 30,
        ...(options.groupConcurrency && { groupConcurrency: options.groupConcurrency }),
      } as const,
      async (jobs: Array<Job>) => {
        const results = await inParallel(jobs, options.concurrency, (job) => this.settle(queue, job, handle));
        if (results.some((result) => result.status === 'failed')) this.wakeForRetries(worker);
        return results;
      },
    );
  }

  stop(): void {
    for (const waker of this.wakers) clearTimeout(waker);
  }

  private async settle(queue: string, job: Job, handle: (data: object) => Promise<void>): Promise<JobResult> {
    try {
      await handle(job.data);
      return { id: job.id, status: 'completed' };
    } catch (error) {
      const given = error instanceof GiveUp;
      this.logger.warn({
        msg: given ? 'job given up' : 'job failed',
        queue,
        job: job.id,
        attempt: job.retryCount + 1,
        err: error,
      });
      const message = error instanceof Error ? error.message : String(error);
      return { id: job.id, status: given ? 'deadletter' : 'failed', output: { message } };
    }
  }

  /** Polling alone would find a retry up to half a minute late; pg-boss notifies of new jobs only. */
  private wakeForRetries(worker: string): void {
    for (const seconds of [1.1, 2.5, 5, 10]) {
      const waker = setTimeout(() => {
        this.wakers.delete(waker);
        this.boss.pgBoss.notifyWorker(worker);
      }, seconds * 1000);
      waker.unref();
      this.wakers.add(waker);
    }
  }
}

async function inParallel<T, R>(items: T[], limit: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lanes = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const [index, item] of queue) results[index] = await run(item);
  });
  await Promise.all(lanes);
  return results;
}
