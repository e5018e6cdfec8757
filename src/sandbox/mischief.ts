import type { Ids } from './ids.js';
import * as p from './params.js';
import type { RateLimitMode } from './rate-limit.js';
import type { PendingDelivery } from './state.js';

/** Faults on demand, for tests and rehearsals; rates go from 0 to 1 and are drawn from the seed. */
export interface DeliveryMischief {
  drop?: number;
  duplicate?: number;
  delay_ms?: number;
  reorder?: boolean;
  /** Events say that they are of this version, whatever the endpoint's is. */
  api_version?: string;
}
export interface RequestMischief {
  /** Answer with this status and do nothing. */
  status?: number;
  /** The code of that answer's error, `lock_timeout` for one. */
  code?: string;
  /** What the answer says in `Stripe-Should-Retry`: https://docs.stripe.com/error-low-level#stripe-should-retry */
  should_retry?: boolean;
  /** Cut the connection and do nothing. */
  cut_before_apply?: boolean;
  /** Do it, then never answer. */
  timeout_after_apply?: boolean;
  /** Do it, then cut the connection. */
  cut_after_apply?: boolean;
  /** Wait so long before doing it. */
  delay_ms?: number;
  /** How many requests it strikes: 1 if not given, without end where a rate is. */
  times?: number;
  /** Which part of them it strikes. */
  rate?: number;
  /** Only requests whose `METHOD /path` contains this. */
  match?: string;
}

const rate = {
  read(value: Parameters<typeof p.decimal.read>[0], name: string): number {
    if (value === 'true') return 1;
    return Math.min(1, Math.max(0, Number(p.decimal.read(value, name))));
  },
};

export const mischiefShape = {
  deliveries: p.hash({ drop: rate, duplicate: rate, delay_ms: p.atLeast(0), reorder: p.flag, api_version: p.text }),
  requests: p.hash({
    status: p.atLeast(400),
    code: p.text,
    should_retry: p.flag,
    cut_before_apply: p.flag,
    timeout_after_apply: p.flag,
    cut_after_apply: p.flag,
    delay_ms: p.atLeast(0),
    times: p.atLeast(1),
    rate,
    match: p.text,
  }),
  rate_limit: p.oneOf('off', 'sandbox', 'live'),
  search_lag_seconds: p.atLeast(0),
};

export class Mischief {
  deliveries: DeliveryMischief = {};
  rateLimit: RateLimitMode = 'off';
  #requests: RequestMischief | undefined;
  #left = 0;

  constructor(readonly ids: Ids) {}

  get requests(): RequestMischief | undefined {
    return this.#requests;
  }

  set requests(planned: RequestMischief | undefined) {
    this.#requests = planned;
    this.#left = planned?.times ?? (planned?.rate === undefined ? 1 : Infinity);
  }

  stop(): void {
    this.deliveries = {};
    this.rateLimit = 'off';
    this.requests = undefined;
  }

  /** What strikes this request, counted. */
  strike(line: string): RequestMischief | undefined {
    const planned = this.#requests;
    if (planned === undefined || this.#left === 0 || !line.includes(planned.match ?? '')) return undefined;
    if (planned.rate !== undefined && this.ids.chance() >= planned.rate) return undefined;
    this.#left -= 1;
    return planned;
  }

  arrange(planned: PendingDelivery[]): { kept: PendingDelivery[]; dropped: PendingDelivery[] } {
    const { drop = 0, duplicate = 0, reorder = false } = this.deliveries;
    const lost = new Set(planned.filter(() => drop > 0 && this.ids.chance() < drop));
    const kept = planned.filter((delivery) => !lost.has(delivery));
    const twice = kept.flatMap((delivery) =>
      duplicate > 0 && this.ids.chance() < duplicate ? [delivery, delivery] : [delivery],
    );
    return { kept: reorder ? twice.toReversed() : twice, dropped: [...lost] };
  }

  deliveryDelay(): number {
    return this.deliveries.delay_ms ?? 0;
  }
}
