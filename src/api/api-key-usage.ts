import { Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Transactions } from '../database/transactions.js';
import { ApiKey } from './api-key.entity.js';

const MINUTE_MS = 60_000;

/** Notes when a key was last used: at most once a minute, and never in a request's way. */
@Injectable()
export class ApiKeyUsage implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ApiKeyUsage.name);
  private readonly recent = new LRUCache<string, true>({ max: 10_000, ttl: MINUTE_MS });
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly transactions: Transactions) {}

  note(id: string): void {
    if (this.recent.has(id)) return;
    this.recent.set(id, true);
    const write = this.write(id)
      .catch((error: unknown) => this.logger.warn(error))
      .finally(() => this.writing.delete(write));
    this.writing.add(write);
  }

  /** Resolves when everything noted so far is written. */
  async drain(): Promise<void> {
    await Promise.all(this.writing);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.drain();
  }

  /** Other replicas note the same key: the first of a minute writes. */
  private async write(id: string): Promise<void> {
    const now = new Date();
    const aMinuteAgo = new Date(now.getTime() - MINUTE_MS);
    await this.transactions
      .reader()
      .nativeUpdate(
        ApiKey,
        { id, $or: [{ last_used_at: null }, { last_used_at: { $lt: aMinuteAgo } }] },
        { last_used_at: now },
      );
  }
}
