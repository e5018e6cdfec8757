import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import { Failure } from '../errors/failure.js';
import { stripeBudget, stripeSeconds, stripeWaiting, stopwatch } from '../telemetry/metrics.js';
import { PINNED_API_VERSION } from './api-version.js';
import { operations } from './operations.js';
import type { OperationKind, OperationParams, OperationResult } from './operations.js';
import { RateBudget } from './rate-budget.js';
import type { Priority } from './rate-budget.js';
import { failureOf, StripeModeMismatch, StripeRateLimited } from './stripe.errors.js';

const REQUESTS_PER_SECOND = { live: 80, test: 20 };
const TIMEOUT_MS = 20_000;
/** The SDK itself never repeats what Stripe refused for coming too often. */
const RATE_LIMITED_RETRIES = 2;
const RATE_LIMITED_PAUSE_MS = 500;

/** An answer of Stripe's: true at some moment from `as_of` to `as_of_max`, in Stripe's clock and whole seconds. */
export interface Answer<T> {
  object: T;
  as_of: Date;
  as_of_max: Date;
  /** Stripe had answered this command before and repeats that answer, however old it is. https://docs.stripe.com/api/idempotent_requests */
  replayed: boolean;
}

/** The only door to Stripe's API: pinned version, budget, timeouts, retries with backoff, one kind of error. */
@Injectable()
export class StripeApi {
  private readonly stripe: Stripe;
  private readonly budget: RateBudget;
  private readonly livemode: boolean;
  private readonly mode: 'test' | 'live';

  constructor(@Inject(ENV) env: Runtime) {
    this.mode = env.stripe.mode;
    this.livemode = env.stripe.mode === 'live';
    const perSecond = env.stripe.sandboxUrl ? Infinity : REQUESTS_PER_SECOND[this.mode];
    this.budget = new RateBudget(perSecond);
    stripeBudget.set(perSecond);
    this.stripe = new Stripe(env.stripe.secretKey, {
      apiVersion: PINNED_API_VERSION,
      maxNetworkRetries: 2,
      timeout: TIMEOUT_MS,
      telemetry: false,
      appInfo: { name: 'Good Standing' },
      ...(env.stripe.sandboxUrl && hostOf(env.stripe.sandboxUrl)),
    });
  }

  /**
   * Reads from Stripe: `read((stripe) => stripe.customers.retrieve(id))`. Lists come a page at a time.
   * @throws Failure as `stripe.errors.ts` maps it.
   */
  read<T extends object>(request: (stripe: Stripe) => Promise<T>, priority: Priority = 'user'): Promise<Answer<T>> {
    return this.ask(() => request(this.stripe), priority);
  }

  /** Sends a command under its idempotency key. Callers go through `mirror/commands.ts`, which writes it down first. */
  send<K extends OperationKind>(
    kind: K,
    params: OperationParams<K>,
    idempotencyKey: string,
    priority: Priority = 'user',
  ): Promise<Answer<OperationResult<K>>> {
    const call = operations[kind] as (
      stripe: Stripe,
      params: OperationParams<K>,
      options: Stripe.RequestOptions,
    ) => Promise<OperationResult<K>>;
    return this.ask(() => call(this.stripe, params, { idempotencyKey }), priority);
  }

  private async ask<T extends object>(request: () => Promise<T>, priority: Priority): Promise<Answer<T>> {
    for (let retries = 0; ; retries++) {
      stripeWaiting.inc();
      await this.budget.take(priority);
      stripeWaiting.dec();
      try {
        return await this.askOnce(request);
      } catch (error) {
        if (!(error instanceof StripeRateLimited) || retries === RATE_LIMITED_RETRIES) throw error;
        await wait(RATE_LIMITED_PAUSE_MS * 2 ** retries * (1 + Math.random()));
      }
    }
  }

  private async askOnce<T extends object>(request: () => Promise<T>): Promise<Answer<T>> {
    const seconds = stopwatch();
    try {
      const answer = await request();
      if (!isOfMode(answer, this.livemode)) throw new StripeModeMismatch(this.mode);
      stripeSeconds.observe({ outcome: 'ok' }, seconds());
      return { object: asOnTheWire(answer), ...circumstancesOf(answer, seconds() * 1000) };
    } catch (error) {
      const failure = failureOf(error);
      stripeSeconds.observe({ outcome: failure instanceof Failure ? failure.code : 'error' }, seconds());
      throw failure;
    }
  }
}

/** A list says nothing of its own mode, but its objects do. */
function isOfMode(answer: object, livemode: boolean): boolean {
  const objects: object[] = 'data' in answer && Array.isArray(answer.data) ? answer.data : [answer];
  return objects.every((one) => !('livemode' in one) || one.livemode === livemode);
}

/**
 * The package turns decimals into objects of its own; in events, and in what is stored, they are strings. Left as it is, an
 * answer would never equal the event that tells the same.
 */
function asOnTheWire<T extends object>(answer: T): T {
  return JSON.parse(JSON.stringify(answer));
}

/**
 * What changed at Stripe while the answer was on its way must not count as known: an answer is true from the moment before
 * the request. Stripe's own clock is read off the answer's Date header, which has whole seconds.
 */
function circumstancesOf(answer: object, elapsedMs: number): Omit<Answer<object>, 'object'> {
  const headers =
    'lastResponse' in answer ? (answer.lastResponse as { headers?: Record<string, string> }).headers : undefined;
  const date = Date.parse(headers?.['date'] ?? '');
  const answered = Number.isNaN(date) ? Date.now() : date;
  return {
    as_of: wholeSecond(answered - elapsedMs),
    as_of_max: wholeSecond(answered),
    replayed: headers?.['idempotent-replayed'] === 'true',
  };
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

function hostOf(url: string): Pick<Stripe.StripeConfig, 'host' | 'port' | 'protocol'> {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port, protocol: protocol === 'https:' ? 'https' : 'http' };
}
