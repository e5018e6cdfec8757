import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { lockNames } from '../database/named-locks.js';
import type { WrittenRow } from '../mirror/mirror-registry.js';
import { RefundExceedsPayment } from './payments.errors.js';
import type { Payment } from './payment.entity.js';
import type { Refund } from './refund.entity.js';

/** Stripe refuses what is too much as well: a reservation whose request died must not hold its part for ever. */
const LAPSES_AFTER_MINUTES = 10;

/** What counts as given back, also while it is on its way to the bank. */
const COUNTS = sql`not refunds.deleted and coalesce(refunds.status, 'pending') not in ('failed', 'canceled')`;

/**
 * Takes a part of the payment, so that refunds under way at the same time never exceed it together. Until the transaction
 * ends, others that want a part of the same payment wait.
 * @param amount integer, minor units; undefined: all that is left
 * @returns the amount. @throws RefundExceedsPayment
 */
export async function reserve(
  em: EntityManager,
  id: string,
  payment: Payment,
  amount: number | undefined,
): Promise<number> {
  const db = em.getKysely();
  await lockNames(em, [`refund ${payment.id}`]);
  await sql`
    delete from refund_reservations
    where payment = ${payment.id} and created_at < now() - make_interval(mins => ${LAPSES_AFTER_MINUTES})`.execute(db);
  const held = await sql<{ amount: string }>`select amount from refund_reservations where id = ${id}`.execute(db);
  if (held.rows[0]) return Number(held.rows[0].amount);
  const left = payment.amount_received - (await takenOf(em, payment.id));
  const wanted = amount ?? left;
  if (wanted > left || left === 0) throw new RefundExceedsPayment(left, payment.currency);
  await sql`
    insert into refund_reservations (id, payment, customer, amount)
    values (${id}, ${payment.id}, ${payment.customer}, ${wanted})`.execute(db);
  return wanted;
}

export async function release(em: EntityManager, ids: string[]): Promise<void> {
  if (ids.length > 0) await sql`delete from refund_reservations where id = any(${ids}::text[])`.execute(em.getKysely());
}

/** In the transaction that mirrors a refund its reservation goes, so that it is never counted twice, nor not at all. */
export async function releaseFulfilled(em: EntityManager, rows: WrittenRow[]): Promise<void> {
  const refunds = rows.flatMap(({ object, after }) => (object === 'refund' && after ? [after as Refund] : []));
  await release(
    em,
    refunds.flatMap(({ reservation }) => reservation ?? []),
  );
}

/** What was given back of each of these payments: integers in their minor units. */
export async function refundedOf(em: EntityManager, payments: string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ payment_intent: string; amount: string }>`
    select payment_intent, sum(amount) as amount from refunds
    where payment_intent = any(${payments}::text[]) and ${COUNTS} group by payment_intent`.execute(em.getKysely());
  return new Map(rows.map(({ payment_intent, amount }) => [payment_intent, Number(amount)]));
}

/** One statement, hence one moment: a refund that is being mirrored is either still a reservation or already a row. */
async function takenOf(em: EntityManager, payment: string): Promise<number> {
  const { rows } = await sql<{ taken: string }>`
    select (select coalesce(sum(amount), 0) from refunds where payment_intent = ${payment} and ${COUNTS})
         + (select coalesce(sum(amount), 0) from refund_reservations where payment = ${payment}) as taken`.execute(
    em.getKysely(),
  );
  return Number(rows[0]?.taken);
}
