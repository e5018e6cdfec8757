import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { Transactions } from './transactions.js';

/** Work takes a few milliseconds or many: asking more and more seldom costs little of either. */
const PAUSES = { first: 4, growth: 1.4, longest: 25 };

/**
 * Knows when the house has come to rest. Rooms register what would be left to do now, as SQL; all of it is asked in one
 * statement, because work moves from room to room in transactions and one snapshot never misses it on its way.
 * The sandbox's clock moves on only when nothing is left, and tests drain through it instead of sleeping.
 */
@Injectable()
export class Settling {
  private readonly questions: Array<() => RawBuilder<boolean>> = [];

  constructor(private readonly transactions: Transactions) {}

  /** @param isBusy true while something is pending that is due now (what waits for a retry later does not count). */
  register(isBusy: () => RawBuilder<boolean>): void {
    this.questions.push(isBusy);
  }

  /** Resolves to true when everything is quiet, to false when `limitMs` have passed before, or nobody waits any more. */
  async settle(limitMs = 30_000, ended?: AbortSignal): Promise<boolean> {
    const deadline = Date.now() + limitMs;
    for (let pause = PAUSES.first; await this.isBusy(); pause = Math.min(pause * PAUSES.growth, PAUSES.longest)) {
      if (Date.now() > deadline || ended?.aborted) return false;
      await wait(pause);
    }
    return true;
  }

  private async isBusy(): Promise<boolean> {
    if (this.questions.length === 0) return false;
    const busy = sql.join(
      this.questions.map((question) => sql`(${question()})`),
      sql` or `,
    );
    const { rows } = await sql<{ busy: boolean }>`select ${busy} as busy`.execute(
      this.transactions.reader().getKysely(),
    );
    return rows[0]?.busy === true;
  }
}
