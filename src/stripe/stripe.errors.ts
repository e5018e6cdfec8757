import Stripe from 'stripe';
import { Failure } from '../errors/failure.js';
import { adviceFor } from './declines.js';

/** The card (or another method) was refused. https://docs.stripe.com/declines */
export class CardDeclined extends Failure {
  readonly code = 'card_declined';
  readonly status = 402;
  override readonly retryable: boolean;
  override readonly extensions: Record<string, unknown>;

  /** @param error Stripe's error, or a payment intent's `last_payment_error` with its intent. */
  constructor(error: { code?: string; decline_code?: string; payment_intent?: { id: string } }) {
    const { message, advice, retryable, decline_code } = adviceFor(error.code ?? null, error.decline_code ?? null);
    super(message, { cause: error });
    this.retryable = retryable;
    this.extensions = { decline_code, advice, retryable, payment: error.payment_intent?.id ?? null };
  }
}

/** The bank wants the customer present (3-D Secure). https://docs.stripe.com/error-codes#authentication-required */
export class AuthenticationRequired extends Failure {
  readonly code = 'authentication_required';
  readonly status = 402;
  override readonly extensions: Record<string, unknown>;

  constructor(error: Stripe.errors.StripeError) {
    super('The bank asks the customer to confirm this payment.', { cause: error });
    const intent = error.payment_intent;
    this.extensions = {
      advice: 'authenticate',
      payment: intent?.id ?? null,
      client_secret: intent?.client_secret ?? null,
    };
  }
}

/** Stripe asks us to slow down, also after retries; one of them may have been carried out. https://docs.stripe.com/rate-limits */
export class StripeRateLimited extends Failure {
  readonly code = 'stripe_rate_limited';
  readonly status = 503;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 5;
  constructor(error: unknown) {
    super(
      'Stripe is limiting our requests. Repeat the request with the same Idempotency-Key: it will not be done twice.',
      { cause: error },
    );
  }
}

/** No answer, or a 5xx: whether Stripe acted is not known, so the operation stays open and is repeated with its key. */
export class StripeUnavailable extends Failure {
  readonly code = 'stripe_unavailable';
  readonly status = 503;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 10;
  constructor(error: unknown) {
    super('Stripe does not answer. Repeat the request with the same Idempotency-Key: it will not be done twice.', {
      cause: error,
    });
  }
}

/** Stripe is still busy with another request on the same object or key. */
export class StripeBusy extends Failure {
  readonly code = 'stripe_busy';
  readonly status = 409;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 2;
  constructor(error: unknown) {
    super(
      'Stripe is still changing the same object. Repeat the request with the same Idempotency-Key: it will not be done twice.',
      { cause: error },
    );
  }
}

/** Stripe does not know the object. */
export class StripeObjectMissing extends Failure {
  readonly code = 'stripe_object_missing';
  readonly status = 404;
  constructor(
    readonly param: string | null,
    error: Stripe.errors.StripeError,
  ) {
    super(error.message, { cause: error });
  }
}

/** Stripe refused the request as wrong: its words name the parameter. */
export class StripeInvalidRequest extends Failure {
  readonly code = 'stripe_invalid_request';
  readonly status = 422;
  override readonly extensions: Record<string, unknown>;
  constructor(error: Stripe.errors.StripeError) {
    super(error.message, { cause: error });
    this.extensions = { stripe_code: error.code ?? null, param: error.param ?? null };
  }
}

/** Our key is wrong, revoked, or lacks a permission: an operator's matter. */
export class StripeRefusesKey extends Failure {
  readonly code = 'stripe_refuses_key';
  readonly status = 500;
  constructor(error: unknown) {
    super('Stripe refuses our API key: check STRIPE_SECRET_KEY and its permissions.', { cause: error });
  }
}

/** A live answer in a test deployment, or the reverse. */
export class StripeModeMismatch extends Failure {
  readonly code = 'stripe_mode_mismatch';
  readonly status = 500;
  constructor(expected: 'test' | 'live') {
    super(`Stripe answered with an object of the other mode; this deployment is configured for ${expected} mode.`);
  }
}

/** Everything that the SDK throws, as one of ours. https://docs.stripe.com/error-handling */
export function failureOf(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  if (error.code === 'authentication_required' || error.code === 'subscription_payment_intent_requires_action') {
    return new AuthenticationRequired(error);
  }
  if (error instanceof Stripe.errors.StripeCardError) return new CardDeclined(error);
  // A lock timeout comes with the status of a rate limit. https://docs.stripe.com/rate-limits#object-lock-timeouts
  if (error.statusCode === 409 || error.code === 'lock_timeout' || error.code === 'idempotency_key_in_use')
    return new StripeBusy(error);
  if (error instanceof Stripe.errors.StripeRateLimitError) return new StripeRateLimited(error);
  if (
    error instanceof Stripe.errors.StripeAuthenticationError ||
    error instanceof Stripe.errors.StripePermissionError
  ) {
    return new StripeRefusesKey(error);
  }
  if (error.code === 'resource_missing') return new StripeObjectMissing(error.param ?? null, error);
  if (error.statusCode !== undefined && error.statusCode < 500) return new StripeInvalidRequest(error);
  return new StripeUnavailable(error);
}

/** True when Stripe certainly did nothing: the operation is over. */
export function isRefusal(failure: unknown): failure is Failure {
  return (
    failure instanceof Failure &&
    !(failure instanceof StripeUnavailable || failure instanceof StripeRateLimited || failure instanceof StripeBusy)
  );
}
