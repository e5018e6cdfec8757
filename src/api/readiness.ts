import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';

const LIMIT_MS = 1000;

/** Resolves when what it checks works, rejects with the reason when not. */
export type ReadinessCheck = () => Promise<unknown>;

export interface ReadinessReport {
  ready: boolean;
  checks: Record<string, 'ok' | 'failed'>;
}

/** What has to work before this process takes requests. Rooms register their own checks. */
@Injectable()
export class Readiness {
  private readonly logger = new Logger(Readiness.name);
  private readonly checks = new Map<string, ReadinessCheck>();

  constructor(transactions: Transactions) {
    this.register('database', () => transactions.reader().getConnection().execute('select 1'));
  }

  register(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** Runs every check; one that takes over a second has failed. Why one failed is logged, not told. */
  async report(): Promise<ReadinessReport> {
    const checks = Object.fromEntries(
      await Promise.all([...this.checks].map(async ([name, check]) => [name, await this.run(name, check)] as const)),
    );
    return { ready: Object.values(checks).every((state) => state === 'ok'), checks };
  }

  private async run(name: string, check: ReadinessCheck): Promise<'ok' | 'failed'> {
    const limit = new AbortController();
    const tooLate = wait(LIMIT_MS, undefined, { signal: limit.signal, ref: false }).then(() => {
      throw new Error(`no answer within ${LIMIT_MS} ms`);
    });
    try {
      await Promise.race([check(), tooLate]);
      return 'ok';
    } catch (error) {
      this.logger.warn(`Not ready: ${name}: ${error instanceof Error ? error.message : String(error)}`);
      return 'failed';
    } finally {
      limit.abort();
      tooLate.catch(() => undefined);
    }
  }
}
