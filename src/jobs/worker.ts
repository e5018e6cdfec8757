import { Injectable, Logger } from '@nestjs/common';
import type { Job, JobResult, WorkOptions as BossOptions } from 'pg-boss';
import { Transactions } from '../database/transactions.js';
import { failpoint } from '../failpoints/failpoint.js';
import { jobSeconds, stopwatch } from '../telemetry/metrics.js';
import { inSpan } from '../telemetry/tracing.js';
import { Boss } from './boss.js';
import { GiveUp } from './give-up.js';
import { isolate } from './isolate.js';
import type { Retry } from './jobs.js';
import { Pace } from './pace.js';

export interface WorkOptions {
  /** How many jobs are fetched at once. */
  batchSize: number;
  /** How many of one batch run at the same time; the next batch waits for the slowest. */
  concurrency: number;
}

/** For jobs that only write rows: all of one batch in one transaction. */
export interface BatchOptions {
  /** How many jobs are fetched at once. */
  batchSize: number;
  /** Jobs of one key go one after the other; its retries are needed to know the last attempt. */
  ordered?: Retry;
}

/** For jobs that wait on somebody else: each lane takes one job after the other, so that a slow one holds up its lane alone. */
export interface LaneOptions {
  lanes: number;
  /**
   * How many jobs of one group run at the same time, over all processes. pg-boss counts when it fetches, so lanes that look
   * at the same moment may take more, up to its connections: have more lanes than those.
   */
  groupConcurrency: number | { default: number; tiers: Record<string, number> };
}

/** Notifications wake a queue at once; polling finds what became due in another process. */
const POLLING = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 10 };

/** Of each lane, for what no notification tells of: a job taken over from a dead process, a retry after a restart. */
const LANE_POLLING_SECONDS = 20;

/** Runs queues: every job stands or falls alone, and a queue is woken when the retry of a failed one is due. */
@Injectable()
export class Worker {
  private readonly logger = new Logger('Jobs');

  constructor(
    private readonly boss: Boss,
    private readonly transactions: Transactions,
    private readonly pace: Pace,
  ) {}

  async work(
    queue: string,
    options: WorkOptions | LaneOptions,
    handle: (data: object) => Promise<void>,
  ): Promise<void> {
    if ('lanes' in options) return this.workInLanes(queue, options, handle);
    const { batchSize, concurrency } = options;
    await this.listen(queue, { batchSize, burstWhenBatchFull: true }, (jobs) =>
      inParallel(jobs, concurrency, (job) => this.settle(queue, job, handle)),
    );
  }

  /**
   * Hands over whole batches, each when it is the listeners' turn. One that fails is halved until the jobs at fault stand
   * alone; the others are done.
   * @param handle throws when nothing of what it was given is done
   */
  async workTogether(
    queue: string,
    { batchSize, ordered }: BatchOptions,
    handle: (jobs: Job[]) => Promise<void>,
  ): Promise<void> {
    await this.listen(queue, { batchSize, burstWhenBatchFull: true }, async (jobs) => {
      await this.pace.untilListeners();
      const results = await this.settleTogether(queue, jobs, handle);
      if (!ordered) return results;
      // Who waited for these can go on now.
      this.boss.wakeIn(queue, 0);
      return this.buryGivenUp(queue, jobs, results, ordered);
    });
  }

  /** @returns the results of those that are still there */
  private async buryGivenUp(queue: string, jobs: Job[], results: JobResult[], { limit }: Retry): Promise<JobResult[]> {
    const tries = new Map(jobs.map(({ id, retryCount }) => [id, retryCount]));
    const isGivenUp = ({ id, status }: JobResult) =>
      status === 'deadletter' || (status === 'failed' && (tries.get(id) ?? 0) >= limit);
    for (const { id, output } of results.filter(isGivenUp))
      await this.transactions.run((em) => this.boss.bury(em, queue, id, output ?? {}));
    return results.map((result) => (isGivenUp(result) ? { id: result.id, status: 'completed' } : result));
  }

