import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Transactions } from '../database/transactions.js';
import type { Failure } from '../errors/failure.js';

/** A claim that was not renewed for so long belonged to a process that died: no single command takes as long. */
const CLAIM_SECONDS = 120;

export interface Claimed {
  customer: string;
  /** A plan group, or a subscription's id. */
  subject: string;
}

export interface Claim {
  /** To be called before each command. @throws Failure when another has taken the claim */
  renew(): Promise<void>;
}

/** When their owners are known to be dead. */
export async function freeSubscriptionClaims(em: EntityManager): Promise<void> {
  await sql`delete from subscription_claims`.execute(em.getKysely());
}

/** Lets one request at a time work on a subject, over calls to Stripe during which no transaction may be open. */
@Injectable()
export class SubscriptionClaims {
  private readonly logger = new Logger(SubscriptionClaims.name);

  constructor(private readonly transactions: Transactions) {}

  /** @param busy what to throw while another is at work */
  async hold<T>(claimed: Claimed, busy: () => Failure, work: (claim: Claim) => Promise<T>): Promise<T> {
    const owner = randomUUID();
    if (!(await this.take(claimed, owner))) throw busy();
    try {
      return await work({
        renew: async () => {
          if (!(await this.renew(claimed, owner))) throw busy();
        },
      });
    } finally {
      await this.release(claimed, owner);
    }
  }

  private async take({ customer, subject }: Claimed, owner: string): Promise<boolean> {
    const { rows } = await sql`
      insert into subscription_claims as held (customer, subject, owner, claimed_at)
      values (${customer}, ${subject}, ${owner}, now())
      on conflict (customer, subject) do update set owner = excluded.owner, claimed_at = now()
        where held.claimed_at < now() - make_interval(secs => ${CLAIM_SECONDS})
      returning owner`.execute(this.db());
    return rows.length === 1;
  }

  private async renew({ customer, subject }: Claimed, owner: string): Promise<boolean> {
    const { rows } = await sql`
      update subscription_claims set claimed_at = now()
      where customer = ${customer} and subject = ${subject} and owner = ${owner} returning owner`.execute(this.db());
    return rows.length === 1;
  }

  private async release({ customer, subject }: Claimed, owner: string): Promise<void> {
    try {
      await sql`
        delete from subscription_claims where customer = ${customer} and subject = ${subject} and owner = ${owner}`.execute(
        this.db(),
      );
    } catch (error) {
      // What was done is done, and its answer is true; the claim runs out by itself.
      this.logger.warn(error);
    }
  }

  private db() {
    return this.transactions.reader().getKysely();
  }
}
