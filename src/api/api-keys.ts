import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { EntityManager } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import type { Env } from '../../config/env.js';
import { ENV } from '../database/env.token.js';
import { newId } from '../database/ids.js';
import { Transactions } from '../database/transactions.js';
import { NotFound } from '../errors/failure.js';
import { ApiKey, SCOPES } from './api-key.entity.js';
import type { Scope } from './api-key.entity.js';
import { hashOf, isMistyped, newApiKey } from './api-key-format.js';
import { Unauthenticated } from './api.errors.js';

export interface ApiKeyIdentity {
  id: string;
  scopes: readonly Scope[];
}

interface CachedKey extends ApiKeyIdentity {
  hash: string;
  expires_at: Date | null;
}

/** How long a revoked key may still be taken. */
const CACHE_MS = 5000;

@Injectable()
export class ApiKeys {
  private readonly logger = new Logger(ApiKeys.name);
  private readonly cache = new LRUCache<string, CachedKey>({
    max: 10_000,
    ttl: CACHE_MS,
    fetchMethod: (hash) => this.find(hash),
  });
  /** Keys given to this process, which need not look like those made here. */
  private readonly given = new Set<string>();

  constructor(
    private readonly transactions: Transactions,
    @Inject(ENV) private readonly env: Env,
  ) {}

  /** The key's owner. @throws Unauthenticated */
  async authenticate(key: string): Promise<ApiKeyIdentity> {
    const hash = hashOf(key);
    if (isMistyped(key) && !this.given.has(hash))
      throw new Unauthenticated('This API key is mistyped: its checksum does not fit.');
    const found = await this.cache.fetch(hash);
    if (found === undefined || !timingSafeEqual(Buffer.from(found.hash), Buffer.from(hash))) {
      throw new Unauthenticated('This API key is unknown or revoked.');
    }
    if (found.expires_at !== null && found.expires_at.getTime() <= Date.now()) {
      throw new Unauthenticated(`This API key expired on ${found.expires_at.toISOString()}.`);
    }
    return found;
  }

  /** @returns the row, and the key itself, which nobody can see again. */
  create(
    em: EntityManager,
    wish: { name: string; scopes: Scope[]; expires_at: Date | null },
  ): { row: ApiKey; key: string } {
    const key = newApiKey(this.env.stripe.mode);
    return { row: em.create(ApiKey, rowFor(key, wish)), key };
  }

  /** Revoking twice is revoking once. @throws NotFound */
  async revoke(em: EntityManager, id: string): Promise<ApiKey> {
    const row = await em.findOne(ApiKey, { id });
    if (row === null) throw new NotFound('API key', id);
    row.revoked_at ??= new Date();
    this.cache.delete(row.hash);
    return row;
  }

  /** A new key with every scope, for the banner of a first start in development. */
  createForDevelopment(): Promise<string> {
    return this.transactions.run(
      async (em) => this.create(em, { name: 'Development', scopes: [...SCOPES], expires_at: null }).key,
    );
  }

  /**
   * Sees to it that BOOTSTRAP_API_KEY exists. It is taken as it is, whatever its checksum. One that was revoked stays so:
   * a leaked key must not come back with a restart.
   */
  async ensureBootstrapKey(env: Env): Promise<void> {
    const key = env.bootstrapApiKey;
    if (key === null) return;
    this.given.add(hashOf(key));
    await this.transactions.run(async (em) => {
      const row = rowFor(key, { name: 'Bootstrap', scopes: [...SCOPES], expires_at: null });
      await em.upsert(ApiKey, row, { onConflictFields: ['hash'], onConflictAction: 'ignore' });
      const { revoked_at } = await em.findOneOrFail(ApiKey, { hash: row.hash }, { refresh: true });
      if (revoked_at !== null) this.logger.warn('BOOTSTRAP_API_KEY was revoked and is not accepted. Set another one.');
    });
  }

  private async find(hash: string): Promise<CachedKey | undefined> {
    const row = await this.transactions.reader().findOne(ApiKey, { hash, revoked_at: null });
    return row === null ? undefined : { id: row.id, scopes: row.scopes, hash: row.hash, expires_at: row.expires_at };
  }
}

function rowFor(key: string, wish: { name: string; scopes: Scope[]; expires_at: Date | null }) {
  return {
    ...wish,
    id: newId('key'),
    hash: hashOf(key),
    prefix: /^gs_(test_|live_)?/.exec(key)?.[0] ?? '',
    last4: key.slice(-4),
    created_at: new Date(),
    last_used_at: null,
    revoked_at: null,
  };
}
