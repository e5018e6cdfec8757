import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { sql } from 'kysely';
import { Settling } from '../database/settling.js';
import { Transactions } from '../database/transactions.js';
import { DEAD_LETTERS } from './boss.js';

/** Tells when no job is running or could be started now; what waits for a retry does not count. */
@Injectable()
export class JobsQuiet implements OnModuleInit {
  constructor(
    private readonly settling: Settling,
    private readonly transactions: Transactions,
  ) {}

  onModuleInit(): void {
    this.settling.register(() => this.isQuiet());
  }

  private async isQuiet(): Promise<boolean> {
    const { rows } = await sql<{ busy: boolean }>`
      select exists (
        select from pgboss.job where name <> ${DEAD_LETTERS}
          and (state = 'active' or (state in ('created', 'retry') and start_after <= now()))
      ) as busy`.execute(this.transactions.reader().getKysely());
    return rows[0]?.busy === false;
  }
}
