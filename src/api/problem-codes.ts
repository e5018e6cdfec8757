export interface ProblemCode {
  status: number;
  /** The same for every problem of this code (RFC 9457, 3.1.3). */
  title: string;
  /** What it means and what to do, for the page `/docs/errors`. */
  meaning: string;
  retryable?: boolean;
}

/** Every code that can be answered; a test compares it with the failures of the whole tree. */
export const problemCodes: Record<string, ProblemCode> = {
  bad_request: {
    status: 400,
    title: 'The request is not valid HTTP or not valid here',
    meaning: 'Something about the request itself is wrong; `detail` says what.',
  },
  malformed_json: {
    status: 400,
    title: 'The body is not JSON',
    meaning: 'The body could not be read as JSON. Check quotes, commas and the encoding (UTF-8).',
  },
  signature_invalid: {
    status: 400,
    title: 'The signature is not Stripe’s',
    meaning:
      'The webhook is missing its signature, or the signature is wrong or too old. Nothing was stored. Check STRIPE_WEBHOOK_SECRET.',
  },
  unauthenticated: {
    status: 401,
    title: 'No valid API key',
    meaning:
      'Send a key as `Authorization: Bearer gs_…`, or as the user name of Basic authentication. The key may be missing, mistyped, revoked or expired; `detail` says which, as far as that may be told.',
  },
  card_declined: {
    status: 402,
    title: 'The payment method was declined',
    meaning:
      '`decline_code` is Stripe’s, `detail` may be shown to the customer, `advice` says what to do next. `retryable` says whether the same payment method may work later.',
  },
  authentication_required: {
    status: 402,
    title: 'The customer has to confirm the payment',
    meaning: 'The bank asks for the customer (3-D Secure). Let them confirm in the browser, then go on.',
  },
  insufficient_scope: {
    status: 403,
    title: 'The API key may not do this',
    meaning:
      'GET needs the scope `read`, everything else `write`. Use another key; `required_scope` says which scope it needs.',
  },
  forbidden: {
    status: 403,
    title: 'This is not allowed',
    meaning: 'The request was understood and is refused; `detail` says why.',
  },
  not_found: {
    status: 404,
    title: 'No such object',
    meaning: 'There is no object with this id, or it was deleted. Ids of test and live mode are not interchangeable.',
  },
  customer_not_found: {
    status: 404,
    title: 'No such customer',
    meaning: 'Neither a Stripe id (`cus_…`) nor an `external_id` of a customer that is known here.',
  },
  feature_not_found: {
    status: 404,
    title: 'No such feature',
    meaning: 'No plan of the catalogue speaks of this feature; `detail` lists those there are.',
  },
  stripe_object_missing: {
    status: 404,
    title: 'Stripe does not know this object',
    meaning: 'The id is wrong, was deleted, or belongs to another Stripe account or to the other mode.',
  },
  route_not_found: {
    status: 404,
    title: 'No such path',
    meaning: 'No endpoint has this method and path. `/docs` lists all of them.',
  },
  request_timeout: {
    status: 408,
    title: 'The request came too slowly',
    meaning: 'Headers and body have to arrive within 10 seconds.',
    retryable: true,
  },
  idempotency_key_in_use: {
    status: 409,
    title: 'The first request with this Idempotency-Key is under way',
    meaning: 'Wait as long as `Retry-After` says and send the same request again: it gets the first one’s answer.',
  },
  change_in_progress: {
    status: 409,
    title: 'The subscription is being changed already',
    meaning:
      'Of several changes at once one is made. Look at what the subscription has become before you change it again.',
    retryable: true,
  },
  operation_in_progress: {
    status: 409,
    title: 'The same thing is being done already',
    meaning: 'Another request is at it, or was and its outcome is not known yet. Send this one again in a moment.',
    retryable: true,
  },
  payment_not_refundable: {
    status: 409,
    title: 'There is nothing to refund',
    meaning: 'Nothing was received for this payment.',
  },
  payment_unexpected_state: {
    status: 409,
    title: 'The payment’s state does not allow this',
    meaning: 'For instance, a payment that has succeeded cannot be canceled: refund it.',
  },
  reconciliation_running: {
    status: 409,
    title: 'A reconciliation of this kind is running',
    meaning: 'There is one at a time of each kind. `reconciliation` names it: look at it, or wait until it has ended.',
    retryable: true,
  },
  stripe_busy: {
    status: 409,
    title: 'Stripe is working on the same object',
    meaning: 'Another request changes it at this moment. Send this one again after `Retry-After`.',
    retryable: true,
  },
  subscription_ended: {
    status: 409,
    title: 'The subscription has ended',
    meaning: 'An ended subscription does not come back. Create a new one.',
  },
  subscription_exists: {
    status: 409,
    title: 'The customer has such a subscription',
    meaning: 'A customer has one live subscription per group of plans. Change that one, or cancel it first.',
  },
  subscription_not_ready: {
    status: 409,
    title: 'The subscription’s state does not allow this',
    meaning: '`detail` says which state it is in.',
  },
  webhook_endpoint_disabled: {
    status: 409,
    title: 'The webhook endpoint is disabled',
    meaning: 'Nothing is sent to it until it is enabled again.',
  },
  dead_letter_unroutable: {
    status: 409,
    title: 'Nobody would take up this dead letter',
    meaning:
      'The job or listener that failed has since been removed or renamed. Delete the dead letter, or do by hand what it tells.',
  },
  customer_deleted: {
    status: 410,
    title: 'The customer was deleted',
    meaning: 'Stripe deletes customers for good. Create a new one.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    meaning: 'Bodies may have 256 KB, those below /webhooks 1.5 MB.',
  },
  url_too_long: {
    status: 414,
    title: 'A part of the path is too long',
    meaning: 'An id in the path has more characters than any id has.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body has a type that is not taken',
    meaning: 'Send JSON, with `Content-Type: application/json`.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key belongs to another request',
    meaning:
      'Method, path or body differ from those of the first request with this key. Use a new key for a new request.',
  },
  invalid_input: {
    status: 422,
    title: 'The input is not valid',
    meaning:
      '`errors` names each fault: `pointer` is the JSON pointer of a field of the body, or the name of a parameter. Unknown fields are faults too.',
  },
  payment_method_required: {
    status: 422,
    title: 'There is no payment method',
    meaning: 'Give `payment_method`, or attach one to the customer first.',
  },
  refund_exceeds_payment: {
    status: 422,
    title: 'The refund is larger than what is left',
    meaning: '`left`, in the minor unit of `currency`, is what can still be refunded.',
  },
  stripe_invalid_request: {
    status: 422,
    title: 'Stripe refused the request',
    meaning: 'Stripe’s words stand in `detail`; `errors` names the parameter when Stripe does.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    meaning: 'Wait as long as `Retry-After` says. `RateLimit-Remaining` tells beforehand how many requests are left.',
    retryable: true,
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    meaning: 'All headers together may have 16 KB.',
  },
  internal_error: {
    status: 500,
    title: 'Something failed that should not',
    meaning: 'It is logged under the `request_id`. The same request, with the same Idempotency-Key, may be sent again.',
    retryable: true,
  },
  stripe_refuses_key: {
    status: 500,
    title: 'Stripe refuses our API key',
    meaning: 'A matter for the operator: STRIPE_SECRET_KEY is wrong, revoked, or lacks a permission.',
  },
  stripe_mode_mismatch: {
    status: 500,
    title: 'Stripe answered in the other mode',
    meaning: 'A matter for the operator: STRIPE_SECRET_KEY and STRIPE_MODE do not belong together (test, live).',
  },
  database_unavailable: {
    status: 503,
    title: 'The database cannot be reached',
    meaning: 'Nothing was changed. Send the request again after `Retry-After`.',
  },
  catalog_not_applied: {
    status: 503,
    title: 'The catalogue is ahead of Stripe',
    meaning: 'A matter for the operator: run `npm run catalog -- apply`.',
  },
  inbox_unavailable: {
    status: 503,
    title: 'The event could not be stored',
    meaning: 'It was not acknowledged, so Stripe sends it again.',
    retryable: true,
  },
  object_restless: {
    status: 503,
    title: 'The object does not come to rest',
    meaning: 'It changed at Stripe each time it was read. Send the request again in a moment.',
    retryable: true,
  },
  stripe_rate_limited: {
    status: 503,
    title: 'Stripe is limiting our requests',
    meaning: 'Send the request again after `Retry-After`, with the same Idempotency-Key: it is not done twice.',
    retryable: true,
  },
  stripe_unavailable: {
    status: 503,
    title: 'Stripe does not answer',
    meaning:
      'Whether it acted is not known. Send the request again with the same Idempotency-Key: it is not done twice.',
    retryable: true,
  },
  not_ready: {
    status: 503,
    title: 'Not ready',
    meaning: 'Answered by `/health/ready` alone: `checks` names what is not working.',
  },
};
