import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Transactions } from '../../database/transactions.js';
import { failpoint } from '../../failpoints/failpoint.js';
import { GiveUp } from '../../jobs/give-up.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { jobs } from '../../jobs/jobs.js';
import type { JobData } from '../../jobs/jobs.js';
import { OnJob } from '../../jobs/on-job.js';
import { requeue } from './inbox-queue.js';
import { countSelected, readSlice } from './replay-slice.js';
import { WebhookReplay } from './webhook-replay.entity.js';
import { WebhookReplays } from './webhook-replays.js';

/**
 * Replays as a chain of short jobs, one per slice of events: a replay of hours outlasts restarts and holds up nobody, and
 * a step that is cut off is simply done again.
 */
@Injectable()
export class WebhookReplayJob {
  constructor(
    private readonly queue: JobQueue,
    private readonly replays: WebhookReplays,
    private readonly transactions: Transactions,
  ) {}

  /** Does one step, and enqueues the next. */
  @OnJob('webhook_replay.run')
  async run({ replay: id }: JobData<'webhook_replay.run'>): Promise<void> {
    const replay = await this.transactions.reader().findOne(WebhookReplay, id);
    if (!replay) throw new GiveUp(`There is no replay ${id}.`);
    if (replay.status !== 'running') return;
    try {
      await this.step(replay);
    } catch (error) {
      const last = replay.attempts >= jobs['webhook_replay.run'].retry.limit;
      await this.change(replay, async (_, row) => row.stumble(String(error), last));
      throw error;
    }
  }

  private async step(replay: WebhookReplay): Promise<void> {
    const reader = this.transactions.reader();
    const total = replay.total ?? (await countSelected(reader, replay));
    const { events, next } = await readSlice(reader, replay);
    const { handled, due } = this.replays.partition(events);
    const failed = await this.replays.bringAgain(replay.id, handled);
    failpoint('replay.brought');
    const error = failed.map((one) => `${one.id}: ${String(one.error)}`).at(-1) ?? null;
    await this.change(replay, async (em, row) => {
      const requeued = await requeue(em, due);
      const replayed = handled.length - failed.length;
      const skipped = events.length - handled.length - requeued;
      row.advance({ total, checked: events.length, replayed, requeued, skipped, failed: failed.length, error }, next);
      if (next) await this.queue.enqueue(em, 'webhook_replay.run', { replay: row.id });
    });
  }

  /** Changes the replay, unless this very step was done by another process meanwhile. */
  private change(
    { id, steps }: WebhookReplay,
    change: (em: EntityManager, row: WebhookReplay) => Promise<void>,
  ): Promise<void> {
    return this.transactions.run(async (em) => {
      const row = await em.findOneOrFail(WebhookReplay, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (row.status !== 'running' || row.steps !== steps) throw new GiveUp(`${id} has gone on without this step.`);
      await change(em, row);
    });
  }
}
