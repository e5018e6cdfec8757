import type Stripe from 'stripe';

/** The body of an error as Stripe sends it: https://docs.stripe.com/api/errors */
export interface ErrorBody {
  type:
    | 'api_error'
    | 'authentication_error'
    | 'card_error'
    | 'idempotency_error'
    | 'invalid_request_error'
    | 'rate_limit_error';
  message: string;
  code?: string;
  param?: string;
  decline_code?: string;
  advice_code?: string;
  network_decline_code?: string;
  charge?: string;
  payment_intent?: Stripe.PaymentIntent;
  payment_method?: Stripe.PaymentMethod;
  setup_intent?: Stripe.SetupIntent;
}

/** A refused request. What it changed is rolled back, but for the failures that Stripe keeps (`KeptError`). */
export class StripeError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message);
  }
}

/**
 * A failure that leaves its traces: a declined confirmation is answered with 402, and the payment intent with its
 * error, the failed charge and their events stay. https://docs.stripe.com/declines
 */
export class KeptError extends StripeError {}

/** Refused before anything ran; not remembered under its idempotency key: https://docs.stripe.com/api/idempotent_requests */
export class ParameterError extends StripeError {
  constructor(message: string, param: string, code?: string) {
    super(400, { type: 'invalid_request_error', message, param, ...(code === undefined ? {} : { code }) });
  }
}

/** What an error of any make says; those of Node itself need not be instances of this realm's Error. */
export function faultOf(error: unknown): { message: string; code: string | undefined; stack: string } {
  if (typeof error !== 'object' || error === null)
    return { message: String(error), code: undefined, stack: String(error) };
  const message = 'message' in error ? String(error.message) : 'unknown error';
  return {
    message,
    code: 'code' in error ? String(error.code) : undefined,
    stack: 'stack' in error ? String(error.stack) : message,
  };
}

export function invalid(message: string, more: { code?: string; param?: string } = {}): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', message, ...more });
}

/** https://docs.stripe.com/error-codes#account-invalid */
export function noAccess(account: string): StripeError {
  return new StripeError(403, {
    type: 'invalid_request_error',
    code: 'account_invalid',
    message: `The provided key does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.`,
  });
}

/** The object that the path names does not exist: 404; one that a parameter names: 400. */
export function missing(what: string, id: string, param?: string): StripeError {
  const body: ErrorBody = {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${what}: '${id}'`,
    param: param ?? 'id',
  };
  return new StripeError(param === undefined ? 404 : 400, body);
}
