import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { jobs } from './jobs.js';
import type { JobData, JobName } from './jobs.js';

export const DUE_CHANNEL = 'due_changed';

export interface DueThing<N extends JobName = JobName> {
  job: N;
  /** One due moment per job and key: setting it again moves it. */
  key: string;
  data: JobData<N>;
  /** Business time. */
  at: Date;
}

interface DueTable {
  due: { job: string; key: string; data: string; due_at: Date };
}

/**
 * What falls due in business time is a row, never a job delayed by days: it follows a clock that is turned, and a
 * restart forgets nothing. `DueSweep` turns it into a job when its moment has come.
 */
@Injectable()
export class Due {
  set<N extends JobName>(em: EntityManager, thing: DueThing<N>): Promise<void> {
    return this.setAll(em, [thing]);
  }

  async setAll<N extends JobName>(em: EntityManager, things: Array<DueThing<N>>): Promise<void> {
    if (things.length === 0) return;
    const rows = things.map(({ job, key, data, at }) => ({
      job,
      key,
      data: JSON.stringify(jobs[job].data.parse(data)),
      due_at: at,
    }));
    const db = em.getKysely<DueTable>();
    await db
      .insertInto('due')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['job', 'key'])
          .doUpdateSet((row) => ({ due_at: row.ref('excluded.due_at'), data: row.ref('excluded.data') })),
      )
      .execute();
    await sql`select pg_notify(${DUE_CHANNEL}, '')`.execute(db);
  }

  async clear(em: EntityManager, job: JobName, ...keys: string[]): Promise<void> {
    if (keys.length === 0) return;
    // One text for any number of keys, so that it is prepared once.
    await sql`delete from due where job = ${job} and key = any(${keys}::text[])`.execute(em.getKysely());
  }
}
