import { createHash } from 'node:crypto';
import type { Context } from './context.js';
import type { Core } from './core.js';
import { StripeError } from './errors.js';
import type { RememberedAnswer } from './objects.js';

/** Keys can be removed after 24 hours: https://docs.stripe.com/api/idempotent_requests */
const KEPT_SECONDS = 86_400;

interface Asked {
  method: string;
  path: string;
  form: string;
  requestId: string;
}

/** The answer that this key was given before; another request with the same key is refused. */
export function recall(core: Core, key: string, asked: Asked): RememberedAnswer | undefined {
  if (key.length > 255)
    throw new StripeError(400, {
      type: 'idempotency_error',
      message: 'Idempotency keys can be up to 255 characters long.',
    });
  const known = core.store.get('remembered_answer', key);
  if (known === undefined || known.created < core.clock.seconds() - KEPT_SECONDS) return undefined;
  if (known.fingerprint === fingerprint(asked)) return known;
  throw new StripeError(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

/** Kept with what the request changed, in one transaction. */
export function remember(context: Context, key: string, asked: Asked, status: number, body: string): void {
  for (const { value } of context.store.rows('remembered_answer').slice(0, 10))
    if (value.created < context.wire - KEPT_SECONDS) context.store.remove('remembered_answer', value.id);
  context.store.put('remembered_answer', {
    id: key,
    fingerprint: fingerprint(asked),
    request_id: asked.requestId,
    status,
    body,
    created: context.wire,
  });
}

export function keyInUse(key: string): StripeError {
  return new StripeError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  });
}

/** The order of the fields does not matter. */
function fingerprint({ method, path, form }: Asked): string {
  const fields = form.split('&').toSorted().join('&');
  return createHash('sha256').update(`${method} ${path} ${fields}`).digest('base64url');
}
