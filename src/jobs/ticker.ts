import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CronTime } from 'cron';
import { schedule } from '../../config/schedule.js';
import type { Schedule } from '../../config/schedule.js';
import { Clock } from '../database/clock.js';
import { uuidFrom } from '../database/ids.js';
import { Transactions } from '../database/transactions.js';
import { JobQueue } from './job-queue.js';

/**
 * Turns slots of `config/schedule.ts` into jobs. Every replica ticks; the job's id is made of schedule and slot, so a slot
 * makes one job. Business time: when the clock is turned over many slots, each schedule fires once for all of them.
 */
@Injectable()
export class Ticker {
  private next: Map<Schedule, Date> | null = null;
  private ticking: Promise<void> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly transactions: Transactions,
    private readonly queue: JobQueue,
  ) {}

  /** From now on slots count; those before the process began belong to others. */
  start(): void {
    const now = this.clock.now();
    this.next = new Map(schedule.map((entry) => [entry, nextSlot(entry, now)]));
  }

  stop(): void {
    this.next = null;
  }

  @Interval('ticker', 1000)
  tick(): Promise<void> {
    this.ticking ??= this.fire().finally(() => (this.ticking = null));
    return this.ticking;
  }

  private async fire(): Promise<void> {
    const now = this.clock.now();
    for (const [entry, slot] of this.next ?? []) {
      if (slot > now) continue;
      await this.transactions.run((em) =>
        this.queue.enqueue(em, entry.job, {}, { id: uuidFrom(`${entry.job}|${slot.toISOString()}`) }),
      );
      this.next?.set(entry, nextSlot(entry, now));
    }
  }
}

function nextSlot(entry: Schedule, after: Date): Date {
  return new CronTime(entry.cron, 'UTC').getNextDateFrom(after, 'UTC').toJSDate();
}
