import type { FastifyRequest } from 'fastify';
import { KeptError, StripeError } from '../errors.js';
import { decodeForm } from '../form.js';
import type { Core } from '../core.js';
import type { Context } from '../context.js';

/** A field of a posted form, trimmed; empty where it is not there. */
export function field(request: FastifyRequest, name: string): string {
  const value = typeof request.body === 'string' ? decodeForm(request.body).get(name) : undefined;
  return typeof value === 'string' ? value.trim() : '';
}

export function queryOf(request: FastifyRequest, name: string): string {
  return new URLSearchParams(request.url.split('?', 2)[1] ?? '').get(name) ?? '';
}

/**
 * Does what a person asked for, in the time of the object it is about; a refusal is a sentence for them, and what Stripe
 * would keep of it is kept.
 */
export function tried(
  core: Core,
  about: string,
  work: (context: Context) => string | undefined | void,
): string | undefined {
  const inTime = (context: Context) => {
    context.enter([about], true);
    return work(context);
  };
  try {
    return core.transact({ id: null, idempotency_key: null }, inTime) ?? undefined;
  } catch (error) {
    if (error instanceof StripeError || error instanceof KeptError) return error.body.message;
    throw error;
  }
}
