import { AsyncLocalStorage } from 'node:async_hooks';
import type { ApiKeyIdentity } from './api-keys.js';
import type { Claim } from './idempotency-keys.js';

/** What is being worked on; every log line written meanwhile carries it. */
export interface RequestContext {
  request_id?: string;
  api_key_id?: string;
  event_id?: string;
  customer_id?: string;
  /** The same for every repetition of a POST under one Idempotency-Key. */
  operation_scope?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    context: RequestContext;
    apiKey: ApiKeyIdentity | null;
    /** Set while this request holds its Idempotency-Key. */
    claim: Claim | null;
  }
}

const storage = new AsyncLocalStorage<RequestContext>();

export function currentContext(): Readonly<RequestContext> {
  return storage.getStore() ?? {};
}

/** Runs `work` with `context` in place of the current one. */
export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** Runs `work` with further fields, as a job does for its event and customer: `withContext({ event_id }, () => …)`. */
export function withContext<T>(fields: RequestContext, work: () => T): T {
  return storage.run({ ...currentContext(), ...fields }, work);
}

/** Adds to the current request's fields; outside of one it does nothing. */
export function addToContext(fields: RequestContext): void {
  Object.assign(storage.getStore() ?? {}, fields);
}
