import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import type { Runtime } from '../../config/runtime.js';
import { Clock } from '../database/clock.js';
import { ENV } from '../database/env.token.js';
import { newId } from '../database/ids.js';
import { Settling } from '../database/settling.js';
import { DueSweep } from '../jobs/due-sweep.js';
import { Ticker } from '../jobs/ticker.js';

const Turned = z.object({ now: z.iso.datetime(), mode: z.enum(['ticking', 'frozen']), step: z.int() });
const RECONNECT_MS = 250;
const SETTLE_LIMIT_MS = 25_000;

/**
 * On the sandbox the house lives in the sandbox's time. A long poll follows its clock: at each turn what has fallen due is
 * done, and only then is the sandbox told to go on, so that a month turned in a second still happens in its order.
 */
@Injectable()
export class SandboxClock {
  private readonly logger = new Logger(SandboxClock.name);
  private readonly follower = newId('job');
  private abort = new AbortController();
  private following: Promise<void> | null = null;

  constructor(
    @Inject(ENV) private readonly env: Runtime,
    private readonly clock: Clock,
    private readonly due: DueSweep,
    private readonly settling: Settling,
    private readonly ticker: Ticker,
  ) {}

  /** Takes over the sandbox's time, then keeps following it. Without a sandbox it does nothing. */
  async start(): Promise<void> {
    const { sandboxUrl } = this.env.stripe;
    if (sandboxUrl === null) return;
    this.abort = new AbortController();
    this.turn(await this.poll(sandboxUrl, null));
    this.following = this.follow(sandboxUrl);
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.following;
  }

  private async follow(sandboxUrl: string): Promise<void> {
    let settled: number | null = null;
    while (!this.abort.signal.aborted) {
      try {
        const turned: z.infer<typeof Turned> = await this.poll(sandboxUrl, settled);
        this.turn(turned);
        if (turned.step !== settled) await this.comeToRest();
        settled = turned.step;
      } catch (error) {
        if (this.abort.signal.aborted) return;
        this.logger.debug({ msg: 'the sandbox cannot be reached', err: error });
        await wait(RECONNECT_MS);
      }
    }
  }

  private async poll(sandboxUrl: string, settled: number | null): Promise<z.infer<typeof Turned>> {
    const next = await this.due.next();
    const response = await fetch(new URL('/_sandbox/clock/follow', sandboxUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ follower: this.follower, settled_step: settled, next_due: next?.toISOString() ?? null }),
      signal: this.abort.signal,
    });
    return Turned.parse(await response.json());
  }

  private turn({ now, mode }: z.infer<typeof Turned>): void {
    this.clock.turn(new Date(now), mode);
  }

  private async comeToRest(): Promise<void> {
    this.due.wake();
    await this.ticker.tick();
    const { signal } = this.abort;
    if (!(await this.settling.settle(SETTLE_LIMIT_MS, signal)) && !signal.aborted)
      this.logger.warn('the clock goes on while work is still pending');
  }
}
