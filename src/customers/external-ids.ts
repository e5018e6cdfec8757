import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { Transactions } from '../database/transactions.js';
import type { WrittenRow } from '../mirror/mirror-registry.js';
import { externalIdOf } from './customer-from-stripe.js';
import type { Customer } from './customer.entity.js';

/** Tells every process which external_id is no longer a customer's. */
export const UNBOUND_CHANNEL = 'external_id_unbound';

/** Longer than any command to Stripe takes with its retries. */
const CLAIM_SECONDS = 90;

/** The right to create the customer of an external_id. `claimed_at` tells it from a later claim. */
export interface ExternalIdClaim {
  external_id: string;
  claimed_at: string;
}

/** Which Stripe customer the SaaS means by its own id. A row without a customer is a claim: somebody is creating it. */
@Injectable()
export class ExternalIds {
  constructor(private readonly transactions: Transactions) {}

  /**
   * Claims the id, committed when it resolves; null while another has it. The claim of a process that died is free again
   * after a while of the database's time, unless its command is on its way: then resuming that command binds the id.
   */
  async claim(external_id: string): Promise<ExternalIdClaim | null> {
    const { rows } = await sql<ExternalIdClaim>`
      insert into external_ids as held (external_id, claimed_at) values (${external_id}, now())
      on conflict (external_id) do update set claimed_at = now()
        where held.customer is null and held.claimed_at < now() - make_interval(secs => ${CLAIM_SECONDS})
          and not ${creationUnderWay(sql`held.external_id`)}
      returning external_id, claimed_at::text`.execute(this.db());
    return rows[0] ?? null;
  }

  /** For a claim of which nothing has come. While its command is on its way the customer may exist: then the claim stays. */
  async release({ external_id, claimed_at }: ExternalIdClaim): Promise<void> {
    await sql`
      delete from external_ids
      where external_id = ${external_id} and customer is null and claimed_at = ${claimed_at}::timestamptz
        and not ${creationUnderWay(sql`${external_id}`)}`.execute(this.db());
  }

  async customerOf(external_id: string): Promise<string | null> {
    const { rows } = await sql<{ customer: string | null }>`
      select customer from external_ids where external_id = ${external_id}`.execute(this.db());
    return rows[0]?.customer ?? null;
  }

  private db() {
    return this.transactions.reader().getKysely();
  }
}

function creationUnderWay(external_id: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`exists (
    select from operations
    where status = 'started' and kind = 'customer.create' and params->'metadata'->>'external_id' = ${external_id}
  )`;
}

/** When their owners are known to be dead. An id whose command is on its way still waits for that. */
export async function freeExternalIds(em: EntityManager): Promise<void> {
  await sql`update external_ids set claimed_at = '-infinity' where customer is null`.execute(em.getKysely());
}

/**
 * Binds the ids that mirrored customers name in their metadata, whoever created them, and lets go of those of deleted ones.
 * The first customer that names an id keeps it, and a customer keeps the first id that it had.
 */
export async function bindExternalIds(em: EntityManager, rows: WrittenRow[]): Promise<void> {
  const customers = rows.filter(({ object }) => object === 'customer');
  await unbind(
    em,
    customers.filter(({ after }) => after === null).map(({ id }) => id),
  );
  const named = customers.flatMap(({ id, after }) => {
    const external_id = after && externalIdOf(after as Pick<Customer, 'id' | 'metadata'>);
    return external_id ? [{ id, external_id }] : [];
  });
  if (named.length === 0) return;
  await sql`
    insert into external_ids as held (external_id, customer, claimed_at)
    select distinct on (external_id) external_id, customer, now()
    from unnest(${named.map(({ external_id }) => external_id)}::text[], ${named.map(({ id }) => id)}::text[]) as named (external_id, customer)
    where not exists (select from external_ids as bound where bound.customer = named.customer)
    order by external_id
    on conflict (external_id) do update set customer = excluded.customer where held.customer is null`.execute(
    em.getKysely(),
  );
}

async function unbind(em: EntityManager, customers: string[]): Promise<void> {
  if (customers.length === 0) return;
  await sql`
    with gone as (delete from external_ids where customer = any(${customers}::text[]) returning external_id)
    select pg_notify(${UNBOUND_CHANNEL}, external_id) from gone`.execute(em.getKysely());
}
