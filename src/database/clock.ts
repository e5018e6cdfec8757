import { Injectable } from '@nestjs/common';

/**
 * Business time: periods, trials, grace, dunning steps. It is real time, unless the sandbox's clock is followed
 * (`stripe/sandbox-clock.ts` turns it). Machine time (leases, retry backoff, signatures' tolerance) never comes from here.
 */
@Injectable()
export class Clock {
  private offsetMs = 0;
  private frozenAt: number | null = null;

  now(): Date {
    return new Date(this.frozenAt ?? Date.now() + this.offsetMs);
  }

  turn(to: Date, mode: 'ticking' | 'frozen'): void {
    this.frozenAt = mode === 'frozen' ? to.getTime() : null;
    this.offsetMs = to.getTime() - Date.now();
  }
}
