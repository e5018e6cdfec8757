import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimited } from './api.errors.js';
import { TokenBuckets } from './token-buckets.js';
import type { BucketSize } from './token-buckets.js';

/** Generous: they stop a loop gone wild, not a busy caller. An address may hold several keys. */
export const rateLimits = {
  address: { perSecond: 200, burst: 400 },
  apiKey: { perSecond: 100, burst: 200 },
} as const satisfies Record<string, BucketSize>;

/**
 * Counts what an address sends to /v1, with whatever key. Stripe's webhooks are not limited: thousands of events a second
 * may come from one address, and each is worth its row.
 */
@Injectable()
export class AddressLimitGuard implements CanActivate {
  private readonly buckets = new TokenBuckets(rateLimits.address);

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.url.startsWith('/v1/')) limit(this.buckets, request.ip, context, 'address');
    return true;
  }
}

@Injectable()
export class ApiKeyLimitGuard implements CanActivate {
  private readonly buckets = new TokenBuckets(rateLimits.apiKey);

  canActivate(context: ExecutionContext): boolean {
    const { apiKey } = context.switchToHttp().getRequest<FastifyRequest>();
    if (apiKey !== null) limit(this.buckets, apiKey.id, context, 'API key');
    return true;
  }
}

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-05 */
function limit(buckets: TokenBuckets, key: string, context: ExecutionContext, who: string): void {
  const taken = buckets.take(key, performance.now());
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  void reply.headers({
    'RateLimit-Limit': String(taken.limit),
    'RateLimit-Remaining': String(taken.remaining),
    'RateLimit-Reset': String(taken.resetSeconds),
  });
  if (!taken.allowed) throw new RateLimited(`This ${who} sends too many requests.`, taken.retryAfterSeconds);
}
