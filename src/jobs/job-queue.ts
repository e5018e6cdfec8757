import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { currentTraceparent } from '../telemetry/tracing.js';
import { Boss } from './boss.js';
import { jobs } from './jobs.js';
import type { JobData, JobName } from './jobs.js';

export interface EnqueueOptions {
  /** Not before this moment of real time. */
  startAfter?: Date;
  /** A second job with this id is not made, even when the first has ended (as long as its row is kept). */
  id?: string;
  /** Jobs of one group share the queue's limit of concurrency, where the catalogue sets one; it may set others by tier. */
  group?: { id: string; tier?: string };
  /** What it follows from, when that is not what is being done now. */
  traceparent?: string | undefined;
}

/** Enqueues jobs, always inside the caller's transaction. */
@Injectable()
export class JobQueue {
  constructor(private readonly boss: Boss) {}

  enqueue<N extends JobName>(
    em: EntityManager,
    name: N,
    data: JobData<N>,
    options: EnqueueOptions = {},
  ): Promise<void> {
    return this.enqueueAll(em, name, [{ data, ...options }]);
  }

  async enqueueAll<N extends JobName>(
    em: EntityManager,
    name: N,
    requests: Array<{ data: JobData<N> } & EnqueueOptions>,
  ): Promise<void> {
    const current = currentTraceparent();
    const inserts = requests.map(({ data, startAfter, id, group, traceparent = current }) => ({
      data: { ...jobs[name].data.parse(data), ...(traceparent && { traceparent }) },
      ...(startAfter && { startAfter }),
      ...(id && { id }),
      ...(group && { group }),
    }));
    await this.boss.insert(em, name, inserts);
  }
}
