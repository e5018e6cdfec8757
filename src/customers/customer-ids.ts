import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { PgListener } from '../database/pg-listener.js';
import { CustomerNotFound } from './customers.errors.js';
import { UNBOUND_CHANNEL } from './external-ids.js';

const REMEMBERED = 50_000;

/** Who is meant by `{customer}` in a request: Stripe's id or the SaaS's own. Remembered, so that a check needs no query. */
@Injectable()
export class CustomerIds implements OnModuleInit {
  private readonly known = new LRUCache<string, string>({ max: REMEMBERED });
  /** How often something was forgotten: what was read before that must not be remembered after it. */
  private forgotten = 0;

  constructor(private readonly listener: PgListener) {}

  /** A binding ends only with its customer. */
  async onModuleInit(): Promise<void> {
    await this.listener.listen(
      UNBOUND_CHANNEL,
      (external_id) => this.forget(() => this.known.delete(external_id)),
      () => this.forget(() => this.known.clear()),
    );
  }

  /** @returns Stripe's id, also of a deleted customer. @throws CustomerNotFound */
  async resolve(em: EntityManager, reference: string): Promise<string> {
    const known = this.known.get(reference);
    if (known !== undefined) return known;
    const { forgotten } = this;
    const id = await find(em, reference);
    if (id === null) throw new CustomerNotFound(reference);
    if (forgotten === this.forgotten) this.known.set(reference, id);
    return id;
  }

  private forget(what: () => void): void {
    this.forgotten++;
    what();
  }
}

/** The external_id of each of these customers that has one. */
export async function externalIdsOf(em: EntityManager, customers: string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ external_id: string; customer: string }>`
    select external_id, customer from external_ids where customer = any(${customers}::text[])`.execute(em.getKysely());
  return new Map(rows.map(({ customer, external_id }) => [customer, external_id]));
}

async function find(em: EntityManager, reference: string): Promise<string | null> {
  const query = reference.startsWith('cus_')
    ? sql<{ id: string }>`select id from customers where id = ${reference}`
    : sql<{
        id: string;
      }>`select customer as id from external_ids where external_id = ${reference} and customer is not null`;
  const { rows } = await query.execute(em.getKysely());
  return rows[0]?.id ?? null;
}
