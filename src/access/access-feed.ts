import { Injectable } from '@nestjs/common';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { Clock } from '../database/clock.js';
import { PgListener } from '../database/pg-listener.js';
import { AccessCache } from './access-cache.js';
import { ACCESS_CHANNEL } from './access-notices.js';

const PULSE_MS = 1000;

/** Keeps the cache true by PostgreSQL's notifications, and knows since when there have been none. */
@Injectable()
export class AccessFeed implements OnModuleInit, OnModuleDestroy {
  private pulse: NodeJS.Timeout | undefined;
  private last: { at: Date; machineMs: number };

  constructor(
    private readonly listener: PgListener,
    private readonly cache: AccessCache,
    private readonly clock: Clock,
  ) {
    this.last = this.moment();
  }

  async onModuleInit(): Promise<void> {
    this.pulse = setInterval(() => this.silentMs(), PULSE_MS).unref();
    const forget = (payload: string) => payload.split(' ').forEach((customer) => this.cache.forget(customer));
    await this.listener.listen(ACCESS_CHANNEL, forget, () => this.cache.clear());
  }

  onModuleDestroy(): void {
    clearInterval(this.pulse);
  }

  /** How long, in machine time, changes may have gone unheard; 0: everything is heard. */
  silentMs(): number {
    if (!this.listener.connected) return performance.now() - this.last.machineMs;
    this.last = this.moment();
    return 0;
  }

  /** Business time of the last moment at which everything was heard. */
  get heardUntil(): Date {
    return this.last.at;
  }

  private moment() {
    return { at: this.clock.now(), machineMs: performance.now() };
  }
}
