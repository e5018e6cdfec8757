import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { z } from 'zod';
import type { ListQuery } from '../api/list.js';
import { InvalidInput, NotFound } from '../errors/failure.js';
import { Boss, DEAD_LETTERS } from './boss.js';
import { DeadLetterUnroutable } from './jobs.errors.js';

/** A job that was given up: after its last attempt, or because it said that it can never succeed. */
export interface DeadLetter {
  id: string;
  /** Where it failed and goes again: a job's name (`email.send`), or a listener's (`on.outbound_webhooks`). */
  queue: string;
  data: Record<string, unknown>;
  /** As the last attempt told it. */
  error: string | null;
  attempts: number;
  enqueued_at: Date;
  created_at: Date;
}

/** As many as move in one transaction. */
export const SLICE = 1000;

/** The jobs that nobody tries again unless told to. They are pg-boss's own rows, kept for 90 days. */
@Injectable()
export class DeadLetters {
  constructor(private readonly boss: Boss) {}

  /**
   * Youngest first, one more than asked for.
   * @throws InvalidInput for a cursor that is no dead letter, or two cursors at once
   */
  async list(em: EntityManager, { limit, starting_after, ending_before }: ListQuery, queue?: string) {
    if (starting_after !== undefined && ending_before !== undefined)
      throw new InvalidInput([{ pointer: 'ending_before', detail: 'Give starting_after or ending_before, not both.' }]);
    const ofQueue = queue === undefined ? sql`true` : sql`source_name = ${queue}`;
    if (ending_before !== undefined) {
      const beyond = sql`(created_on, id) > ${await placeOf(em, 'ending_before', ending_before)}`;
      const rows = await read(em, sql`where ${ofQueue} and ${beyond} order by created_on, id limit ${limit + 1}`);
      return { rows, backwards: true };
    }
    const beyond =
      starting_after === undefined
        ? sql`true`
        : sql`(created_on, id) < ${await placeOf(em, 'starting_after', starting_after)}`;
    const rows = await read(
      em,
      sql`where ${ofQueue} and ${beyond} order by created_on desc, id desc limit ${limit + 1}`,
    );
    return { rows, backwards: false };
  }

  /** @throws NotFound */
  async find(em: EntityManager, id: string): Promise<DeadLetter> {
    const [found] = await read(em, sql`where id::text = ${id}`);
    if (!found) throw new NotFound('dead letter', id);
    return found;
  }

  async count(em: EntityManager, queue: string): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from pgboss.job where name = ${DEAD_LETTERS} and source_name = ${queue}`.execute(
      em.getKysely(),
    );
    return rows[0]?.count ?? 0;
  }

  /** Puts it back into its queue, with all its attempts before it. @throws NotFound, DeadLetterUnroutable */
  async retry(em: EntityManager, id: string): Promise<DeadLetter> {
    const letter = await this.find(em, id);
    this.refuseUnroutable(letter.queue);
    if ((await this.boss.redrive(em, { ids: [letter.id] })) === 0) throw new NotFound('dead letter', id);
    this.boss.wakeIn(letter.queue, 0);
    return letter;
  }

  /** Does so with the oldest of a queue. @returns how many @throws DeadLetterUnroutable */
  async retryOldest(em: EntityManager, queue: string, limit: number): Promise<number> {
    this.refuseUnroutable(queue);
    const moved = await this.boss.redrive(em, { sourceName: queue, limit });
    this.boss.wakeIn(queue, 0);
    return moved;
  }

  /** @throws NotFound */
  async delete(em: EntityManager, id: string): Promise<void> {
    const letter = await this.find(em, id);
    await sql`delete from pgboss.job where name = ${DEAD_LETTERS} and id = ${letter.id}`.execute(em.getKysely());
  }

  private refuseUnroutable(queue: string): void {
    if (!this.boss.knows(queue)) throw new DeadLetterUnroutable(queue);
  }
}

interface Row extends Omit<DeadLetter, 'error' | 'enqueued_at' | 'created_at'> {
  output: unknown;
  enqueued_at: string;
  created_at: string;
}

async function read(em: EntityManager, rest: RawBuilder<unknown>): Promise<DeadLetter[]> {
  const { rows } = await sql<Row>`
    select id, source_name as queue, data, source_output as output, source_retry_count + 1 as attempts,
      source_created_on::text as enqueued_at, created_on::text as created_at
    from (select * from pgboss.job where name = ${DEAD_LETTERS} and source_name is not null) as letter ${rest}`.execute(
    em.getKysely(),
  );
  return rows.map(({ output, ...row }) => ({
    ...row,
    error: Output.parse(output),
    enqueued_at: new Date(row.enqueued_at),
    created_at: new Date(row.created_at),
  }));
}

async function placeOf(em: EntityManager, pointer: string, id: string): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ created_on: string; id: string }>`
    select created_on::text as created_on, id from pgboss.job where name = ${DEAD_LETTERS} and id::text = ${id}`.execute(
    em.getKysely(),
  );
  const [place] = rows;
  if (!place) throw new InvalidInput([{ pointer, detail: `There is no object '${id}' to continue from.` }]);
  return sql`(${place.created_on}::timestamptz, ${place.id}::uuid)`;
}

/** Our workers leave `{ message }`, pg-boss itself (a heartbeat that stopped) `{ value: { message } }`. */
const Output = z.union([
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ value: z.object({ message: z.string() }) }).transform(({ value }) => value.message),
  z.null(),
  z.unknown().transform((output) => JSON.stringify(output)),
]);
