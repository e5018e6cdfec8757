import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { sql } from 'kysely';
import { Clock } from '../database/clock.js';
import { Settling } from '../database/settling.js';
import { DEAD_LETTERS } from './boss.js';

/** The house is busy while a job runs or could be started now, and while something is due. */
@Injectable()
export class JobsQuiet implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly settling: Settling,
  ) {}

  onModuleInit(): void {
    this.settling.register(
      () => sql<boolean>`exists (
        select from pgboss.job where name <> ${DEAD_LETTERS}
          and (state = 'active' or (state in ('created', 'retry') and start_after <= now()))
      )`,
    );
    this.settling.register(() => sql<boolean>`exists (select from due where due_at <= ${this.clock.now()})`);
  }
}
