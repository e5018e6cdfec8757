import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** So many that one commit has answered: they come faster than they are answered. */
const CROWD = 4;
const CROWD_GONE_MS = 20;
/** Longer than projecting a batch takes. */
const BACKLOG_GONE_MS = 2000;
const LONGEST_MS = 10_000;
const LOOK_MS = 20;

/**
 * What a process does shares one thread, so it goes by turns: whoever waits for an answer first, then the projection of what
 * has come, then the listeners of what follows from it. Each is done sooner, and all is done as soon. Nobody waits longer than
 * ten seconds, lest a rush that never ends keeps the others away for ever.
 */
@Injectable()
export class Pace {
  private readonly crowd = new Rush(CROWD_GONE_MS);
  private readonly backlog = new Rush(BACKLOG_GONE_MS);

  /** @param count of those that were answered together. @param now monotonic, in milliseconds */
  answered(count: number, now = performance.now()): void {
    if (count >= CROWD) this.crowd.goesOn(now);
  }

  /** @param full there is more to project */
  projected(full: boolean, now = performance.now()): void {
    if (full) this.backlog.goesOn(now);
    else this.backlog.end();
  }

  projectionWaits(now = performance.now()): boolean {
    return this.crowd.isOn(now);
  }

  listenersWait(now = performance.now()): boolean {
    return this.crowd.isOn(now) || this.backlog.isOn(now);
  }

  /** Resolves when it is the projection's turn. */
  async untilProjection(): Promise<void> {
    while (this.projectionWaits()) await wait(LOOK_MS);
  }

  /** Resolves when it is the listeners' turn. */
  async untilListeners(): Promise<void> {
    while (this.listenersWait()) await wait(LOOK_MS);
  }
}

class Rush {
  private since = -Infinity;
  private last = -Infinity;

  constructor(private readonly goneAfterMs: number) {}

  goesOn(now: number): void {
    if (now - this.last > this.goneAfterMs) this.since = now;
    this.last = now;
  }

  end(): void {
    this.last = -Infinity;
  }

  isOn(now: number): boolean {
    return now - this.last <= this.goneAfterMs && now - this.since < LONGEST_MS;
  }
}
