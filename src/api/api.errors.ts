import { Failure } from '../errors/failure.js';

export class Unauthenticated extends Failure {
  readonly code = 'unauthenticated';
  readonly status = 401;
}

export class InsufficientScope extends Failure {
  readonly code = 'insufficient_scope';
  readonly status = 403;
  override readonly extensions: { required_scope: string };
  constructor(scope: string) {
    super(`This API key may not do that: it lacks the scope '${scope}'.`);
    this.extensions = { required_scope: scope };
  }
}

/** More requests, or attempts, than are allowed in a stretch of time. */
export class RateLimited extends Failure {
  readonly code = 'rate_limited';
  readonly status = 429;
  override readonly retryable = true;
  override readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class IdempotencyKeyReused extends Failure {
  readonly code = 'idempotency_key_reused';
  readonly status = 422;
  constructor() {
    super('This Idempotency-Key was used for another request. Use a new key, or send the first request unchanged.');
  }
}

export class IdempotencyKeyInUse extends Failure {
  readonly code = 'idempotency_key_in_use';
  readonly status = 409;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 1;
  constructor() {
    super('The first request with this Idempotency-Key is still being worked on. Send it again in a moment.');
  }
}

export class NotReady extends Failure {
  readonly code = 'not_ready';
  readonly status = 503;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 1;
  constructor(override readonly extensions: { checks: Record<string, string> }) {
    super('Not everything this process needs is working; `checks` says what.');
  }
}

/** PostgreSQL cannot be reached, or is starting or stopping. */
export class DatabaseUnavailable extends Failure {
  readonly code = 'database_unavailable';
  readonly status = 503;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 2;
  constructor(options: ErrorOptions) {
    super('The database cannot be reached at the moment. Nothing was changed; send the request again.', options);
  }
}
