import { Inject, Injectable } from '@nestjs/common';
import type { Runtime } from '../../config/runtime.js';
import { AccessRefresh } from '../access/access-refresh.js';
import { Readiness } from '../api/readiness.js';
import { ENV } from '../database/env.token.js';
import { Listeners } from '../events/listeners.js';
import { Boss } from '../jobs/boss.js';
import { DueSweep } from '../jobs/due-sweep.js';
import { JobWorkers } from '../jobs/job-workers.js';
import { Ticker } from '../jobs/ticker.js';
import { SandboxClock } from '../stripe/sandbox-clock.js';
import { ProjectionLoop } from '../webhooks/inbound/projection-loop.js';

/**
 * The order in which the house wakes and goes to sleep. Requests are served before the first and until after the last.
 *
 * It ends so: (1) readiness says no, so that load balancers turn away while answers still come; (2) nothing new begins:
 * schedules, the sandbox's clock, access that waits to be refreshed; (3) the projector ends its batch and lets go of its
 * shard, which the standby takes; (4) due moments; (5) jobs and listeners: none is fetched, those under way have half of
 * SHUTDOWN_TIMEOUT to end; (6) HTTP, once the requests under way are answered; (7) the database's connections; then, in
 * development, (8) the sandbox and (9) PostgreSQL. What is not done lies in the database: a killed process leaves no less.
 */
@Injectable()
export class Lifecycle {
  private running = false;

  constructor(
    @Inject(ENV) private readonly env: Runtime,
    private readonly accessRefresh: AccessRefresh,
    private readonly boss: Boss,
    private readonly due: DueSweep,
    private readonly jobWorkers: JobWorkers,
    private readonly listeners: Listeners,
    private readonly projection: ProjectionLoop,
    readiness: Readiness,
    private readonly sandboxClock: SandboxClock,
    private readonly ticker: Ticker,
  ) {
    readiness.register('running', async () => {
      if (!this.running) throw new Error('still starting, or ending');
    });
  }

  /** @throws Error when the catalogues of jobs and events and their handlers disagree. */
  async start(): Promise<void> {
    this.jobWorkers.route();
    this.listeners.route();
    await this.boss.start();
    await this.jobWorkers.ensureQueues();
    await this.listeners.ensureQueues();
    await this.sandboxClock.start();
    if (this.env.role !== 'web') await this.startWork();
    this.running = true;
  }

  private async startWork(): Promise<void> {
    await this.jobWorkers.start();
    await this.listeners.start();
    await this.due.start();
    this.ticker.start();
    await this.projection.start();
    this.accessRefresh.start();
  }

  /** Takes up nothing new, ends what is under way; what is left lies in the database for the next process. */
  async stop(): Promise<void> {
    this.running = false;
    this.ticker.stop();
    await this.sandboxClock.stop();
    await this.accessRefresh.stop();
    await this.projection.stop();
    await this.due.stop();
    await this.boss.stop();
  }
}
