import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

const PAUSE_MS = 4;

/**
 * Knows when the house has come to rest: rooms register a question "is there anything left to do now?".
 * The sandbox's clock moves on only when all of them say no, and tests drain through it instead of sleeping.
 */
@Injectable()
export class Settling {
  private readonly questions: Array<() => Promise<boolean>> = [];

  /** @param isQuiet true when nothing is pending that is due now (what waits for a retry later does not count). */
  register(isQuiet: () => Promise<boolean>): void {
    this.questions.push(isQuiet);
  }

  /** Resolves to true when everything is quiet in one unbroken round, to false when `limitMs` have passed before. */
  async settle(limitMs = 30_000): Promise<boolean> {
    const deadline = Date.now() + limitMs;
    while (!(await this.isQuiet())) {
      if (Date.now() > deadline) return false;
      await wait(PAUSE_MS);
    }
    return true;
  }

  private async isQuiet(): Promise<boolean> {
    for (const question of this.questions) if (!(await question())) return false;
    return true;
  }
}
