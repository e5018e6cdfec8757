import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import pg from 'pg';
import type { Runtime } from '../../../config/runtime.js';
import { ENV } from '../../database/env.token.js';
import { PgListener } from '../../database/pg-listener.js';
import { Settling } from '../../database/settling.js';
import { Pace } from '../../jobs/pace.js';
import { projectorActive } from '../../telemetry/metrics.js';
import { Inbox } from './inbox.js';
import { anythingDue, INBOX_CHANNEL } from './inbox-queue.js';
import { BATCH, Projector } from './projector.js';

/** One shard of customers; each shard has one active projector over all processes. */
const SHARD_LOCK = 7_310_100;
const LONGEST_CONNECT_MS = 3000;
const BACKSTOP_MS = 5000;
const PAUSE_AFTER_ERROR_MS = 500;
/** A batch that asks Stripe a lot may take longer; cut off, it is rolled back, and projected by the next process. */
const LAST_BATCH_MS = 3000;

/**
 * Keeps the projector running in exactly one process: it holds a session lock that a standby waits on, so that the standby
 * takes over the moment the holder dies. Wakes when something was stored, here or elsewhere.
 */
@Injectable()
export class ProjectionLoop {
  private readonly logger = new Logger(ProjectionLoop.name);
  private stopped = true;
  private loop: Promise<void> | null = null;
  private lock: pg.Client | null = null;
  private wakeUp: () => void = () => {};
  private woken = false;

  constructor(
    @Inject(ENV) private readonly env: Runtime,
    private readonly inbox: Inbox,
    private readonly listener: PgListener,
    private readonly projector: Projector,
    private readonly settling: Settling,
    private readonly pace: Pace,
  ) {}

  async start(): Promise<void> {
    this.stopped = false;
    this.inbox.whenStored(() => {
      this.wake();
      return this.holding;
    });
    await this.listener.listen(
      INBOX_CHANNEL,
      () => this.wake(),
      () => this.wake(),
    );
    this.settling.register(anythingDue);
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    const lock = this.lock;
    // A standby's connection is waiting inside the server: only closing it ends the wait.
    if (lock && !this.holding) await this.close(lock);
    await Promise.race([this.loop, wait(LAST_BATCH_MS, undefined, { ref: false })]);
  }

  wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  private holding = false;

  private async run(): Promise<void> {
    while (!this.stopped) {
      const lock = new pg.Client({
        connectionString: this.env.database.url,
        application_name: 'good-standing projector',
        connectionTimeoutMillis: LONGEST_CONNECT_MS,
        keepAlive: true,
      });
      this.lock = lock;
      lock.on('error', (error) => this.logger.warn(`projector lock: ${error.message}`));
      lock.on('end', () => {
        this.hold(false);
        this.wake();
      });
      try {
        await lock.connect();
        // What was stored here while the lock was lost unnoticed: whoever holds it now has not been told.
        await lock.query(`select pg_notify('${INBOX_CHANNEL}', '')`);
        await lock.query('select pg_advisory_lock($1)', [SHARD_LOCK]);
        this.hold(true);
        await this.project();
      } catch (error) {
        if (!this.stopped) this.logger.warn({ msg: 'projector interrupted', err: error });
      }
      await this.close(lock);
      if (!this.stopped) await this.pause(PAUSE_AFTER_ERROR_MS);
    }
  }

  private async project(): Promise<void> {
    for (;;) {
      await this.pace.untilProjection();
      if (!this.holding || this.stopped) return;
      this.woken = false;
      const handled = await this.projector.projectBatch();
      this.pace.projected(handled === BATCH);
      if (handled === 0 && !this.woken) await this.pause(BACKSTOP_MS);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private hold(holding: boolean): void {
    this.holding = holding;
    projectorActive.set(holding ? 1 : 0);
  }

  private async close(lock: pg.Client): Promise<void> {
    this.hold(false);
    await lock.end().catch((error: Error) => this.logger.debug(error.message));
  }
}
