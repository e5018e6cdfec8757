import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor, RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError } from 'rxjs';
import type { Observable } from 'rxjs';
import { uuidFrom } from '../database/ids.js';
import { Failure } from '../errors/failure.js';
import { AnswerSeal } from './answer-seal.js';
import { presentedKey } from './api-key-format.js';
import { fingerprintOf, IdempotencyKeys } from './idempotency-keys.js';
import { RefusedInput } from './validation.pipe.js';

const LONGEST_KEY = 255;

/**
 * Claims the Idempotency-Key of a POST before its handler runs. `configureHttp` settles the claim when the answer's bytes
 * are known.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly keys: IdempotencyKeys) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<RawBodyRequest<FastifyRequest>>();
    const header = request.headers['idempotency-key'];
    const presented = presentedKey(request.headers.authorization);
    if (request.method !== 'POST' || !request.url.startsWith('/v1/')) return next.handle();
    if (header === undefined || request.apiKey === null || presented === null) return next.handle();
    const key = checked(String(header));
    const fingerprint = fingerprintOf(request.method, request.url, request.rawBody?.toString('utf8'));
    const claim = await this.keys.claim({ api_key: request.apiKey.id, key, fingerprint }, new AnswerSeal(presented));
    request.claim = claim;
    request.context.operation_scope = uuidFrom(`${request.apiKey.id} ${key}`);
    return next.handle().pipe(
      catchError((error: unknown) => {
        claim.keep = !asksForAnother(error);
        throw error;
      }),
    );
  }
}

/** Nothing had begun, or it asks for the same request a little later: a kept answer would stand in its way. */
function asksForAnother(error: unknown): boolean {
  if (error instanceof RefusedInput) return true;
  return error instanceof Failure && error.retryable && (error.status === 409 || error.status === 429);
}

function checked(key: string): string {
  if (key.length >= 1 && key.length <= LONGEST_KEY) return key;
  throw new RefusedInput([{ pointer: 'Idempotency-Key', detail: `Has to be 1 to ${LONGEST_KEY} characters long.` }]);
}
