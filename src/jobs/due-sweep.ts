import { Injectable, Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { Clock } from '../database/clock.js';
import { PgListener } from '../database/pg-listener.js';
import { Transactions } from '../database/transactions.js';
import { failpoint } from '../failpoints/failpoint.js';
import { Boss } from './boss.js';
import { DUE_CHANNEL } from './due.js';

const BATCH = 200;
const LONGEST_SLEEP_MS = 30_000;

interface DueTable {
  due: { job: string; key: string; data: object; due_at: Date };
}

/** Turns what has fallen due into jobs. Sleeps until the next due moment; a NOTIFY wakes it when an earlier one is set. */
@Injectable()
export class DueSweep {
  private readonly logger = new Logger(DueSweep.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = true;

  constructor(
    private readonly clock: Clock,
    private readonly listener: PgListener,
    private readonly transactions: Transactions,
    private readonly boss: Boss,
  ) {}

  async start(): Promise<void> {
    this.stopped = false;
    await this.listener.listen(
      DUE_CHANNEL,
      () => this.wake(),
      () => this.wake(),
    );
    this.wake();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Called when a due moment was set and when the clock was turned. */
  wake(): void {
    if (this.stopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = this.sweep()
      .catch((error: unknown) => this.logger.error(error))
      .then(() => this.sleep())
      .catch((error: unknown) => {
        this.logger.error(error);
        this.timer = setTimeout(() => this.wake(), 1000);
      })
      .finally(() => {
        this.running = null;
        if (this.again) {
          this.again = false;
          this.wake();
        }
      });
  }

  /** The next due moment in business time, or null. */
  async next(): Promise<Date | null> {
    const row = await this.reader()
      .selectFrom('due')
      .select((due) => due.fn.min('due_at').as('next'))
      .executeTakeFirst();
    return row?.next ? new Date(row.next) : null;
  }

  private async sweep(): Promise<void> {
    while (!this.stopped && (await this.takeBatch()) === BATCH);
  }

  private takeBatch(): Promise<number> {
    return this.transactions.run(async (em) => {
      const { rows } = await sql<{ job: string; data: object }>`
        delete from due where (job, key) in (
          select job, key from due where due_at <= ${this.clock.now()} order by due_at limit ${BATCH} for update skip locked
        ) returning job, data, due_at`.execute(em.getKysely());
      const byJob = Map.groupBy(rows, (row) => row.job);
      for (const [job, due] of byJob)
        await this.boss.insert(
          em,
          job,
          due.map(({ data }) => ({ data })),
        );
      if (rows.length > 0) failpoint('due.taken');
      return rows.length;
    });
  }

  private async sleep(): Promise<void> {
    const next = await this.next();
    if (this.stopped) return;
    const untilNext = next ? next.getTime() - this.clock.now().getTime() : LONGEST_SLEEP_MS;
    this.timer = setTimeout(() => this.wake(), Math.min(Math.max(untilNext, 10), LONGEST_SLEEP_MS));
  }

  private reader() {
    return this.transactions.reader().getKysely<DueTable>();
  }
}
