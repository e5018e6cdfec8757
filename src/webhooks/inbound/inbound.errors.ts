import { Failure } from '../../errors/failure.js';

/** The request is not Stripe's, or not fresh: nothing is stored. */
export class SignatureInvalid extends Failure {
  readonly code = 'signature_invalid';
  readonly status = 400;
}

/** The event could not be stored durably, so it is not acknowledged: Stripe sends it again. */
export class InboxUnavailable extends Failure {
  readonly code = 'inbox_unavailable';
  readonly status = 503;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 5;
  constructor(cause: unknown) {
    super('The event could not be stored; send it again.', { cause });
  }
}
