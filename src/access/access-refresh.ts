import { Injectable, Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { Transactions } from '../database/transactions.js';
import { AccessDerivation } from './access-derivation.js';

const CUSTOMERS_AT_ONCE = 200;

/**
 * Derives everybody's access anew after the catalogue or a policy was changed, behind the running house: until a row's turn
 * comes, answers are derived as they are asked for. What a stop interrupts, the next start goes on with.
 */
@Injectable()
export class AccessRefresh {
  private readonly logger = new Logger(AccessRefresh.name);
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly transactions: Transactions,
    private readonly derivation: AccessDerivation,
  ) {}

  /** Once jobs and listeners are routed, because it publishes events. */
  start(): void {
    this.stopped = false;
    this.running = this.run().catch((error: unknown) => this.logger.error(error));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    let done = 0;
    let found = CUSTOMERS_AT_ONCE;
    while (!this.stopped && found === CUSTOMERS_AT_ONCE) {
      found = await this.refreshSome();
      done += found;
    }
    if (done > 0) this.logger.log({ msg: 'access derived anew by the changed catalogue or policies', customers: done });
  }

  private refreshSome(): Promise<number> {
    const { basis } = this.derivation;
    return this.transactions.run(async (em) => {
      // `<>` would not use the index.
      const { rows } = await sql<{ customer: string }>`
        select customer from access where basis < ${basis} or basis > ${basis} limit ${CUSTOMERS_AT_ONCE}`.execute(
        em.getKysely(),
      );
      await this.derivation.recompute(em, new Map(rows.map(({ customer }) => [customer, null])));
      return rows.length;
    });
  }
}
