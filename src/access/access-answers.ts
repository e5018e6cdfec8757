import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Catalog } from '../catalog/catalog.js';
import { CustomerIds } from '../customers/customer-ids.js';
import { Clock } from '../database/clock.js';
import { Transactions } from '../database/transactions.js';
import { Failure } from '../errors/failure.js';
import { AccessCache } from './access-cache.js';
import type { KnownAccess } from './access-cache.js';
import { AccessDerivation } from './access-derivation.js';
import { AccessFeed } from './access-feed.js';
import { AccessRow } from './access.entity.js';
import { fallbackAccess } from './fallback.js';
import { Policies } from './policies.js';

const DATABASE_MS = 2000;

export interface Answer extends KnownAccess {
  /** Business time at which the answer was known to be true. */
  as_of: Date;
  /** True: a change since `as_of` may have gone unheard. */
  stale: boolean;
}

/**
 * What a customer may use, from memory wherever possible. While the database cannot be reached: the last known answer for
 * as long as the policy gives it, then the fallback of each feature.
 */
@Injectable()
export class AccessAnswers {
  private readonly logger = new Logger(AccessAnswers.name);
  private readonly staleLimitMs: number;

  constructor(
    private readonly catalog: Catalog,
    policies: Policies,
    private readonly clock: Clock,
    private readonly transactions: Transactions,
    private readonly customerIds: CustomerIds,
    private readonly derivation: AccessDerivation,
    private readonly cache: AccessCache,
    private readonly feed: AccessFeed,
  ) {
    this.staleLimitMs = policies.answers.stale_for_minutes * 60_000;
  }

  /** @param ref Stripe's id of the customer or the SaaS's own. @throws CustomerNotFound */
  async of(ref: string): Promise<Answer> {
    const known = this.cache.get(ref);
    const silentMs = this.feed.silentMs();
    const remembered = known && silentMs <= this.staleLimitMs ? this.stale(known) : undefined;
    if (known && this.holds(known)) {
      if (silentMs === 0) return this.fresh(known);
      if (remembered) return remembered;
    }
    try {
      return this.fresh(await within(DATABASE_MS, this.load(ref, silentMs === 0)));
    } catch (error) {
      if (error instanceof Failure) throw error;
      this.logger.error({ msg: 'access answered without the database', customer: ref, err: error });
      return remembered ?? this.stale(fallbackAccess(ref, this.catalog.features));
    }
  }

  /** What is read while changes go unheard is not kept: nobody would say when it is out of date. */
  private load(ref: string, keep: boolean): Promise<KnownAccess> {
    const read = () => this.read(this.transactions.reader(), ref);
    return keep ? this.cache.load(ref, read) : read();
  }

  private async read(em: EntityManager, ref: string): Promise<KnownAccess> {
    const customer = await this.customerIds.resolve(em, ref);
    const row = await em.findOne(AccessRow, { customer });
    if (row && row.basis === this.derivation.basis && this.holds(row)) {
      const { entitlements, summary, next_change_at } = row;
      return { customer, entitlements, summary, next_change_at };
    }
    return { customer, ...(await this.derivation.peek(em, customer)) };
  }

  private holds({ next_change_at }: { next_change_at: Date | null }): boolean {
    return next_change_at === null || next_change_at > this.clock.now();
  }

  private fresh(known: KnownAccess): Answer {
    return { ...known, as_of: this.clock.now(), stale: false };
  }

  private stale(known: KnownAccess): Answer {
    return { ...known, as_of: this.feed.heardUntil, stale: true };
  }
}

/** A connection that hangs must not hang its caller. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the database did not answer within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
