import { LRUCache } from 'lru-cache';

export interface BucketSize {
  /** Tokens that come back each second. */
  perSecond: number;
  /** Tokens of a full bucket: what may come at once. */
  burst: number;
}

export interface Taken {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Until the bucket is full again. */
  resetSeconds: number;
  /** Until the next token; 0 when allowed. */
  retryAfterSeconds: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** One token bucket per key, in this process: with n replicas a caller may have up to n times as much. */
export class TokenBuckets {
  private readonly buckets = new LRUCache<string, Bucket>({ max: 50_000 });

  constructor(private readonly size: BucketSize) {}

  /** @param nowMs of a clock that only goes forward */
  take(key: string, nowMs: number): Taken {
    const { perSecond, burst } = this.size;
    const before = this.buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    const refilled = Math.min(burst, before.tokens + ((nowMs - before.atMs) / 1000) * perSecond);
    const allowed = refilled >= 1;
    const tokens = allowed ? refilled - 1 : refilled;
    this.buckets.set(key, { tokens, atMs: nowMs });
    return {
      allowed,
      limit: burst,
      remaining: Math.floor(tokens),
      resetSeconds: Math.ceil((burst - tokens) / perSecond),
      retryAfterSeconds: allowed ? 0 : Math.ceil((1 - tokens) / perSecond),
    };
  }
}