  /**
   * A notification wakes one lane, and one that finds a job wakes the next; after a job a lane looks again, also for those
   * that were passed over for their group's sake. All at once they would look ten times for one job, and count the groups
   * each time.
   */
  private async workInLanes(
    queue: string,
    { lanes: count, groupConcurrency }: LaneOptions,
    handle: (data: object) => Promise<void>,
  ): Promise<void> {
    const lanes = Array.from({ length: count }, () => ({ worker: '', busy: false }));
    const wakeOne = () => {
      const idle = lanes.find(({ busy }) => !busy);
      if (idle) this.boss.pgBoss.notifyWorker(idle.worker);
    };
    for (const lane of lanes) {
      const options = { batchSize: 1, groupConcurrency, pollingIntervalSeconds: LANE_POLLING_SECONDS };
      lane.worker = await this.open(queue, options, async (jobs) => {
        lane.busy = true;
        wakeOne();
        const results = await inParallel(jobs, 1, (job) => this.settle(queue, job, handle));
        lane.busy = false;
        this.boss.pgBoss.notifyWorker(lane.worker);
        return results;
      });
    }
    this.boss.addWorker(queue, wakeOne);
  }

  private async listen(queue: string, options: BossOptions, run: (jobs: Job[]) => Promise<JobResult[]>): Promise<void> {
    const worker = await this.open(queue, { ...options, ...POLLING }, run);
    this.boss.addWorker(queue, () => this.boss.pgBoss.notifyWorker(worker));
  }

  /** @returns pg-boss's id of the worker */
  private open(queue: string, options: BossOptions, run: (jobs: Job[]) => Promise<JobResult[]>): Promise<string> {
    return this.boss.pgBoss.work<object, unknown, BossOptions & { perJobResults: true }>(
      queue,
      { ...options, perJobResults: true },
      run,
    );
  }

  private async settle(queue: string, job: Job, handle: (data: object) => Promise<void>): Promise<JobResult> {
    const elapsed = stopwatch();
    try {
      await inSpan(queue, { parent: Reflect.get(job.data, 'traceparent'), attributes: { 'job.id': job.id } }, () =>
        handle(job.data),
      );
      failpoint('job.done');
      return completed(queue, job, elapsed());
    } catch (error) {
      return this.failed(queue, job, error, elapsed());
    }
  }

  private async settleTogether(
    queue: string,
    jobs: Job[],
    handle: (jobs: Job[]) => Promise<void>,
  ): Promise<JobResult[]> {
    const results: JobResult[] = [];
    let elapsed = stopwatch();
    const attempt = async (some: Job[]) => {
      elapsed = stopwatch();
      await handle(some);
      failpoint('job.done');
      const share = elapsed() / some.length;
      results.push(...some.map((job) => completed(queue, job, share)));
    };
    const fail = async (job: Job, error: unknown) => void results.push(this.failed(queue, job, error, elapsed()));
    try {
      await attempt(jobs).catch((error: unknown) => isolate(jobs, error, attempt, fail));
    } catch (error) {
      const settled = new Set(results.map(({ id }) => id));
      for (const job of jobs) if (!settled.has(job.id)) await fail(job, error);
    }
    return results;
  }

  private failed(queue: string, { id, retryCount }: Job, error: unknown, seconds: number): JobResult {
    const given = error instanceof GiveUp;
    jobSeconds.observe({ queue, outcome: given ? 'given_up' : 'failed' }, seconds);
    this.logger.warn({
      msg: given ? 'job given up' : 'job failed',
      queue,
      job: id,
      attempt: retryCount + 1,
      err: error,
    });
    if (!given) this.boss.wakeForRetry(queue);
    const message = error instanceof Error ? error.message : String(error);
    return { id, status: given ? 'deadletter' : 'failed', output: { message } };
  }
}

function completed(queue: string, { id }: Job, seconds: number): JobResult {
  jobSeconds.observe({ queue, outcome: 'completed' }, seconds);
  return { id, status: 'completed' };
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
